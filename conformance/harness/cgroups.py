"""The host's cgroup hierarchies, and the run's own place in each of them."""

import contextlib
import errno
import functools
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PREFIX = "oci-conformance-"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """One mounted hierarchy: where, of which version, with which controllers, and where this process is in it."""

    mountpoint: Path
    version: int
    controllers: tuple[str, ...]
    options: str
    own: Path


@functools.cache
def hierarchies() -> list[Hierarchy]:
    """Those that are mounted and that this process is a member of, from /proc/self/{mountinfo,cgroup}."""
    membership = dict(line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines())
    found: dict[Path, Hierarchy] = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, after = line.split(" - ", 1)
        kind, _, options = after.split(" ", 2)
        if kind not in ("cgroup", "cgroup2"):
            continue
        root, mountpoint = (field.replace("\\040", " ") for field in before.split(" ")[3:5])
        names = hierarchy_names(options, membership) if kind == "cgroup" else ""
        path = membership.get(names) if names is not None else None
        if names is None or path is None or not os.path.isdir(mountpoint):
            continue
        inside = os.path.relpath(path, root) if root != "/" else path.lstrip("/")
        found[Path(mountpoint)] = Hierarchy(
            mountpoint=Path(mountpoint),
            version=1 if kind == "cgroup" else 2,
            controllers=controllers(Path(mountpoint), names),
            options=names,
            own=Path(os.path.normpath(Path(mountpoint) / inside)),
        )
    return list(found.values())


def hierarchy_names(options: str, membership: Iterable[str]) -> str | None:
    """Those of a version 1 hierarchy that this process is in, as /proc/self/cgroup has them: controllers, or name=…

    Among the super options there are others: clone_children, and seclabel on a host with SELinux.
    """
    words = set(options.split(","))
    return next((names for names in membership if names and words.issuperset(names.split(","))), None)


def binds_namespaces() -> bool:
    """Whether version 2 lets no process move another to where its cgroup namespace does not reach (nsdelegate)."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return any(" - cgroup2 " in line and "nsdelegate" in line.rpartition(" ")[2].split(",") for line in lines)


def go_to_top() -> None:
    """Take this process to the top of version 2, of which a namespace that it makes reaches everything."""
    for hierarchy in hierarchies():
        if hierarchy.version == 2:
            with contextlib.suppress(OSError):  # cgroups that hand controllers down have no processes, but for the root
                (hierarchy.mountpoint / "cgroup.procs").write_text("0")


def is_at_top(pid: int) -> bool:
    """Whether a process is there."""
    return "0::/" in Path(f"/proc/{pid}/cgroup").read_text().splitlines()


def controllers(mountpoint: Path, names: str) -> tuple[str, ...]:
    if names:
        return tuple(name for name in names.split(",") if not name.startswith("name="))
    return tuple((mountpoint / "cgroup.controllers").read_text().split())


def mode() -> str:
    """`v1`, `v2`, `hybrid` or `none`, as engines call it."""
    versions = {hierarchy.version for hierarchy in hierarchies()}
    return {frozenset({1}): "v1", frozenset({2}): "v2", frozenset({1, 2}): "hybrid"}.get(frozenset(versions), "none")


def available() -> set[str]:
    """Controllers that a container made here can be given."""
    return {name for hierarchy in hierarchies() for name in hierarchy.controllers}


def reserve(name: str) -> list[tuple[Hierarchy, Path]]:
    """Make a cgroup for the run in every hierarchy that can be written; [] where none can."""
    made: list[tuple[Hierarchy, Path]] = []
    for hierarchy in hierarchies():
        directory = (hierarchy.own if hierarchy.version == 1 else delegating(hierarchy)) / name
        try:
            directory.mkdir()
        except OSError:
            continue
        made.append((hierarchy, directory))
        if hierarchy.version == 2:
            enable(directory.parent)
        elif "cpuset" in hierarchy.controllers:
            inherit_cpuset(directory)
    return made


def delegating(hierarchy: Hierarchy) -> Path:
    """The nearest ancestor that hands controllers on: a version 2 cgroup with processes of its own cannot."""
    candidate = hierarchy.own
    while candidate != hierarchy.mountpoint:
        if (candidate / "cgroup.subtree_control").read_text().strip():
            return candidate
        candidate = candidate.parent
    return candidate if (candidate / "cgroup.subtree_control").read_text().strip() else hierarchy.own


def enable(directory: Path) -> None:
    """Hand every controller on to the children; one that cannot be is left out, and seen as missing later."""
    for name in (directory / "cgroup.controllers").read_text().split():
        with contextlib.suppress(OSError):
            (directory / "cgroup.subtree_control").write_text(f"+{name}")


def inherit_cpuset(directory: Path) -> None:
    """A new version 1 cpuset is empty, and takes no process until it is filled."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        (directory / name).write_text((directory.parent / name).read_text())
    with contextlib.suppress(OSError):
        (directory / "cgroup.clone_children").write_text("1")


def join(directory: Path) -> None:
    (directory / "cgroup.procs").write_text(str(os.getpid()))


def inhabitants(directory: Path) -> list[int]:
    """The processes in it; the threads of a cgroup that a runtime has made one of threads: it tells no processes."""
    try:
        listed = (directory / "cgroup.procs").read_text()
    except OSError as problem:
        if problem.errno != errno.EOPNOTSUPP:
            raise
        listed = (directory / "cgroup.threads").read_text()
    return [int(number) for number in listed.split()]


def sweep(directory: Path, within: float = 5.0) -> None:
    """Remove a cgroup and all below it. Its processes are dead or dying; the kernel needs a moment to let go."""
    deadline = time.monotonic() + within
    while not removed(directory) and time.monotonic() < deadline:
        time.sleep(0.002)


def removed(directory: Path) -> bool:
    """Breadth first, and back: it may be deeper than os.walk can recurse."""
    found = [str(directory)]
    for path in found:
        with contextlib.suppress(OSError):
            found += [entry.path for entry in os.scandir(path) if entry.is_dir(follow_symlinks=False)]
    for path in reversed(found):
        with contextlib.suppress(OSError):
            os.rmdir(path)
    return not directory.exists()


def sweep_abandoned() -> None:
    """Remove what runs that were killed outright have left: their name holds a pid that no longer exists."""
    for hierarchy in hierarchies():
        for parent in {hierarchy.own, delegating(hierarchy) if hierarchy.version == 2 else hierarchy.own}:
            for directory in parent.glob(f"{PREFIX}*"):
                if not Path("/proc", directory.name.removeprefix(PREFIX)).exists():
                    removed(directory)
