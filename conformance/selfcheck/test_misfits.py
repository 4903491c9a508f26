"""The sweep over the contract leaves no member out unawares."""

from collections.abc import Iterator
from typing import Any

from bundles import contracts
from bundles.rules import schema as rules
from conformance.harness import misfits
from conformance.specification.config import test_valid_values as sweep

CONTRACT = contracts.schema("config")
OTHER_PLATFORMS = ("/freebsd", "/process/commandLine", "/process/user/username", "/solaris", "/vm", "/windows", "/zos")


def places(schema: dict[str, Any], place: tuple[str | int, ...] = ()) -> Iterator[str]:
    """Every place that the contract describes, with a star for each index and each name that is data."""
    if "$ref" in schema:
        schema = CONTRACT["definitions"][schema["$ref"].rpartition("/")[2]]
    yield like(place)
    for name, member in schema.get("properties", {}).items():
        yield from places(member, (*place, name))
    if "items" in schema:
        yield from places(schema["items"], (*place, 0))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from places(schema["additionalProperties"], (*place, "any"))


def like(place: tuple[str | int, ...]) -> str:
    """Of members with one definition, the one that is looked into."""
    *rest, last = place or ("",)
    inner = ("uidMappings" if step == "gidMappings" else step for step in rest)
    owner = place[-2] if len(place) > 1 else ""
    return rules.pattern((*inner, "*" if owner in ("sysctl", "annotations") else last)) if place else ""


#: What no sound config of this sweep has, and why.
NAMED = {
    "/mounts/*/uidMappings/*": "one definition, which is looked into at /linux/uidMappings",
    "/linux/timeOffsets/any": "another clock than the two is unknown, and looked at by its own section",
    "/linux/resources/blockIO/leafWeight": "no kernel of today has it",
    "/linux/resources/blockIO/weightDevice": "needs a scheduler of disks that weighs",
    "/linux/resources/unified/any": "text, of any kind",
    "/linux/intelRdt": "needs hardware: looked at by its own section",
    "/linux/seccomp/flags/*": "a host may refuse each: looked at by its own section",
    "/linux/seccomp/syscalls/*/errnoRet": "looked at by its own section, with each action",
    "/linux/personality/flags/*": "none is supported: each is an error",
}


def test_every_member_that_linux_has_is_swept_or_named():
    swept = {like(misfit.place) for _, misfit in sweep.MISFITS}
    known = (*sweep.LATER, *OTHER_PLATFORMS, *NAMED)

    assert [place for place in places(CONTRACT) if place not in swept and not place.startswith(known)] == [
        "",
        "/linux",
        "/linux/namespaces",
    ]


def test_what_is_left_for_later_is_not_there_by_now():
    swept = [misfit.name for _, misfit in sweep.MISFITS if misfit.name.startswith(sweep.LATER)]

    assert swept == []


def test_a_fault_is_put_in_its_place():
    config = {"root": {"path": "rootfs"}, "process": {"args": ["a", "b"]}}

    misfits.Misfit(("process", "args", 0), "number", 7, None).put(config)
    misfits.Misfit(("root", "path"), "missing", misfits.MISSING, None).put(config)

    assert config == {"root": {}, "process": {"args": ["a", 7]}}
