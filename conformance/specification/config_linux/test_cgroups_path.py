"""config-linux.md#configLinuxCgroupsPath"""

import os
import shutil
from pathlib import Path

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import cgroups, faults
from conformance.harness.limits import Cgroup

SOME_TASKS = {"pids": {"limit": 77}}
#: Files with which a container is limited, in whatever hierarchy they are.
LIMITS = (
    *("pids.max", "memory.limit_in_bytes", "cpu.shares", "cpuset.cpus", "blkio.weight", "hugetlb.2MB.limit_in_bytes"),
    *("memory.max", "memory.high", "cpu.max", "cpu.weight"),
)


def of_the_runtime():
    """Where the runtime itself is, in each hierarchy: it is a child of this process."""
    return Cgroup.paths_of(Path("/proc/self"))


def left_alone(paths):
    """The hierarchies in which the container stayed where the runtime is: only what resources need has to be used."""
    return {mountpoint for mountpoint, path in paths.items() if path == of_the_runtime()[mountpoint]}


def used(paths):
    """Where the container is, of the hierarchies in which it has left the runtime's place."""
    return {path for mountpoint, path in paths.items() if mountpoint not in left_alone(paths)}


def tasks(directory):
    return (directory / "pids.max").read_text().strip()


# --- where -----------------------------------------------------------------------------------------------------------


@requirement("cg.path.absolute")
def test_an_absolute_path_begins_at_the_mount_point(config, container, cgroup, older_cgroup):
    path = f"{older_cgroup.path}/shelf"
    config["linux"] |= {"cgroupsPath": path, "resources": SOME_TASKS}

    container.create()

    assert (cgroup.path("pids"), used(cgroup.paths)) == (path, {path})


@requirement("cg.path.absolute")
def test_an_absolute_path_does_not_begin_where_the_runtime_is(config, container, cgroup, caller_in_a_cgroup):
    config["linux"] |= {"cgroupsPath": f"/{container.id}", "resources": SOME_TASKS}

    container.create()

    assert (cgroup.path("pids"), used(cgroup.paths)) == (f"/{container.id}", {f"/{container.id}"})


@requirement("cg.path.relative")
def test_a_relative_path_is_the_end_of_the_real_one(config, container, cgroup):
    config["linux"] |= {"cgroupsPath": f"{container.id}-box", "resources": SOME_TASKS}

    try:
        container.create()
    except faults.OperationFailed:
        return  # the runtime holds it invalid, which it may

    assert [path for path in used(cgroup.paths) if not path.endswith(f"/{container.id}-box")] == []
    assert tasks(cgroup.directory("pids")) == "77"


@requirement("cg.path.consistent")
@pytest.mark.parametrize("form", ["/{}-box", "{}-box"], ids=["absolute", "relative"])
def test_a_path_leads_to_the_same_place_whoever_asks_and_from_where(form, config, container, another, place):
    config["linux"] |= {"cgroupsPath": form.format(container.id), "resources": SOME_TASKS}
    first, second = another(config, id=f"first-{container.id}"), another(config, id=f"second-{container.id}")

    before, after = place_of(first), place_of(second, cwd=place)

    assert after == before
    # It may hold relative paths invalid, but then all of them.
    assert used(after) or (after == {} and form == "{}-box")


def place_of(container, **how):
    """Where a container has been, in each hierarchy; nowhere, if it could not be made."""
    try:
        container.create(**how)
    except faults.OperationFailed:
        return {}
    paths = Cgroup(container).paths
    container.ends()
    return paths


@requirement("cg.path.default")
def test_without_a_path_the_container_is_limited_and_the_runtime_is_not(config, container, cgroup):
    del config["linux"]["cgroupsPath"]
    config["linux"]["resources"] = SOME_TASKS

    container.create()

    directory = cgroup.directory("pids")
    inhabitants = (directory / "cgroup.procs").read_text().split()
    assert (tasks(directory), str(container.pid) in inhabitants, str(os.getpid()) in inhabitants) == ("77", True, False)


# --- which ones ------------------------------------------------------------------------------------------------------


