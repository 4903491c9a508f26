"""The memory controller of this host: what it can limit, and what it does to whom."""

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import cgroups, controllers, support

Config = dict[str, Any]
MIB = 1 << 20


def missing_kinds_of_memory(config: Config) -> Iterator[str]:
    """What a kernel may have a file for, and still not do: told by trying."""
    memory = support.section(support.section(support.section(config, "linux"), "resources"), "memory")
    kernel = memory.get("kernel")
    if isinstance(kernel, int) and kernel >= 0 and not limits_its_own_memory():
        yield "a kernel that limits its own memory by itself (before Linux 5.16, in cgroup version 1)"
    if memory.get("useHierarchy") is False and not counts_apart():
        yield "memory that is not added up with that of the cgroups below (before Linux 5.11, in cgroup version 1)"


@functools.cache
def limits_its_own_memory() -> bool:
    return keeps("memory.kmem.limit_in_bytes", str(16 * MIB))


@functools.cache
def counts_apart() -> bool:
    return keeps("memory.use_hierarchy", "0")


def keeps(file: str, value: str) -> bool:
    """Whether a memory cgroup of version 1 that is made here has this file, and keeps what is written there."""
    hierarchy = controllers.hierarchy_of("memory")
    if hierarchy is None or hierarchy.version == 2:
        return False
    directory = hierarchy.mountpoint / f"trial-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"
    try:
        directory.mkdir()
        (directory / file).write_text(value)
        return (directory / file).read_text().strip() == value
    except OSError:
        return False
    finally:
        cgroups.removed(directory)


def kills(directory: Path) -> int:
    """How many processes of this cgroup, or of those below it, the OOM killer has taken.

    Version 2 adds up by itself, and remembers those of cgroups that are gone.
    """
    events = directory / "memory.events"
    if events.exists():
        return entry(events, "oom_kill")
    return sum(entry(Path(here, "memory.oom_control"), "oom_kill") for here, _, _ in os.walk(directory))


def is_waiting(directory: Path) -> bool:
    """Whether a process of this cgroup (version 1) waits for memory, with the OOM killer off."""
    return entry(directory / "memory.oom_control", "under_oom") == 1


def entry(file: Path, name: str) -> int:
    """A number out of a file of a cgroup that has a name and a value in each line; 0 where the name is missing."""
    lines = (line.split() for line in file.read_text().splitlines())
    return next((int(value) for key, value in lines if key == name), 0)


def use(directory: Path, file: Path, size: int) -> None:
    """Have a memory cgroup account for a file that is written now, on a tmpfs; its process is gone at the end."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            cgroups.join(directory)
            file.write_bytes(b"x" * size)
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
