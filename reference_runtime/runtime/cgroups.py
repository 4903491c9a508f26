"""config-linux.md#configLinuxControlGroups: the container's cgroups, in every hierarchy that is mounted."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress

from .. import errors
from ..config_linux import (
    block_io,
    cgroup_ownership,
    cgroups_path,
    cpu,
    device_allowedlist,
    hugepage_limits,
    memory,
    network,
    pids,
    rdma,
    unified,
)
from ..kernel import cgroups, files, namespaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
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
        def WHERE(self) -> str: ...  # noqa: N802  # a constant of the section's module
        @property
        def CONTROLLERS(self) -> tuple[str, ...]: ...  # noqa: N802  # likewise
        def v1(self, config: Config, /) -> dict[str, str]: ...
        def v2(self, config: Config, /) -> dict[str, str]: ...


SECTIONS: tuple[Section, ...] = (memory, cpu, block_io, hugepage_limits, network, pids, rdma)
#: What version 2 calls by another name.
UNIFIED_NAMES = {"blkio": "io"}
#: What is to be written where, and which part of the config says so.
Plan = list[tuple[str, "Hierarchy", dict[str, str]]]


def create(container: Container) -> None:
    """Each directory is noted as soon as it is there, so that `remove` can undo the half of it too."""
    path = cgroups_path.locate(container.config, container.id)
    hierarchies = cgroups.hierarchies()
    for hierarchy in hierarchies:
        cgroups_path.refuse_frozen(hierarchy, path)
        cgroups_path.refuse_occupied(hierarchy, path)
    planned = plan(hierarchies, container.config)
    version_2 = plan_unified(hierarchies, container.config)
    for hierarchy in hierarchies:
        container.cgroups.append(hierarchy.directory(path))
        container.made.append([])
        cgroups_path.create(hierarchy, path, container.made[-1])
    with limits_judged(hierarchies, path, container.config):
        for where, hierarchy, settings in planned:
            if not of("pids", settings):
                with told(where):
                    configure(hierarchy, path, settings)
    if version_2:
        with told(unified.WHERE):
            unified.enable_controllers(version_2, path, container.config)
            unified.write_files(version_2, path, container.config)
        if cgroups.is_frozen(version_2, path):
            raise errors.Unsupported(unified.WHERE, "nothing comes to life in a cgroup that is frozen")


def limit_tasks(container: Container) -> None:
    """Once the container's own process is the only one: those that bring it up would be counted, too."""
    path = cgroups_path.locate(container.config, container.id)
    hierarchies = cgroups.hierarchies()
    for where, hierarchy, settings in plan(hierarchies, container.config):
        if of("pids", settings):
            with told(where):
                configure(hierarchy, path, settings)
    if version_2 := plan_unified(hierarchies, container.config):
        with told(unified.WHERE):
            unified.write_later(version_2, path, container.config)


@contextmanager
def told(where: str) -> Generator[None]:
    """What the kernel refuses is told with the part of the config that asked for it."""
    try:
        yield
    except OSError as refusal:
        raise errors.Unsupported(where, errors.describe(refusal)) from refusal


@contextmanager
def deaths_told(container: Container) -> Generator[None]:
    """Why the processes that bring the container up have fallen silent, if the cgroup knows."""
    try:
        yield
    except errors.BirthFailed:
        # In a cgroup that was there before, somebody else may have been killed.
        if any(memory.has_killed(made[-1]) for made in container.made if made):
            raise errors.Unsupported(memory.WHERE, "the container's process was killed for want of memory") from None
        raise


@contextmanager
def limits_judged(hierarchies: list[Hierarchy], path: str, config: Config) -> Generator[None]:
    """What only the cgroup tells: how much is used already, and whether what was set has come into force."""
    memories, processors = find(hierarchies, "memory"), find(hierarchies, "cpuset")
    if memories and memories.unified:
        memory.refuse_below_usage(memories.directory(path), config)
    yield
    if memories and not memories.unified:
        memory.refuse_without_effect(memories.directory(path), config)
    if processors and processors.unified:
        cpu.refuse_without_effect(processors.directory(path), config)


