"""What `linux.resources` of a config needs of this host: controllers, and their files."""

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import cgroups, faults, support

Config = dict[str, Any]
#: One of these files is needed; none of them (an empty tuple): the version has nothing to be needed. None: it cannot.
Files = tuple[str, ...] | None

#: What version 2 calls by another name.
UNIFIED_NAMES = {"blkio": "io"}
#: Member of linux.resources → controller (version 1's name), files of version 1, files of version 2.
NEEDS: dict[str, tuple[str, Files, Files]] = {
    "memory.limit": ("memory", ("memory.limit_in_bytes",), ("memory.max",)),
    "memory.reservation": ("memory", ("memory.soft_limit_in_bytes",), ("memory.low",)),
    "memory.swap": ("memory", ("memory.memsw.limit_in_bytes",), ("memory.swap.max",)),
    "memory.kernel": ("memory", ("memory.kmem.limit_in_bytes",), None),
    "memory.kernelTCP": ("memory", ("memory.kmem.tcp.limit_in_bytes",), None),
    "memory.swappiness": ("memory", ("memory.swappiness",), None),
    "memory.disableOOMKiller": ("memory", ("memory.oom_control",), None),
    "memory.useHierarchy": ("memory", ("memory.use_hierarchy",), ()),
    "memory.checkBeforeUpdate": ("memory", (), ()),
    "cpu.shares": ("cpu", ("cpu.shares",), ("cpu.weight",)),
    "cpu.quota": ("cpu", ("cpu.cfs_quota_us",), ("cpu.max",)),
    "cpu.period": ("cpu", ("cpu.cfs_period_us",), ("cpu.max",)),
    "cpu.burst": ("cpu", ("cpu.cfs_burst_us",), ("cpu.max.burst",)),
    "cpu.realtimeRuntime": ("cpu", ("cpu.rt_runtime_us",), None),
    "cpu.realtimePeriod": ("cpu", ("cpu.rt_period_us",), None),
    "cpu.idle": ("cpu", ("cpu.idle",), ("cpu.idle",)),
    "cpu.cpus": ("cpuset", ("cpuset.cpus",), ("cpuset.cpus",)),
    "cpu.mems": ("cpuset", ("cpuset.mems",), ("cpuset.mems",)),
    "pids.limit": ("pids", ("pids.max",), ("pids.max",)),
    "blockIO.weight": ("blkio", ("blkio.weight", "blkio.bfq.weight"), ("io.weight", "io.bfq.weight")),
    "blockIO.leafWeight": ("blkio", ("blkio.leaf_weight",), None),
    "blockIO.weightDevice": (
        "blkio",
        ("blkio.weight_device", "blkio.bfq.weight_device"),
        ("io.weight", "io.bfq.weight"),
    ),
    **{
        f"blockIO.throttle{verb}{unit}Device": ("blkio", (f"blkio.throttle.{file}_device",), ("io.max",))
        for verb, unit, file in (
            ("Read", "Bps", "read_bps"),
            ("Write", "Bps", "write_bps"),
            ("Read", "IOPS", "read_iops"),
            ("Write", "IOPS", "write_iops"),
        )
    },
    "hugepageLimits": ("hugetlb", (), ()),
    "network.classID": ("net_cls", ("net_cls.classid",), None),
    "network.priorities": ("net_prio", ("net_prio.ifpriomap",), None),
    "rdma": ("rdma", ("rdma.max",), ("rdma.max",)),
}
#: Every controller that some member needs and that version 2 can have.
NAMES_IN_VERSION_2 = {UNIFIED_NAMES.get(name, name) for name, *_ in NEEDS.values()} - {"net_cls", "net_prio"}


def missing_controllers(config: Config) -> Iterator[str]:
    """Controllers and files that the config's resources need and that a cgroup made here does not have."""
    resources = support.section(support.section(config, "linux"), "resources")
    for member in NEEDS:
        if is_asked_for(resources, member) and (missing := lack(member)):
            yield f"{missing}, for linux.resources.{member}"
    yield from missing_leaf_weights(support.section(resources, "blockIO"))
    for file in support.section(resources, "unified"):
        if missing := unified_lack(file.partition(".")[0]):
            yield f"{missing}, for linux.resources.unified"


def missing_leaf_weights(block_io: Config) -> Iterator[str]:
    """Of devices: where there is none for all of them, there is none for one of them."""
    of_devices = any("leafWeight" in entry for entry in support.entries(block_io, "weightDevice"))
    if of_devices and (missing := lack("blockIO.leafWeight")):
        yield f"{missing}, for linux.resources.blockIO.weightDevice"


def is_asked_for(resources: Config, member: str) -> bool:
    """Whether a member of linux.resources takes a controller: 0 is a limit; false and what is empty ask for nothing."""
    section, _, name = member.partition(".")
    found = support.section(resources, section).get(name) if name else resources.get(section)
    if found == -1 and name.startswith("kernel"):  # no limit of what no host limits any more
        return False
    return found is not None and found is not False and found not in ([], {}, "")


def lack(member: str) -> str | None:
    """What a member of linux.resources needs and this host lacks, in words; None where it has it all."""
    controller, *files = NEEDS[member]
    hierarchy = hierarchy_of(controller)
    if hierarchy is None:
        return f"cgroup controller {controller}"
    needed = files[hierarchy.version - 1]
    if needed is None:
        return f"cgroup version 1 of controller {controller}"
    if needed and not set(needed) & files_in(hierarchy):
        return f"{' or '.join(needed)} (cgroup version {hierarchy.version})"
    return None


def unified_lack(controller: str) -> str | None:
    """Likewise of a file's controller in the hierarchy of version 2; what is no controller, no host has."""
    unified = next((each for each in cgroups.hierarchies() if each.version == 2), None)
    if unified is None or cgroups.mode() != "v2":
        return "cgroup version 2 alone"
    if controller in NAMES_IN_VERSION_2 and controller not in unified.controllers:
        return f"controller {controller} in cgroup version 2"
    return None


def hierarchy_of(controller: str) -> cgroups.Hierarchy | None:
    """The hierarchy that has a controller (version 1's name), of either version."""
    for hierarchy in cgroups.hierarchies():
        if name_in(hierarchy, controller) in hierarchy.controllers:
            return hierarchy
    return None


def place_of(controller: str) -> cgroups.Hierarchy:
    """The hierarchy that has a controller, `unified` being version 2 itself; not on this host where there is none."""
    if controller == "unified":
        found = next((each for each in cgroups.hierarchies() if each.version == 2), None)
    else:
        found = hierarchy_of(controller)
    if found is None:
        raise faults.not_on_this_host("cgroup version 2" if controller == "unified" else f"controller {controller}")
    return found


def name_in(hierarchy: cgroups.Hierarchy, controller: str) -> str:
    return controller if hierarchy.version == 1 else UNIFIED_NAMES.get(controller, controller)


@functools.cache
def files_in(hierarchy: cgroups.Hierarchy) -> frozenset[str]:
    """The files of a cgroup that is made below the mount point: the topmost one does not have them all."""
    directory = Path(hierarchy.mountpoint, f"look-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}")
    try:
        directory.mkdir()
    except OSError:  # not to be written, here: then there is only this run's own
        return frozenset(os.listdir(hierarchy.own))
    try:
        return frozenset(os.listdir(directory))
    finally:
        directory.rmdir()
