"""config-linux.md#configLinuxCPU"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import files, lists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..config_types import CPU, Config

WHERE = "linux.resources.cpu"
CONTROLLERS = ("cpu", "cpuset")
#: What each field is called in version 1, period before quota and runtime: they are checked against it.
V1 = {
    "shares": "cpu.shares",
    "period": "cpu.cfs_period_us",
    "quota": "cpu.cfs_quota_us",
    "burst": "cpu.cfs_burst_us",
    "realtimePeriod": "cpu.rt_period_us",
    "realtimeRuntime": "cpu.rt_runtime_us",
    "idle": "cpu.idle",
}
CPUSET = {"cpus": "cpuset.cpus", "mems": "cpuset.mems"}


def check(config: Config) -> None:
    for name in CPUSET:
        refuse_malformed(name, configured(config).get(name, ""))
    refuse_burst_above_quota(configured(config))


def refuse_malformed(name: str, text: str) -> None:
    """A list of numbers and ranges, with commas."""
    try:
        lists.spans(text)
    except ValueError as problem:
        raise errors.InvalidConfig(f"{WHERE}.{name}", str(problem)) from None


def refuse_burst_above_quota(cpu: CPU) -> None:
    quota, burst = cpu.get("quota", 0), cpu.get("burst", 0)
    if 0 < quota < burst:
        raise errors.InvalidConfig("linux.resources.cpu.burst", f"{burst} is above the quota {quota}")


def configured(config: Config) -> CPU:
    return config.get("linux", {}).get("resources", {}).get("cpu", {})


def v1(config: Config) -> dict[str, str]:
    cpu: dict[str, Any] = {**configured(config)}
    return {file: str(cpu[name]) for name, file in V1.items() if name in cpu} | cpuset(config)


def refuse_v1_only(config: Config) -> None:
    """What version 2 cannot do is an error there."""
    for name in ("realtimePeriod", "realtimeRuntime"):
        if configured(config).get(name):
            raise errors.Unsupported(f"linux.resources.cpu.{name}", "cgroup version 2 does not have this")


def v2(config: Config) -> dict[str, str]:
    refuse_v1_only(config)
    cpu = configured(config)
    settings: dict[str, str] = {}
    if shares := cpu.get("shares"):
        settings["cpu.weight"] = str(weight(shares))
    if "quota" in cpu or "period" in cpu:
        # The kernel keeps a period that is not named.
        settings["cpu.max"] = f"{in_words(cpu.get('quota', -1))} {cpu.get('period', '')}".rstrip()
    if "burst" in cpu:
        settings["cpu.max.burst"] = str(cpu["burst"])
    if "idle" in cpu:
        settings["cpu.idle"] = str(cpu["idle"])
    return settings | cpuset(config)


def in_words(quota: int) -> str:
    return "max" if quota < 0 else str(quota)


def weight(shares: int) -> int:
    """From 2..262144 to 1..10000, as the kernel's documentation of the conversion has it."""
    return 1 + (min(max(shares, 2), 262144) - 2) * 9999 // 262142


def cpuset(config: Config) -> dict[str, str]:
    """The same in both versions."""
    cpu: dict[str, Any] = {**configured(config)}
    return {file: cpu[name] for name, file in CPUSET.items() if cpu.get(name)}


def refuse_without_effect(directory: str, config: Config) -> None:
    """Version 2's kernel takes numbers of what may come, and has the others do the work meanwhile."""
    for file, asked in cpuset(config).items():
        there = files.read(os.path.join(directory, f"{file}.effective")).strip()
        if not lists.numbers(asked) <= lists.numbers(there):
            where = f"{WHERE}.{file.partition('.')[2]}"
            raise errors.Unsupported(where, f"of {asked} there is only {there or 'nothing'}")
