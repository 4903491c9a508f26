"""What the config's resources come to in each version of cgroups."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest

from reference_runtime import errors
from reference_runtime.config_linux import (
    cgroup_ownership,
    cgroups_path,
    cpu,
    device_allowedlist,
    memory,
    pids,
    unified,
)
from reference_runtime.kernel import cgroups, files, filters

from .conftest import needs_root

DENY_ALL: Any = {"allow": False, "access": "rwm"}


def config(**resources: Any) -> Any:
    return {"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "linux": {"resources": resources}}


@pytest.fixture
def version_2():
    found = next((each for each in cgroups.hierarchies() if each.unified), None)
    if found is None:
        pytest.skip("cgroup version 2 is not mounted")
    return found


def test_memory_and_swap_are_counted_apart_in_version_2():
    asked = config(memory={"limit": 100, "swap": 300, "reservation": -1})

    assert memory.v1(asked) == {
        "memory.soft_limit_in_bytes": "-1",
        "memory.limit_in_bytes": "100",
        "memory.memsw.limit_in_bytes": "300",
    }
    assert memory.v2(asked) == {"memory.low": "max", "memory.max": "100", "memory.swap.max": "200"}


def test_shares_and_quota_become_weight_and_maximum():
    asked = config(cpu={"shares": 1024, "quota": 5000, "period": 10000, "cpus": "0-1"})

    cpuset = {"cpuset.cpus": "0-1"}
    assert cpu.v1(asked) == {"cpu.shares": "1024", "cpu.cfs_period_us": "10000", "cpu.cfs_quota_us": "5000"} | cpuset
    assert cpu.v2(asked) == {"cpu.weight": "39", "cpu.max": "5000 10000"} | cpuset


@pytest.mark.parametrize(
    ("asked", "written"), [({"quota": 5000}, "5000"), ({"period": 10000}, "max 10000"), ({"quota": -1}, "max")]
)
def test_what_is_not_said_of_time_is_not_written_in_version_2(asked, written):
    assert cpu.v2(config(cpu=asked)) == {"cpu.max": written}


@pytest.mark.parametrize(("asked", "is_there"), [("0", True), ("0-1,3", True), ("2", False), ("0-3", False)])
def test_processors_that_version_2_does_not_give_are_refused(asked, is_there, tmp_path):
    (tmp_path / "cpuset.cpus.effective").write_text("0-1,3\n")

    with contextlib.nullcontext() if is_there else pytest.raises(errors.Unsupported):
        cpu.refuse_without_effect(str(tmp_path), config(cpu={"cpus": asked}))


@pytest.mark.parametrize(("limit", "written"), [(7, "7"), (-1, "max")])
def test_a_limit_of_processes_is_written_as_the_kernel_says_it(limit, written):
    asked = config(pids={"limit": limit})

    assert pids.v1(asked) == pids.v2(asked) == {"pids.max": written}


@pytest.mark.parametrize(
    ("section", "resources"),
    [(memory, {"memory": {"swappiness": 10}}), (cpu, {"cpu": {"realtimeRuntime": 10}})],
)
def test_what_version_2_cannot_do_is_refused_there(section, resources):
    with pytest.raises(errors.Unsupported):
        section.v2(config(**resources))


ZERO: Any = {"type": "c", "major": 1, "minor": 5}
EVERY_ZERO: Any = {"type": "c", "major": 1}


def lines_of(*rules: Any) -> list[tuple[str, str]]:
    known = device_allowedlist.Exceptions.read("a *:* rwm\n")
    for rule in rules:
        known.take(rule)
    return known.lines


def test_rules_are_exceptions_in_version_1():
    lines = lines_of(DENY_ALL, {"allow": True, **ZERO}, {"allow": False, **ZERO, "access": "w"})

    assert lines == [("devices.deny", "a"), ("devices.allow", "c 1:5 rwm"), ("devices.deny", "c 1:5 w")]


def test_exceptions_that_meet_are_one_for_what_they_have_in_common():
    lines = lines_of(DENY_ALL, {"allow": True, **EVERY_ZERO, "access": "r"}, {"allow": True, **ZERO, "access": "w"})

    assert lines[1:] == [("devices.allow", "c 1:* r"), ("devices.allow", "c 1:5 w"), ("devices.allow", "c 1:5 rw")]


def test_a_wider_rule_ends_each_exception_that_it_covers():
    lines = lines_of({"allow": False, **ZERO}, {"allow": True, "type": "c", "access": "r"})

    assert lines == [("devices.deny", "c 1:5 rwm"), ("devices.allow", "c 1:5 r")]


def test_what_would_narrow_an_exception_down_is_refused_in_version_1():
    with pytest.raises(errors.Unsupported):
        lines_of(DENY_ALL, {"allow": True, **EVERY_ZERO}, {"allow": False, **ZERO})


def test_the_defaults_come_behind_the_last_word_on_all_devices():
    zero = {"allow": False, **ZERO}
    asked = config(devices=[zero, DENY_ALL, zero])

    assert device_allowedlist.rules(asked) == [zero, DENY_ALL, *device_allowedlist.DEFAULTS, zero]


def test_a_path_that_climbs_is_refused():
    climbing = config() | {"linux": {"cgroupsPath": "/a/../../b"}}

    with pytest.raises(errors.InvalidConfig):
        cgroups_path.check(climbing)


@pytest.mark.parametrize(("path", "place"), [("/a/b", "/a/b"), ("a/b", "/a/b"), ("", "/one"), (None, "/one")])
def test_a_path_begins_at_the_mount_point(path, place):
    asked = config() | {"linux": {} if path is None else {"cgroupsPath": path}}

    assert cgroups_path.locate(asked, "one") == place


@pytest.mark.parametrize("key", ["../pids.max", "a/b", "..", "", "/pids.max"])
def test_a_key_of_unified_is_the_name_of_a_file(key):
    unified.check(config(unified={"pids.max": "7"}))

    with pytest.raises(errors.InvalidConfig):
        unified.check(config(unified={key: "7"}))


@pytest.mark.parametrize(
    ("value", "lines"), [("5", ["5\n"]), ("", ["\n"]), ("a b\nc\n", ["a b\n", "c\n"]), ("a\x0bb", ["a\x0bb\n"])]
)
def test_a_value_is_written_line_by_line(value, lines, monkeypatch):
    seen = []
    monkeypatch.setattr(files, "write", lambda path, text: seen.append(text))

    unified.write(cgroups.Hierarchy("/sys/fs/cgroup", frozenset(), True), "/one", "shelf.max", value)

    assert seen == lines


@needs_root
def test_a_frozen_cgroup_is_refused_before_anybody_is_in_it(bundle):
    """Whoever was to answer would be stopped in there."""
    if not any(each.unified for each in cgroups.hierarchies()):
        pytest.skip("cgroup version 2 is not mounted")
    bundle.config["linux"].setdefault("resources", {})["unified"] = {"cgroup.freeze": "1"}

    refused = bundle.call("create")

    assert (refused.returncode, "linux.resources.unified" in refused.stderr) == (1, True)
    assert bundle.traces() == []


@needs_root
def test_a_cgroup_is_not_shared_with_whoever_would_be_killed_with_it(bundle):
    """What one container has made, another one may not live in."""
    bundle.config["linux"]["cgroupsPath"] = f"/{bundle.id}"
    assert bundle.call("create").returncode == 0
    first, bundle.id = bundle.id, f"{bundle.id}-too"

    assert "has processes already" in bundle.call("create").stderr
    bundle.id = first
    assert bundle.status() == "created"


@needs_root
def test_what_the_kernel_refuses_is_told_with_the_property(bundle):
    bundle.config["linux"].setdefault("resources", {})["pids"] = {"limit": -2}

    assert bundle.call("create").stderr.startswith("reference-runtime: error: config.json: linux.resources.pids: /")


@pytest.mark.parametrize(
    ("difference", "due"),
    [({}, True), ({"options": ["ro"]}, False), ({"source": "cgroup2"}, False), ({"destination": "/mnt"}, False)],
)
def test_a_cgroup_is_handed_over_where_it_is_mounted_writable(difference, due):
    version_2 = cgroups.Hierarchy("/sys/fs/cgroup", frozenset(), True)
    asked = config() | {"mounts": [{"destination": "/sys/fs/cgroup", "source": "cgroup", **difference}]}
    asked["linux"]["namespaces"] = [{"type": "cgroup"}]

    assert cgroup_ownership.is_due(asked, [version_2]) is due


@needs_root
def test_the_device_program_decides(version_2, in_a_child, tmp_path):
    """Only where version 2 is mounted; the program is loaded, attached and asked by opening devices."""
    place = version_2.directory(f"unit-filters-{os.getpid()}")
    os.mkdir(place)

    def check():
        nothing: filters.Rule = (False, None, None, None, 7)
        chars: filters.Rule = (True, "c", 1, None, filters.ACCESS["r"] | filters.ACCESS["w"])
        no_zero: filters.Rule = (False, "c", 1, 5, filters.ACCESS["w"])
        filters.attach(place, filters.program([nothing, chars, no_zero], otherwise=True))
        cgroups.enter(place)
        os.close(os.open("/dev/null", os.O_RDWR))
        os.close(os.open("/dev/zero", os.O_RDONLY))
        for path, flags in (("/dev/zero", os.O_RDWR), ("/dev/zero", os.O_WRONLY), ("/dev/tty", os.O_RDONLY)):
            with pytest.raises(PermissionError):
                os.open(path, flags)

    try:
        assert in_a_child(check) == 0
    finally:
        cgroups.remove(place)


@needs_root
def test_the_last_device_program_decides_alone(version_2, in_a_child):
    """In a cgroup that has been another container's."""
    place = version_2.directory(f"unit-filters-{os.getpid()}")
    os.mkdir(place)

    def check():
        filters.attach(place, filters.program([], otherwise=False))
        filters.attach(place, filters.program([], otherwise=True))
        cgroups.enter(place)
        os.close(os.open("/dev/zero", os.O_RDONLY))

    try:
        assert in_a_child(check) == 0
    finally:
        cgroups.remove(place)


