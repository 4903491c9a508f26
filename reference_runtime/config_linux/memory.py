"""config-linux.md#configLinuxMemory"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..config_types import Config, Memory

WHERE = "linux.resources.memory"
CONTROLLERS = ("memory",)
UNLIMITED = -1
LIMITS = ("limit", "reservation", "swap", "kernel", "kernelTCP")
#: Version 1's files, in the order in which the kernel takes them: memory.memsw is never below the limit.
V1 = {
    "reservation": "memory.soft_limit_in_bytes",
    "limit": "memory.limit_in_bytes",
    "swap": "memory.memsw.limit_in_bytes",
    "kernel": "memory.kmem.limit_in_bytes",
    "kernelTCP": "memory.kmem.tcp.limit_in_bytes",
    "swappiness": "memory.swappiness",
}
MOST_SWAPPY = 100


def check(config: Config) -> None:
    memory: dict[str, Any] = {**configured(config)}
    for name in LIMITS:
        refuse_negative(name, memory.get(name, UNLIMITED))
    refuse_swap_below_limit(configured(config))
    refuse_swappiness(configured(config))


def refuse_negative(name: str, value: int) -> None:
    if value < UNLIMITED:
        raise errors.InvalidConfig(f"linux.resources.memory.{name}", f"{value} is neither bytes nor -1")


def refuse_swap_below_limit(memory: Memory) -> None:
    """Memory and swap together cannot be less than memory alone."""
    limit, swap = memory.get("limit", UNLIMITED), memory.get("swap", UNLIMITED)
    if swap != UNLIMITED and limit == UNLIMITED:
        raise errors.Unsupported("linux.resources.memory.swap", "needs a limit of memory alone, which is not made up")
    if UNLIMITED < swap < limit:
        raise errors.InvalidConfig("linux.resources.memory.swap", f"{swap} is below the limit of memory alone")


def refuse_swappiness(memory: Memory) -> None:
    """The kernel would take a higher one."""
    if memory.get("swappiness", 0) > MOST_SWAPPY:
        raise errors.InvalidConfig("linux.resources.memory.swappiness", f"{memory.get('swappiness')} is above 100")


def configured(config: Config) -> Memory:
    return config.get("linux", {}).get("resources", {}).get("memory", {})


def v1(config: Config) -> dict[str, str]:
    memory: dict[str, Any] = {**configured(config)}
    if memory.get("kernel") == UNLIMITED:
        # That is so by itself, and some kernels take no value for it at all.
        del memory["kernel"]
    settings = {file: str(memory[name]) for name, file in V1.items() if name in memory}
    if "disableOOMKiller" in memory:
        settings["memory.oom_control"] = "1" if memory["disableOOMKiller"] else "0"
    if "useHierarchy" in memory:
        settings["memory.use_hierarchy"] = "1" if memory["useHierarchy"] else "0"
    return settings


def refuse_without_effect(directory: str, config: Config) -> None:
    """A newer kernel takes a limit for its own memory, and keeps none."""
    file = V1["kernel"]
    asked = v1(config).get(file)
    if asked and int(files.read(os.path.join(directory, file))) > int(asked):
        raise errors.Unsupported("linux.resources.memory.kernel", "this kernel does not limit its own memory")


def refuse_v1_only(config: Config) -> None:
    """What version 2 cannot do is an error there."""
    memory: dict[str, Any] = {**configured(config)}
    for name, harmless in {
        "kernel": UNLIMITED,
        "kernelTCP": UNLIMITED,
        "swappiness": None,
        "disableOOMKiller": False,
        "useHierarchy": True,
    }.items():
        if memory.get(name, harmless) != harmless:
            raise errors.Unsupported(f"linux.resources.memory.{name}", "cgroup version 2 does not have this")


def v2(config: Config) -> dict[str, str]:
    refuse_v1_only(config)
    memory = configured(config)
    settings: dict[str, str] = {}
    if "reservation" in memory:
        settings["memory.low"] = in_words(memory["reservation"])
    if "limit" in memory:
        settings["memory.max"] = in_words(memory["limit"])
    if "swap" in memory:
        settings["memory.swap.max"] = in_words(swap_alone(memory["swap"], memory.get("limit", 0)))
    return settings


def swap_alone(both: int, limit: int) -> int:
    """Version 2 counts swap by itself, where the config counts memory and swap together."""
    return both if both == UNLIMITED else both - limit


def in_words(limit: int) -> str:
    return "max" if limit == UNLIMITED else str(limit)


def refuse_below_usage(directory: str, config: Config) -> None:
    """Version 2's kernel would kill for it; version 1's refuses by itself."""
    memory = configured(config)
    limit = memory.get("limit", UNLIMITED)
    file = os.path.join(directory, "memory.current")
    if not memory.get("checkBeforeUpdate") or limit == UNLIMITED or not os.path.exists(file):
        return
    usage = int(files.read(file))
    if limit < usage:
        raise errors.InvalidConfig("linux.resources.memory.limit", f"{limit} is below what is used already, {usage}")


def has_killed(directory: str) -> bool:
    """Whether the kernel has killed a process of this cgroup for want of memory."""
    for name in ("memory.events", "memory.oom_control"):
        if os.path.exists(file := os.path.join(directory, name)):
            counts = dict(line.split() for line in files.read(file).splitlines())
            return int(counts.get("oom_kill", 0)) > 0
    return False
