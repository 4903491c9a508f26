"""config-linux.md#configLinuxControlGroups: the container's cgroups, in every hierarchy that is mounted."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from .. import errors
from ..config_linux import (
    block_io,
    cgroups_path,
    cpu,
    device_allowedlist,
    hugepage_limits,
    memory,
    network,
    pids,
    rdma,
)
from ..kernel import cgroups, files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from ..config_types import Config
    from ..kernel.cgroups import Hierarchy
    from .record import Container

    class Section(Protocol):
        """A section of the resources: which controllers it has (version 1's names), and what goes into which file.

        A file's name begins with its controller's; of `new|old` it is the first that is there. The files are written
        in the order in which they are given, each line by itself. What a version cannot do is refused by its
        function, which is asked before anything exists.
        """

        @property
        def CONTROLLERS(self) -> tuple[str, ...]: ...  # noqa: N802  # a constant of the section's module
        def v1(self, config: Config, /) -> dict[str, str]: ...
        def v2(self, config: Config, /) -> dict[str, str]: ...


SECTIONS: tuple[Section, ...] = (memory, cpu, block_io, hugepage_limits, network, pids, rdma)
#: What version 2 calls by another name.
UNIFIED_NAMES = {"blkio": "io"}


def create(container: Container) -> None:
    """Each directory is noted as soon as it is there, so that `remove` can undo the half of it too."""
    path = cgroups_path.locate(container.config, container.id)
    hierarchies = cgroups.hierarchies()
    planned = plan(hierarchies, container.config)
    for hierarchy in hierarchies:
        container.cgroups.append(hierarchy.directory(path))
        container.made.append([])
        cgroups_path.create(hierarchy, path, container.made[-1])
    allow_devices(hierarchies, path, container.config)
    for hierarchy, settings in planned:
        configure(hierarchy, path, settings)


def allow_devices(hierarchies: list[Hierarchy], path: str, config: Config) -> None:
    for hierarchy in hierarchies:
        if "devices" in hierarchy.controllers:
            device_allowedlist.apply_v1(hierarchy.directory(path), config)
            return
    for hierarchy in hierarchies:
        if hierarchy.unified:
            device_allowedlist.apply_v2(hierarchy.directory(path), config)


def plan(hierarchies: list[Hierarchy], config: Config) -> list[tuple[Hierarchy, dict[str, str]]]:
    """What is to be written where; an error, as long as nothing exists, where it cannot be."""
    return [
        (hierarchy, settings)
        for section in SECTIONS
        for controller in section.CONTROLLERS
        for hierarchy, settings in decide(hierarchies, controller, section, config)
    ]


def decide(
    hierarchies: list[Hierarchy], controller: str, section: Section, config: Config
) -> list[tuple[Hierarchy, dict[str, str]]]:
    """A section's files of one controller, in the words of the version in which this host has it."""
    hierarchy = find(hierarchies, controller)
    if hierarchy is None:
        if of(controller, section.v1(config)):
            raise errors.Unsupported("linux.resources", f"this host has no {controller} controller")
        return []
    if hierarchy.unified:
        return [(hierarchy, of(UNIFIED_NAMES.get(controller, controller), section.v2(config)))]
    return [(hierarchy, of(controller, section.v1(config)))]


def find(hierarchies: list[Hierarchy], controller: str) -> Hierarchy | None:
    """The hierarchy that has a controller, under the name that it has there."""
    for each in hierarchies:
        if cgroups.controls(each, UNIFIED_NAMES.get(controller, controller) if each.unified else controller):
            return each
    return None


def of(controller: str, settings: dict[str, str]) -> dict[str, str]:
    return {file: value for file, value in settings.items() if controller_of(file) == controller}


def controller_of(file: str) -> str:
    """`memory` of memory.max"""
    return file.partition(".")[0]


def configure(hierarchy: Hierarchy, path: str, settings: dict[str, str]) -> None:
    for names, value in settings.items():
        if hierarchy.unified:
            cgroups.enable(hierarchy, path, controller_of(names))
        file = first_there(hierarchy.directory(path), names.split("|"))
        for line in value.split("\n"):
            files.write(file, line)


def first_there(directory: str, names: list[str]) -> str:
    paths = [os.path.join(directory, name) for name in names]
    return next((path for path in paths if os.path.exists(path)), paths[0])


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
