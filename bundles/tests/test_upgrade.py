from typing import Any

import pytest

from bundles import contracts, patch, upgrade, validate

from .documents import sample


@pytest.mark.parametrize("name", ["old-rc2.json", "old-0.3.0.json"])
def test_an_old_config_is_valid_afterwards(name):
    config = sample(name)
    assert validate.findings(config)

    upgrade.upgrade(config)

    assert validate.findings(config) == []


@pytest.mark.parametrize("name", ["old-rc2.json", "old-0.3.0.json", "everything.json"])
def test_a_second_time_changes_nothing(name):
    config = sample(name)
    upgrade.upgrade(config)

    assert upgrade.upgrade(config) == []


def test_a_config_of_today_stays_as_it_is():
    config = sample("everything.json")

    assert upgrade.upgrade(config) == []
    assert config == sample("everything.json")


def test_a_config_of_1_0_gets_a_new_version_only():
    config = contracts.ordinary()

    assert upgrade.upgrade(config) == ["/ociVersion: 1.0.0 became 1.3.0"]
    assert config == contracts.ordinary() | {"ociVersion": "1.3.0"}


def test_every_change_of_rc2_is_made_and_nothing_else():
    config = sample("old-rc2.json")
    sets = ["bounding", "effective", "inheritable", "permitted", "ambient"]

    changes = upgrade.upgrade(config)

    expected: dict[str, Any] = sample("old-rc2.json") | {"ociVersion": "1.3.0"}
    del expected["platform"]
    del expected["process"]["consoleSize"]
    expected["process"]["capabilities"] = {name: ["CAP_KILL", "CAP_CHOWN"] for name in sets}
    expected["process"]["oomScoreAdj"] = 100
    expected["mounts"][0]["destination"] = "/proc"
    del expected["linux"]["devices"]
    expected["linux"]["resources"] = {
        "devices": [{"allow": False, "access": "rwm"}],
        "memory": {"limit": -1, "disableOOMKiller": True},
        "blockIO": {"weight": 50, "throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 7}]},
    }
    expected["linux"]["seccomp"]["syscalls"] = [{"names": ["reboot"], "action": "SCMP_ACT_ERRNO"}]
    assert patch.difference(expected, config) == []
    assert len(changes) == 13


def test_the_process_gets_what_is_its_own():
    config = sample("old-0.3.0.json")

    upgrade.upgrade(config)

    assert config["process"]["selinuxLabel"] == "system_u:system_r:fog_t:s0"
    assert config["process"]["rlimits"] == [{"type": "RLIMIT_CORE", "hard": 0, "soft": 0}]
    assert config["linux"] == {
        "namespaces": [{"type": "mount"}],
        "devices": [{"path": "/dev/horn", "type": "c", "major": 1, "minor": 3}],
    }


def test_a_console_with_a_size_is_kept():
    config = contracts.ordinary()
    config["process"]["consoleSize"] = {"height": 0, "width": 80}

    upgrade.upgrade(config)

    assert config["process"]["consoleSize"] == {"height": 0, "width": 80}


@pytest.mark.parametrize(
    ("old", "new"),
    [({"enableCMT": True, "enableMBM": False}, {"enableMonitoring": True}), ({"enableMBM": False}, {})],
)
def test_two_kinds_of_monitoring_become_one(old, new):
    config = contracts.ordinary()
    config["linux"]["intelRdt"] = old

    upgrade.upgrade(config)

    assert config["linux"]["intelRdt"] == new


@pytest.mark.parametrize(("version", "upgraded"), [("1.3.0-dev", "1.3.0"), ("1.3.1", "1.3.1"), ("2.0.0", "2.0.0")])
def test_a_newer_version_is_not_lowered(version, upgraded):
    config = contracts.ordinary() | {"ociVersion": version}

    upgrade.upgrade(config)

    assert config["ociVersion"] == upgraded


@pytest.mark.parametrize("value", [None, [], "text", 3, [3], {"linux": 3}])
@pytest.mark.parametrize("name", ["process", "linux", "mounts", "hooks"])
def test_a_malformed_section_stops_no_step(name, value):
    upgrade.upgrade(sample("old-rc2.json") | {name: value})
