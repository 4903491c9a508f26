"""What `python -m bundles validate` refuses the runtime refuses, and what it accepts the runtime accepts.

One place of a sound config is changed: the member is taken away, or gets a value that fits what the contract says of
it, or any other. What the runtime says it does not do, and what only this host cannot, decides nothing.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bundles import contracts, document, pointer, validate
from bundles.tests.documents import sample
from reference_runtime import errors
from reference_runtime.config_linux import network
from reference_runtime.kernel import resctrl
from reference_runtime.runtime import check

from .conftest import Bundle, needs_root

hypothesis = pytest.importorskip("hypothesis")
strategies = hypothesis.strategies

CONTRACT = contracts.schema("config")
#: What these ask they ask of the config's author; a runtime has nothing to apply there, or only to warn.
OF_THE_AUTHOR = {
    "annot.key.reserved",
    "annot.image.architecture",
    "annot.image.created",
    "annot.image.os",
    "annot.image.os.features",
    "annot.image.os.version",
    "annot.image.stopSignal",
    "annot.image.variant",
    "proc.env.semantics",
}
#: Not looked at before there is a container: the kernel or the file system says so then.
OF_THE_HOST = ("process.apparmorProfile", "process.selinuxLabel", "linux.mountLabel")
TELLING = (
    ["", "/", "a", "/a", "../b", "a b", "\0", "a=b", "0-3", "1-", "0,,1", "c", "uts", "user", "private", "idmap"]
    + ["CAP_KILL", "RLIMIT_CPU", "SCHED_OTHER", "1.2.0", "1.3", "01.2.0", "2.0.0", "1.0.0-rc5", "1.9.0"]
    + ["..", "a\nb", "info", "lo", "pier0", "pier%d", "%", "a:b", "/dev/lamp", "MB:0=1", "4-2", "2048KB"]
    + ["0" * 20, f"7-{'9' * 25}", f"{'9' * 25}-{'9' * 24}"]
)  # fmt: skip
#: Names for what has any: of annotations and files, of clocks and kernel parameters, of devices.
NAMES = ("a", "example.b", "net.c", "net/../vm/d", "boottime", "lo", "a b", "", "..")
EDGES = [edge + step for edge in (-(2**63), -(2**31), 0, 2**31, 2**32, 2**63, 2**64) for step in (-1, 0, 1)]


def supported() -> Any:
    """A sound config with all that the runtime does."""
    config = sample("everything.json")
    for path in OF_THE_HOST:
        *way, last = path.split(".")
        owner = config
        for name in way:
            owner = owner.get(name, {})
        owner.pop(last, None)
    return config


Place = tuple[str | int, ...]


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    for step, child in document.children(value):
        yield (*place, step)
        yield from places(child, (*place, step))


def resolved(schema: Any) -> Any:
    return CONTRACT["definitions"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def said_of(place: Place) -> Any:
    """What the contract says of a place."""
    schema = CONTRACT
    for step in place:
        schema = resolved(schema)
        members = schema.get("properties", {})
        schema = schema["items"] if isinstance(step, int) else members.get(step) or schema["additionalProperties"]
    return resolved(schema)


def fitting(schema: Any) -> Any:
    """Values of the right type and form, which may still break what no schema says."""
    schema = resolved(schema)
    if "enum" in schema:
        return strategies.sampled_from(schema["enum"])
    if schema.get("type") == "object":
        return objects(schema)
    return {
        "string": strategies.from_regex(schema.get("pattern", ""), fullmatch="pattern" in schema)
        | strategies.sampled_from(TELLING),
        "boolean": strategies.booleans(),
        "integer": strategies.integers(schema.get("minimum"), schema.get("maximum")) | strategies.sampled_from(EDGES),
        "array": strategies.lists(strategies.deferred(lambda: fitting(schema["items"])), max_size=3),
    }[schema["type"]]


def objects(schema: Any) -> Any:
    required = set(schema.get("required", []))
    members = {name: strategies.deferred(lambda of=member: fitting(of)) for name, member in members_of(schema)}
    return strategies.fixed_dictionaries(
        {name: members[name] for name in sorted(required & members.keys())},
        optional={name: member for name, member in members.items() if name not in required},
    )


def members_of(schema: Any) -> list[tuple[str, Any]]:
    others = schema.get("additionalProperties")
    named = list(schema.get("properties", {}).items())
    return named or [(name, others) for name in NAMES if others]


SCALARS = (
    strategies.none()
    | strategies.booleans()
    | strategies.sampled_from([*EDGES, 0.5, 1.0, *TELLING])
    | strategies.text(max_size=4)
)
ANYTHING = strategies.recursive(
    SCALARS,
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(max_size=4), inner),
)
GONE = object()


@strategies.composite
def changed(draw: Any) -> Any:
    """A config with one place changed, and the place."""
    config = supported()
    place = draw(strategies.sampled_from(list(places(config))))
    value = draw(fitting(said_of(place)) | fitting(said_of(place)) | strategies.just(GONE) | ANYTHING)
    owner = config
    for step in place[:-1]:
        owner = owner[step]
    if value is GONE:
        del owner[place[-1]]
    else:
        owner[place[-1]] = value
    return config, pointer.join(place)


def refused_by_validate(config: Any) -> list[str]:
    found = [finding for finding in validate.findings(config) if not finding.advice]
    return [str(finding) for finding in found if finding.requirement not in OF_THE_AUTHOR]


def refused_by_the_runtime(config: Any, bundle: Path) -> str | None:
    """Its reason; hypothesis leaves out what it does not support."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            check.check(config, str(bundle))
    except errors.Unsupported:
        hypothesis.reject()
    except errors.Refusal as refusal:
        return str(refusal)
    return None


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has all that is asked for."""
    monkeypatch.setattr(resctrl, "mountpoint", lambda: "/sys/fs/resctrl")
    monkeypatch.setattr(network, "if_nametoindex", len)


@pytest.fixture
def derandomize(pytestconfig: pytest.Config) -> bool:
    """Each time the same configs, but for a seed that is asked for."""
    return pytestconfig.getoption("--hypothesis-seed") is None


@pytest.mark.usefixtures("host")
def test_the_config_that_is_changed_is_sound(tmp_path: Path) -> None:
    (tmp_path / "rootfs").mkdir()

    assert (refused_by_validate(supported()), refused_by_the_runtime(supported(), tmp_path)) == ([], None)


@pytest.mark.usefixtures("host")
def test_both_agree_on_every_config(tmp_path: Path, derandomize: bool) -> None:
    (tmp_path / "rootfs").mkdir()

    @hypothesis.settings(max_examples=400, deadline=None, database=None, derandomize=derandomize)
    @hypothesis.given(changed())
    def agree(case: Any) -> None:
        config, place = case
        if is_elsewhere(config):
            config["root"] = {"path": "rootfs"}
        hypothesis.note(place)
        by_validate = refused_by_validate(config)
        by_the_runtime = refused_by_the_runtime(json.loads(json.dumps(config)), tmp_path)

        assert bool(by_validate) == bool(by_the_runtime), (place, by_validate, by_the_runtime)

    agree()


#: Of the ordinary config, what the host has no say in.
HARMLESS = (
    ("annotations",),
    ("hostname",),
    ("process", "env"),
    ("process", "noNewPrivileges"),
    ("process", "user", "additionalGids"),
    ("process", "user", "uid"),
    ("process", "user", "umask"),
)


@needs_root
def test_a_container_is_made_of_what_is_accepted_and_of_nothing_else(bundle: Bundle, derandomize: bool) -> None:
    ordinary = json.dumps(bundle.config)

    @hypothesis.settings(max_examples=16, deadline=None, database=None, derandomize=derandomize)
    @hypothesis.given(strategies.sampled_from(HARMLESS), strategies.data())
    def agree(place: Any, data: Any) -> None:
        bundle.config = owner = json.loads(ordinary)
        for step in place[:-1]:
            owner = owner[step]
        owner[place[-1]] = value = data.draw(fitting(said_of(place)) | ANYTHING)
        # Longer than the kernel has room for (__NEW_UTS_LEN): that is the host's to say.
        hypothesis.assume(place != ("hostname",) or not isinstance(value, str) or len(value.encode()) <= 64)

        made = bundle.call("create")
        bundle.call("delete", "--force")

        assert (made.returncode != 0) == bool(refused_by_validate(bundle.config)), (owner[place[-1]], made.stderr)

    agree()
    assert bundle.traces() == []


def is_elsewhere(config: Any) -> bool:
    """Whether the root is a directory that only happens not to be on this host."""
    root = config.get("root")
    path = root.get("path") if isinstance(root, dict) else None
    return isinstance(path, str) and path != "" and "\0" not in path
