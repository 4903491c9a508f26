"""config.md#configExtensibility"""

from dataclasses import asdict
from typing import Any

import pytest

from conformance import requirement

#: Members that no release of the specification knows, of every kind that JSON has.
UNKNOWN = {
    "aBook": "novel",
    "aNumber": 7,
    "aTruth": True,
    "aVoid": None,
    "aList": ["x", 1],
    "anObject": {"type": "user", "path": "/nowhere"},
}
#: Where they may stand: a name, and the way to the object.
PLACES: dict[str, tuple[Any, ...]] = {
    "top": (),
    "root": ("root",),
    "mounts[]": ("mounts", 0),
    "process": ("process",),
    "process.user": ("process", "user"),
    "process.capabilities": ("process", "capabilities"),
    "process.rlimits[]": ("process", "rlimits", 0),
    "hooks": ("hooks",),
    "linux": ("linux",),
    "linux.namespaces[]": ("linux", "namespaces", 0),
    "linux.resources": ("linux", "resources"),
    "linux.resources.devices[]": ("linux", "resources", "devices", 0),
}


def with_all_places(config: Any) -> None:
    config["process"]["rlimits"] = [{"type": "RLIMIT_CORE", "soft": 7, "hard": 8}]
    config["hooks"] = {}


def at(config: Any, where: str) -> Any:
    found = config
    for step in PLACES[where]:
        found = found[step]
    return found


@requirement("ext.unknown.no-error")
@pytest.mark.parametrize("where", PLACES)
def test_an_unknown_member_is_no_error(config, container, where):
    with_all_places(config)
    at(config, where).update(UNKNOWN)

    assert container.run().facts.hostname == "ordinary"


@requirement("ext.unknown.ignored")
def test_unknown_members_change_nothing(config, container, another):
    """All that the program sees of itself is as without them, but for what no two containers have in common."""
    with_all_places(config)
    plain = another().run().facts
    for where in PLACES:
        at(config, where).update(UNKNOWN)

    seen = container.run().facts

    assert comparable(seen) == comparable(plain)


def comparable(facts: Any) -> dict[str, Any]:
    own = {"args", "cgroup", "mountinfo", "namespaces", "parent", "pid", "session"}
    mounts = [(entry.mountpoint, entry.type, entry.options) for entry in facts.mounts]
    return {name: fact for name, fact in asdict(facts).items() if name not in own} | {"mounts": mounts}


@requirement("ext.foreign-platform")
@pytest.mark.parametrize(
    "section",
    [
        {"windows": {"layerFolders": ["C:\\layer"], "ignoreFlushesDuringBoot": True}},
        {"solaris": {"milestone": "svc:/milestone/container:default", "maxShmMemory": "512m"}},
        {"zos": {"namespaces": [{"type": "pid"}]}},
        {"freebsd": {"devices": [{"path": "/dev/pf", "mode": 448}], "jail": {"host": "new"}}},
    ],
    ids=lambda section: next(iter(section)),
)
def test_the_section_of_another_platform_disturbs_nothing(config, container, section):
    config |= section

    assert container.run().facts.hostname == "ordinary"
