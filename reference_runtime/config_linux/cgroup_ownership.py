"""config-linux.md#cgroup-ownership"""

from __future__ import annotations

import os
from contextlib import suppress

from ..kernel import cgroups, files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Mount
    from ..kernel.cgroups import Hierarchy

#: The kernel's list of files that whoever may fill a cgroup needs.
DELEGATE = "/sys/kernel/cgroup/delegate"
#: The same for kernels that do not tell.
FALLBACK = ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"]


def is_due(config: Config, hierarchies: list[Hierarchy]) -> bool:
    """Whether the program's user is to have the container's cgroup."""
    return is_safe(hierarchies) and has_new_namespace(config) and is_mounted_writable(config)


def is_safe(hierarchies: list[Hierarchy]) -> bool:
    """In version 1 whoever owns a cgroup gets at its limits."""
    return all(hierarchy.unified for hierarchy in hierarchies)


def has_new_namespace(config: Config) -> bool:
    entries = config.get("linux", {}).get("namespaces", [])
    return any(entry["type"] == "cgroup" and not entry.get("path") for entry in entries)


def is_mounted_writable(config: Config) -> bool:
    entries = config.get("mounts", [])
    return any(shows_cgroups(entry) and is_at_the_usual_place(entry) and is_writable(entry) for entry in entries)


def shows_cgroups(entry: Mount) -> bool:
    return entry.get("source") == "cgroup"


def is_at_the_usual_place(entry: Mount) -> bool:
    return entry["destination"] == "/sys/fs/cgroup"


def is_writable(entry: Mount) -> bool:
    return "ro" not in entry.get("options", [])


def change(directory: str, owner: int) -> None:
    """Of the cgroup itself, and of those of the listed files that it has."""
    cgroups.give(directory, owner)
    for name in delegated():
        with suppress(FileNotFoundError):
            cgroups.give(os.path.join(directory, name), owner)


def delegated() -> list[str]:
    try:
        return files.read(DELEGATE).split()
    except FileNotFoundError:
        return FALLBACK