@needs_root
def test_a_hierarchy_is_not_taken_for_the_part_that_a_container_shows(bundle):
    """In a mount table that is not its own, a container's mounts are everybody's."""
    namespaces = bundle.config["linux"]["namespaces"]
    bundle.config["linux"]["namespaces"] = [entry for entry in namespaces if entry["type"] != "mount"]
    bundle.config["mounts"].append({"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup"})
    before = [each.mountpoint for each in cgroups.hierarchies()]

    assert bundle.call("create").returncode == 0
    assert [each.mountpoint for each in cgroups.hierarchies()] == before


@needs_root
def test_options_for_a_whole_tree_are_for_that_of_the_cgroups_too(bundle):
    bundle.runs("write /sys/fs/cgroup/shelf")
    bundle.config["mounts"].append({"destination": "/sys/fs/cgroup", "type": "cgroup", "options": ["rro"]})

    assert '"errno": "EROFS"' in bundle.call("run").stdout


@needs_root
def test_a_cgroup_of_threads_does_not_keep_a_container_from_being_deleted(version_2, bundle):
    """It does not tell of its processes."""
    assert bundle.call("create").returncode == 0
    below = version_2.directory(f"{bundle.id}/threads")
    os.mkdir(below)
    files.write(f"{below}/cgroup.type", "threaded")

    assert bundle.call("delete", "--force").returncode == 0
    assert bundle.traces() == []


