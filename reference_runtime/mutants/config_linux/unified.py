# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxUnified"""

from __future__ import annotations

import os
from typing import Any

from ...config_linux import memory, unified
from ...kernel import cgroups, files
from ..ways import Mutants, giving, instead, reading, without

enable_controllers = unified.enable_controllers
#: Those that some other property stands for.
FAMILIAR = {"memory.max", "memory.high", "memory.low", "pids.max", "cpu.weight", "cpu.max", "io.max"}
#: Members of the resources that version 2 has nothing for.
LOST = {
    "memory": ("swappiness", "disableOOMKiller"),
    "cpu": ("realtimeRuntime", "realtimePeriod"),
    "blockIO": ("leafWeight",),
}


def resources(config: Any) -> Any:
    return config.get("linux", {}).get("resources", {})


def keep(config: Any, wanted: Any) -> None:
    if "unified" in resources(config):
        resources(config)["unified"] = {
            name: value for name, value in unified.configured(config).items() if wanted(name)
        }


def keep_last_lines(config: Any) -> None:
    for name, value in unified.configured(config).items():
        unified.configured(config)[name] = value.rpartition("\n")[2]


def keep_what_is_there(config: Any) -> None:
    """Nothing is asked of a controller that is not there."""
    there = [each for each in cgroups.hierarchies() if each.unified]
    keep(config, lambda name: there and cgroups.controls(there[0], cgroups.controller_of(name) or "memory"))


def forget_on_version_1(config: Any) -> None:
    if not all(each.unified for each in cgroups.hierarchies()):
        resources(config).pop("unified", None)


def write_anywhere(config: Any) -> None:
    """As if the container's cgroup were there already, right below the mount point."""
    for name, value in unified.configured(config).items():
        for hierarchy in cgroups.hierarchies():
            file = os.path.normpath(os.path.join(hierarchy.mountpoint, "container", name))
            if "/" in name and hierarchy.unified and os.path.exists(file):
                files.write(file, value)
    keep(config, lambda name: "/" not in name)


def shrug(hierarchy: Any, path: str, config: Any) -> None:
    """What cannot be enabled is not needed."""
    try:
        enable_controllers(hierarchy, path, config)
    except OSError:
        resources(config)["unified"] = {}


def lose(config: Any) -> None:
    """In version 2, what it has nothing for."""
    if all(each.unified for each in cgroups.hierarchies()):
        for section, names in LOST.items():
            for name in names:
                resources(config).get(section, {}).pop(name, None)


MUTANTS: Mutants = {
    "unified.files": [without(unified.write_files)],
    "unified.lines": [reading(keep_last_lines)],
    "unified.path-traversal": [instead(unified.check, write_anywhere)],
    "unified.on-v1": [reading(forget_on_version_1)],
    "unified.controllers": [without(unified.enable_controllers)],
    "unified.unknown-written": [reading(lambda config: keep(config, FAMILIAR.__contains__))],
    "unified.missing-controller": [reading(keep_what_is_there)],
    "unified.cannot-enable": [instead(unified.enable_controllers, shrug)],
    "unified.convert": [giving(memory.v2, lambda settings: {})],
    "unified.convert-error": [reading(lose)],
}