def allow_devices(container: Container) -> None:
    """Once the container has its devices: the rules may forbid to make them."""
    if not device_allowedlist.listed(container.config):
        return
    path = cgroups_path.locate(container.config, container.id)
    hierarchies = cgroups.hierarchies()
    with told(device_allowedlist.WHERE):
        if (first := next((each for each in hierarchies if "devices" in each.controllers), None)) is not None:
            device_allowedlist.apply_v1(first.directory(path), container.config)
        elif (second := next((each for each in hierarchies if each.unified), None)) is not None:
            device_allowedlist.apply_v2(second.directory(path), container.config)
        else:
            raise errors.Unsupported(device_allowedlist.WHERE, "this host has no cgroups that tell devices apart")


def plan(hierarchies: list[Hierarchy], config: Config) -> Plan:
    """An error, as long as nothing exists, where something cannot be written."""
    return [
        (section.WHERE, hierarchy, settings)
        for section in SECTIONS
        for controller in section.CONTROLLERS
        for hierarchy, settings in decide(hierarchies, controller, section, config)
    ]


def plan_unified(hierarchies: list[Hierarchy], config: Config) -> Hierarchy | None:
    """Where files are written whatever their name; an error where their controllers are not."""
    hierarchy = next((each for each in hierarchies if each.unified), None)
    unified.refuse_missing_hierarchy(hierarchy, config)
    if hierarchy:
        unified.refuse_missing_controllers(hierarchy, config)
    return hierarchy


def decide(
    hierarchies: list[Hierarchy], controller: str, section: Section, config: Config
) -> list[tuple[Hierarchy, dict[str, str]]]:
    """A section's files of one controller, in the words of the version in which this host has it."""
    hierarchy = find(hierarchies, controller)
    if hierarchy is None:
        if of(controller, section.v1(config)):
            raise errors.Unsupported(section.WHERE, f"this host has no {controller} controller")
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
    return {file: value for file, value in settings.items() if cgroups.controller_of(file) == controller}


def configure(hierarchy: Hierarchy, path: str, settings: dict[str, str]) -> None:
    """Write file → value (`a|b`: whichever is there) into a cgroup, a line at a time. Raises OSError."""
    for names, value in settings.items():
        if hierarchy.unified:
            cgroups.enable(hierarchy, path, cgroups.controller_of(names))
        file = first_there(hierarchy.directory(path), names.split("|"))
        for line in value.split("\n"):
            files.write(file, line)


def first_there(directory: str, names: list[str]) -> str:
    paths = [os.path.join(directory, name) for name in names]
    return next((path for path in paths if os.path.exists(path)), paths[0])


def hand_over(container: Container) -> None:
    """To the program's user, where the config mounts the cgroup for it to be filled."""
    config = container.config
    if "process" not in config or not cgroup_ownership.is_due(config, cgroups.hierarchies()):
        return
    owner = namespaces.user_outside(container.pid, config["process"]["user"]["uid"])
    for directory in container.cgroups:
        if owner is not None:
            cgroup_ownership.change(directory, owner)


def join(container: Container) -> None:
    for directory in container.cgroups:
        cgroups.enter(directory)


def members(container: Container) -> set[int]:
    """The processes in the cgroups that are the container's own."""
    own = [made[-1] for made in container.made if made and os.path.isdir(made[-1])]
    return {pid for directory in own for pid in cgroups.members(directory)}


def remove(container: Container) -> None:
    """End what is left of the container in there, and remove what was made."""
    thaw(container)
    deadline = time.monotonic() + cgroups.DEADLINE
    # Again, for those who were born meanwhile.
    while (left := members(container)) and time.monotonic() < deadline:
        for pid in left:
            kill(pid)
        time.sleep(0.001)
    for made in container.made:
        if made:
            cgroups_path.remove(made)


def thaw(container: Container) -> None:
    """Let the cgroups that are the container's own go on, if somebody has stopped them."""
    for made in container.made:
        if made:
            cgroups.thaw(made[-1])


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
