"""config-linux.md#configLinuxMemory"""

from __future__ import annotations

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..config_types import Config, Memory

CONTROLLERS = ("memory",)


def configured(config: Config) -> Memory:
    return config.get("linux", {}).get("resources", {}).get("memory", {})


def v1(config: Config) -> dict[str, str]:
    """The files of version 1, in the order in which the kernel takes them: memory.memsw is never below the limit."""
    memory: dict[str, Any] = {**configured(config)}
    names = {
        "reservation": "memory.soft_limit_in_bytes",
        "limit": "memory.limit_in_bytes",
        "swap": "memory.memsw.limit_in_bytes",
        "swappiness": "memory.swappiness",
    }
    settings = {file: str(memory[name]) for name, file in names.items() if name in memory}
    if memory.get("disableOOMKiller"):
        settings["memory.oom_control"] = "1"
    if memory.get("useHierarchy"):
        settings["memory.use_hierarchy"] = "1"
    return settings


def refuse_v1_only(config: Config) -> None:
    """What version 2 cannot do is an error there."""
    for name in ("swappiness", "disableOOMKiller"):
        if configured(config).get(name):
            raise errors.Unsupported(f"linux.resources.memory.{name}", "cgroup version 2 does not have this")


def v2(config: Config) -> dict[str, str]:
    """Version 2 counts swap by itself, where the config counts memory and swap together."""
    refuse_v1_only(config)
    memory = configured(config)
    settings: dict[str, str] = {}
    if "reservation" in memory:
        settings["memory.low"] = limit(memory["reservation"])
    if "limit" in memory:
        settings["memory.max"] = limit(memory["limit"])
    if "swap" in memory:
        swap = memory["swap"] if memory["swap"] == -1 else memory["swap"] - memory.get("limit", 0)
        settings["memory.swap.max"] = limit(swap)
    return settings


def limit(value: int) -> str:
    return "max" if value == -1 else str(value)