def test_a_process_that_cannot_be_seen_from_here_is_nobody_to_be_killed(tmp_path):
    """Of another pid namespace; the kernel writes 0, which means the caller's group to kill(2)."""
    (tmp_path / "cgroup.procs").write_text("0\n7\n")

    assert cgroups.members(str(tmp_path)) == [7]


@needs_root
def test_a_container_that_somebody_has_frozen_can_be_deleted_by_force(bundle):
    """In version 1 the frozen do not even die."""
    freezer = next((each for each in cgroups.hierarchies() if "freezer" in each.controllers), None)
    if freezer is None:
        pytest.skip("the freezer of cgroup version 1 is not mounted")
    assert bundle.call("create").returncode == 0
    files.write(freezer.directory(f"{bundle.id}/freezer.state"), "FROZEN")

    assert bundle.call("delete", "--force").returncode == 0
    assert bundle.traces() == []


@pytest.mark.parametrize(("asked", "written"), [(True, "1"), (False, "0")])
def test_what_is_said_of_the_killer_is_written_even_if_it_is_the_default(asked, written):
    """The cgroup may have been there before."""
    assert memory.v1(config(memory={"disableOOMKiller": asked})) == {"memory.oom_control": written}


@pytest.mark.parametrize("asked", [{}, {"shelf": 7}])
def test_until_1_3_0_processes_had_to_have_a_limit(asked):
    without = config(pids=asked)
    pids.check(without)
    without["ociVersion"] = "1.2.1"

    with pytest.raises(errors.InvalidConfig):
        pids.check(without)
