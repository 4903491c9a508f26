"""features-linux.md#linuxFeaturesIntelRdt"""

from pathlib import Path

import pytest

from conformance import requirement
from conformance.harness import facts, faults
from conformance.harness.features import (
    APPLIED,
    PASSED_OVER,
    REFUSED,
    due,
    in_order,
    is_started,
    told_without_sight,
)

#: What a config asks for → where a group of the container's name has to be, below the file system's top.
ASKED = {
    "enabled": ({}, "{0}"),
    "schemata": ({"schemata": []}, "{0}"),
    "monitoring": ({"enableMonitoring": True}, "{0}/mon_groups/{0}"),
}


@requirement("feat.linux.intelRdt")
def test_it_is_the_same_where_nothing_is_seen_of_the_host(runtime, features, place):
    elsewhere = told_without_sight(runtime, place).get("linux", {}).get("intelRdt")

    assert elsewhere == in_order(features.member("linux", "intelRdt"))


@pytest.fixture
def resctrl(same_kernel) -> Path:
    """Where the file system is mounted."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if (found := facts.mount(line)).type == "resctrl":
            return Path(found.mountpoint)
    raise faults.not_on_this_host("a resctrl file system")


def outcome(container, resctrl, asked, place) -> str:
    if "schemata" in asked:
        asked = {"schemata": (resctrl / "schemata").read_text().split()}
    container.config["linux"]["intelRdt"] = asked
    if not is_started(container, "linger"):
        return REFUSED
    group = resctrl / place.format(container.id)
    return APPLIED if group.exists() and f"{container.pid}" in (group / "tasks").read_text().split() else PASSED_OVER


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=requirement(f"feat.linux.intelRdt.{name}"), id=name) for name in ASKED]
)
def test_a_class_is_entered_or_it_is_an_error_as_it_says(features, container, resctrl, name):
    asked, place = ASKED[name]

    assert outcome(container, resctrl, asked, place) == due(features.says("linux", "intelRdt", name))