@requirement("cg.path.created")
def test_cgroups_that_are_not_there_are_made_at_every_level(config, container, cgroup, older_cgroup):
    path = f"{older_cgroup.path}/upper/middle/lower"
    config["linux"] |= {"cgroupsPath": path, "resources": SOME_TASKS}

    container.create()

    assert (cgroup.path("pids"), tasks(cgroup.directory("pids"))) == (path, "77")


@requirement("cg.path.existing")
def test_a_cgroup_that_is_there_is_joined(config, container, cgroup, older_cgroup):
    config["linux"] |= {"cgroupsPath": older_cgroup.path, "resources": SOME_TASKS}

    container.create()

    assert str(container.pid) in (older_cgroup.directory("pids") / "cgroup.procs").read_text().split()


@requirement("cg.path.invalid")
@pytest.mark.parametrize("name", ["a\nb", "a\0b"], ids=["a new line", "a null byte"])
def test_a_path_that_no_cgroup_can_have_is_an_error(name, config, container, cgroup, older_cgroup, another):
    config["linux"]["cgroupsPath"] = f"{older_cgroup.path}/shelf"
    another().create()
    config["linux"]["cgroupsPath"] = f"{older_cgroup.path}/{name}"

    with generates_an_error():
        container.create()


@requirement("cg.path.invalid")
@pytest.mark.parametrize("form", ["/../{}", "/{}/../../{}", "../{}"])
def test_a_path_that_climbs_is_an_error_or_stays_among_the_cgroups(form, config, container, cgroup, clear_tops):
    config["linux"] |= {"cgroupsPath": form.replace("{}", container.id), "resources": SOME_TASKS}

    try:
        container.create()
        seen = tasks(cgroup.directory("pids"))
    except faults.OperationFailed:
        seen = "an error"
    outside = clear_tops()

    assert outside == []
    assert seen in ("77", "an error")


@pytest.fixture
def clear_tops(container):
    """What bears the container's name beside the mount points of the hierarchies; it is taken away."""
    tops = {hierarchy.mountpoint.parent for hierarchy in cgroups.hierarchies()}
    found = lambda: sorted(str(path) for top in tops for path in top.glob(f"*{container.id}*"))  # noqa: E731  # one line
    yield found
    for path in found():
        shutil.rmtree(path)


# --- what resources do there -----------------------------------------------------------------------------------------


@requirement("cg.resources")
def test_resources_limit_the_containers_own_cgroup(config, container, cgroup, older_cgroup):
    """And nothing above it."""
    config["linux"]["cgroupsPath"] = f"{older_cgroup.path}/shelf"
    config["linux"]["resources"] = {**SOME_TASKS, "memory": {"limit": 1 << 29}}

    container.create()

    tasks_here, tasks_above = (tasks(each) for each in (cgroup.directory("pids"), older_cgroup.directory("pids")))
    memory = cgroup.value("memory", v1="memory.limit_in_bytes", v2="memory.max")
    assert (tasks_here, tasks_above, memory) == ("77", "max", str(1 << 29))


@requirement("cg.resources")
def test_a_container_and_its_like_have_limits_of_their_own(config, container, another, cgroup):
    config["linux"]["resources"] = {"pids": {"limit": 55}}
    other = another()
    other.create()
    config["linux"]["resources"] = SOME_TASKS

    container.create()

    assert (tasks(Cgroup(other).directory("pids")), tasks(cgroup.directory("pids"))) == ("55", "77")


@requirement("cg.resources.absent")
def test_without_resources_the_limits_of_a_cgroup_that_is_there_stay(config, container, cgroup, older_cgroup):
    config["linux"].pop("resources", None)
    config["linux"]["cgroupsPath"] = older_cgroup.path
    (older_cgroup.directory("pids") / "pids.max").write_text("77")
    before = limits_of(older_cgroup)

    container.create()

    assert limits_of(older_cgroup) == before
    assert container.pid in older_cgroup.members


def limits_of(older_cgroup):
    files = [directory / name for directory in older_cgroup.directories for name in LIMITS]
    return {str(file): file.read_text() for file in files if file.exists()}
