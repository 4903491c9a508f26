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
    if not place:
        return ""
    owners = ("", *place[:-1])
    *rest, last = ("*" if owner in BY_NAME else step for owner, step in zip(owners, place, strict=True))
    return rules.pattern((*("uidMappings" if step == "gidMappings" else step for step in rest), last))


#: Objects whose members have names that are data, beside those that the rules know.
BY_NAME = ("annotations", "sysctl", "timeOffsets", "unified")
#: What no sound config of this sweep has, and why.
NAMED = {
    "/mounts/*/uidMappings/*": "one definition, which is looked into at /linux/uidMappings",
    "/linux/resources/blockIO/leafWeight": "went with Linux 5.0: since then any value is an error",
    "/linux/resources/blockIO/weightDevice": "needs a disk of its own with a scheduler that weighs",
    "/linux/intelRdt/l3CacheSchema": "which value is sound is up to the host's processors",
    "/linux/intelRdt/memBwSchema": "which value is sound is up to the host's processors",
    "/linux/intelRdt/schemata/*": "which value is sound is up to the host's processors",
    "/linux/intelRdt/enableCMT": "went with 1.3.0: the sweep has twins since a release, and none until one",
    "/linux/intelRdt/enableMBM": "went with 1.3.0: the sweep has twins since a release, and none until one",
    "/linux/seccomp/flags/*": "none has to be supported, so that none is sound everywhere",
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


def test_what_is_named_is_in_the_contract_and_is_not_swept():
    swept = {like(misfit.place) for _, misfit in sweep.MISFITS}
    described = set(places(CONTRACT))

    assert [name for name in NAMED if name not in described or any(place.startswith(name) for place in swept)] == []


def test_a_fault_is_put_in_its_place():
    config = {"root": {"path": "rootfs"}, "process": {"args": ["a", "b"]}}

    misfits.Misfit(("process", "args", 0), "number", 7, None).put(config)
    misfits.Misfit(("root", "path"), "missing", misfits.MISSING, None).put(config)

    assert config == {"root": {}, "process": {"args": ["a", 7]}}
