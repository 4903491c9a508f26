"""config-linux.md#configLinuxCgroupsPath"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import cgroups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config
    from ..kernel.cgroups import Hierarchy

#: Bytes: PATH_MAX less a mount point's. A name alone may be as long as that, where cgroups are concerned.
LONGEST = 4000


def check(config: Config) -> None:
    refuse_leaving(config)
    refuse_impossible_names(config)


def refuse_leaving(config: Config) -> None:
    """A path that climbs out of where it begins is held invalid."""
    path = config.get("linux", {}).get("cgroupsPath", "")
    if ".." in path.split("/"):
        raise errors.Unsupported("linux.cgroupsPath", f"{path!r} climbs")


def refuse_impossible_names(config: Config) -> None:
    """No cgroup can be called so. Found out level by level, it would take long to undo."""
    path = config.get("linux", {}).get("cgroupsPath", "")
    for name in path.split("/"):
        if "\0" in name or "\n" in name:
            raise errors.InvalidConfig("linux.cgroupsPath", f"{name[:40]!r} cannot be the name of a cgroup")
    if len(path.encode()) > LONGEST:
        raise errors.Unsupported("linux.cgroupsPath", f"{path[:40]!r}… is too long for a path")


def refuse_frozen(hierarchy: Hierarchy, path: str) -> None:
    """The container's process could not take a single step in there."""
    if cgroups.is_frozen(hierarchy, path):
        raise errors.Unsupported("linux.cgroupsPath", f"the cgroup {hierarchy.directory(path)} is frozen")


def refuse_occupied(hierarchy: Hierarchy, path: str) -> None:
    """Who shares a cgroup shares its limits, and its end: with the container, whoever is in there is killed."""
    directory = hierarchy.directory(path)
    if os.path.isdir(directory) and cgroups.inhabitants(directory):
        raise errors.Unsupported("linux.cgroupsPath", f"the cgroup {directory} has processes already")


def locate(config: Config, container: str) -> str:
    """Where the container's cgroup is, below each mount point: absolute and relative paths begin there alike."""
    path = config.get("linux", {}).get("cgroupsPath") or default(container)
    return os.path.normpath("/" + path.lstrip("/"))


def default(container: str) -> str:
    """A place of its own: limits without a path must not hit anybody else."""
    return container


def create(hierarchy: Hierarchy, path: str, made: list[str]) -> None:
    """Make what is missing, and note each directory that was made: these are the ones that delete may remove."""
    cgroups.make(hierarchy, path, made)


def join(hierarchy: Hierarchy, path: str) -> None:
    cgroups.enter(hierarchy.directory(path))


def remove(made: list[str]) -> None:
    """What was made for the container goes; of the levels above it, those that nobody else uses by now."""
    for directory in reversed(made):
        if directory == made[-1]:
            cgroups.remove(directory)
        elif not cgroups.removed(directory, last=False):
            break
