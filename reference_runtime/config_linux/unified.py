"""config-linux.md#configLinuxUnified"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import cgroups, files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config
    from ..kernel.cgroups import Hierarchy

WHERE = "linux.resources.unified"
#: Limits that would count the processes that bring the container up.
LATER = {"pids.max"}


def check(config: Config) -> None:
    for name in configured(config):
        refuse_no_file(name)


def refuse_no_file(name: str) -> None:
    """A key is the name of one of the cgroup's own files, and leads nowhere else."""
    if not name or "/" in name or "\0" in name or name in (".", ".."):
        raise errors.InvalidConfig(WHERE, f"{name!r} is no file's name")


def configured(config: Config) -> dict[str, str]:
    return config.get("linux", {}).get("resources", {}).get("unified", {})


def refuse_missing_hierarchy(hierarchy: Hierarchy | None, config: Config) -> None:
    if hierarchy is None and configured(config):
        raise errors.Unsupported(WHERE, "cgroup version 2 is not mounted")


def refuse_missing_controllers(hierarchy: Hierarchy, config: Config) -> None:
    for name in configured(config):
        if (needed := cgroups.controller_of(name)) and not cgroups.controls(hierarchy, needed):
            raise errors.Unsupported(WHERE, f"{name}: cgroup version 2 has no such controller here")


def enable_controllers(hierarchy: Hierarchy, path: str, config: Config) -> None:
    for name in configured(config):
        if needed := cgroups.controller_of(name):
            cgroups.enable(hierarchy, path, needed)


def write_files(hierarchy: Hierarchy, path: str, config: Config) -> None:
    """Whatever they are called, but for those whose time is later."""
    for name, value in configured(config).items():
        if name not in LATER:
            write(hierarchy, path, name, value)


def write_later(hierarchy: Hierarchy, path: str, config: Config) -> None:
    for name, value in configured(config).items():
        if name in LATER:
            write(hierarchy, path, name, value)


def write(hierarchy: Hierarchy, path: str, name: str, value: str) -> None:
    """The kernel takes one line at a time; an empty one may mean something to it, too."""
    for line in value.removesuffix("\n").split("\n"):
        files.write(os.path.join(hierarchy.directory(path), name), f"{line}\n")
