"""cgroups(7): where the hierarchies are mounted, and their files. Version 1, version 2, and both at once."""

from __future__ import annotations

import errno
import os
import time

from . import files

#: How long processes that were killed may take to leave their cgroup.
DEADLINE = 10.0


class Hierarchy:
    """One mounted hierarchy: its mount point, and the controllers of version 1 (none: version 2)."""

    __slots__ = ("controllers", "mountpoint", "unified")

    def __init__(self, mountpoint: str, controllers: frozenset[str], unified: bool) -> None:
        self.mountpoint = mountpoint
        self.controllers = controllers
        self.unified = unified

    def directory(self, path: str) -> str:
        return os.path.join(self.mountpoint, path.lstrip("/"))


def hierarchies() -> list[Hierarchy]:
    """Each hierarchy once, at the first of its mounts that can be seen: a later one may be a container's, of a part."""
    found: dict[str, Hierarchy] = {}
    for line in files.read("/proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        mountpoint = files.unescape(before.split(" ")[4])
        names = frozenset(options.split(",")) - {"rw", "ro"} if kind == "cgroup" else frozenset[str]()
        hierarchy = Hierarchy(mountpoint, names, kind == "cgroup2")
        # What another mount covers has no such file.
        if kind in ("cgroup", "cgroup2") and os.path.exists(hierarchy.directory("cgroup.procs")):
            found.setdefault(",".join(sorted(names)), hierarchy)
    return list(found.values())


def controls(hierarchy: Hierarchy, controller: str) -> bool:
    """Version 1 says it when mounting; of version 2 everything is left that no version 1 hierarchy has taken."""
    if not hierarchy.unified:
        return controller in hierarchy.controllers
    return controller in files.read(hierarchy.directory("cgroup.controllers")).split()


def controller_of(file: str) -> str:
    """`memory` of memory.max; nothing where the file is every cgroup's."""
    name = file.partition(".")[0]
    return "" if name in ("cgroup", "irq") else name


def is_frozen(hierarchy: Hierarchy, path: str) -> bool:
    """Whether a process in there could not move: the cgroup, or where it will be made, has been stopped."""
    directory = hierarchy.directory(path)
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    if hierarchy.unified:
        events = os.path.join(directory, "cgroup.events")
        return os.path.exists(events) and "frozen 1" in files.read(events).splitlines()
    state = os.path.join(directory, "freezer.state")
    return os.path.exists(state) and files.read(state).strip() != "THAWED"


def give(path: str, owner: int) -> None:
    """Change the owner of a cgroup's directory or file; its group stays."""
    os.chown(path, owner, -1)


def enable(hierarchy: Hierarchy, path: str, controller: str) -> None:
    """In version 2 a cgroup has the files of a controller only if every cgroup above hands it down."""
    above = hierarchy.mountpoint
    for name in [part for part in path.split("/") if part]:
        if controller not in files.read(os.path.join(above, "cgroup.subtree_control")).split():
            files.write(os.path.join(above, "cgroup.subtree_control"), f"+{controller}")
        above = os.path.join(above, name)


def make(hierarchy: Hierarchy, path: str, made: list[str]) -> None:
    """Make a cgroup and what is missing above it; `made` gets the new directories, outermost first."""
    directory = hierarchy.mountpoint
    for name in [part for part in path.split("/") if part]:
        above, directory = directory, os.path.join(directory, name)
        try:
            os.mkdir(directory, 0o755)
        except FileExistsError:
            continue
        made.append(directory)
        if "cpuset" in hierarchy.controllers:
            inherit_cpuset(above, directory)


def inherit_cpuset(above: str, directory: str) -> None:
    """A new cpuset of version 1 is empty, and no process can enter it."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        files.write(os.path.join(directory, name), files.read(os.path.join(above, name)))


def enter(directory: str) -> None:
    """Move this process; its children are born there."""
    files.write(os.path.join(directory, "cgroup.procs"), "0")


def members(directory: str) -> list[int]:
    """The processes in a cgroup and below it; but none that cannot be seen from here, which the kernel calls 0."""
    found: list[int] = []
    for here, _, names in os.walk(directory):
        if "cgroup.procs" in names:
            try:
                found += inhabitants(here)
            except OSError as problem:
                # One that is gone meanwhile, or one of threads, whose processes are those of a cgroup above.
                if problem.errno not in (errno.ENOENT, errno.ENODEV, errno.EOPNOTSUPP):
                    raise
    return [pid for pid in found if pid]


def inhabitants(directory: str) -> list[int]:
    """The processes in a cgroup itself."""
    return [int(pid) for pid in files.read(os.path.join(directory, "cgroup.procs")).split()]


def thaw(directory: str) -> None:
    """Version 1 alone: what is frozen there would not even die when it is killed."""
    for here, _, names in os.walk(directory):
        if "freezer.state" in names:
            files.write(os.path.join(here, "freezer.state"), "THAWED")


def remove(directory: str) -> None:
    """Remove a cgroup and those below it; killed processes are given time to leave."""
    deadline = time.monotonic() + DEADLINE
    for here, _, _ in os.walk(directory, topdown=False):
        while not removed(here, last=time.monotonic() > deadline):
            # Version 1 has no event for this; a process on its way out leaves within microseconds.
            time.sleep(0.001)


def removed(directory: str, *, last: bool) -> bool:
    """Whether it is gone; raises OSError if it is not and this is the `last` try."""
    try:
        os.rmdir(directory)
    except FileNotFoundError:
        pass
    except OSError:
        if last:
            raise
        return False
    return True
