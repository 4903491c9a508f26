"""config-linux.md#configLinuxControlGroups: the container's cgroups, in every hierarchy that is mounted."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from .. import errors
from ..config_linux import cgroups_path, cpu, device_allowedlist, memory, pids
from ..kernel import cgroups, files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config
    from ..kernel.cgroups import Hierarchy
    from .record import Container


def create(container: Container) -> None:
    """Each directory is noted as soon as it is there, so that `remove` can undo the half of it too."""
    path = cgroups_path.locate(container.config, container.id)
    hierarchies = cgroups.hierarchies()
    refuse_v1_only(hierarchies, container.config)
    for hierarchy in hierarchies:
        container.cgroups.append(hierarchy.directory(path))
        container.made.append([])
        cgroups_path.create(hierarchy, path, container.made[-1])
    allow_devices(hierarchies, path, container.config)
    for controller, versions in settings(container.config).items():
        if any(versions):
            configure(hierarchies, path, controller, *versions)


def allow_devices(hierarchies: list[Hierarchy], path: str, config: Config) -> None:
    for hierarchy in hierarchies:
        if "devices" in hierarchy.controllers:
            device_allowedlist.apply_v1(hierarchy.directory(path), config)
            return
    for hierarchy in hierarchies:
        if hierarchy.unified:
            device_allowedlist.apply_v2(hierarchy.directory(path), config)


def settings(config: Config) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """For each controller what goes into which file: in version 1, in version 2."""
    return {
        "memory": (memory.v1(config), memory.v2(config)),
        "cpu": (cpu.v1(config), cpu.v2(config)),
        "cpuset": (cpu.cpuset(config), cpu.cpuset(config)),
        "pids": (pids.settings(config), pids.settings(config)),
    }


def refuse_v1_only(hierarchies: list[Hierarchy], config: Config) -> None:
    unified = {each for each in ("memory", "cpu") if (found := find(hierarchies, each)) and found.unified}
    if "memory" in unified:
        memory.refuse_v1_only(config)
    if "cpu" in unified:
        cpu.refuse_v1_only(config)


def find(hierarchies: list[Hierarchy], controller: str) -> Hierarchy | None:
    return next((each for each in hierarchies if cgroups.controls(each, controller)), None)


def configure(hierarchies: list[Hierarchy], path: str, controller: str, v1: dict[str, str], v2: dict[str, str]) -> None:
    hierarchy = find(hierarchies, controller)
    if hierarchy is None:
        raise errors.Unsupported("linux.resources", f"this host has no {controller} controller")
    if hierarchy.unified:
        cgroups.enable(hierarchy, path, controller)
    for file, value in (v2 if hierarchy.unified else v1).items():
        files.write(os.path.join(hierarchy.directory(path), file), value)


def join(container: Container) -> None:
    for directory in container.cgroups:
        cgroups.enter(directory)


def members(container: Container) -> set[int]:
    """The processes in the cgroups that are the container's own."""
    own = [made[-1] for made in container.made if made and os.path.isdir(made[-1])]
    return {pid for directory in own for pid in cgroups.members(directory)}


def remove(container: Container) -> None:
    """End what is left of the container in there, and remove what was made."""
    for pid in members(container):
        kill(pid)
    for made in container.made:
        if made:
            cgroups_path.remove(made)


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
