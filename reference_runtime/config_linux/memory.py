"""config-linux.md#configLinuxMemory"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..config_types import Config, Memory

CONTROLLER = "memory"


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
    return settings


def v2(config: Config) -> dict[str, str]:
    """Version 2 counts swap by itself, where the config counts memory and swap together."""
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
