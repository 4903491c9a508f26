"""features-linux.md#linuxFeaturesIntelRdt"""

import pytest

from conformance import requirement
from conformance.harness import resctrl as resctrls
from conformance.harness.features import due, in_order, outcome


@requirement("feat.linux.intelRdt")
def test_it_is_the_same_where_nothing_is_seen_of_the_host(features, told_there):
    assert told_there("linux", "intelRdt") == in_order(features.member("linux", "intelRdt"))


def asked(container, members, is_applied) -> str:
    """What comes of members of intelRdt."""
    container.config["linux"]["intelRdt"] = members
    return outcome(container, is_applied, "linger")


def class_of_its_own(resctrl, container) -> str:
    return asked(container, {}, lambda: resctrl.has(container.pid, container.id))


def share_of_a_cache(resctrl, container) -> str:
    wanted = resctrl.cache(1)
    found = resctrls.parsed(wanted)["L3"]

    return asked(container, {"schemata": [wanted]}, lambda: resctrl.settings(container.id)["L3"] == found)


def monitoring_group(resctrl, container) -> str:
    own = (container.id, "mon_groups", container.id)
    return asked(container, {"enableMonitoring": True}, lambda: resctrl.has(container.pid, *own))


@pytest.mark.parametrize(
    ("name", "tried"),
    [
        pytest.param(name, tried, marks=requirement(f"feat.linux.intelRdt.{name}"), id=name)
        for name, tried in {
            "enabled": class_of_its_own,
            "schemata": share_of_a_cache,
            "monitoring": monitoring_group,
        }.items()
    ],
)
def test_it_is_done_or_it_is_an_error_as_it_says(features, resctrl, container, name, tried):
    seen = tried(resctrl, container)

    assert seen == due(features.says("linux", "intelRdt", name))
