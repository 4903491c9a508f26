"""What this kernel lets a process do with scheduling: looked at by trying, in a thread that ends with the attempt."""

import struct
from pathlib import Path
from typing import Any

from . import cgroups, libc

Scheduler = dict[str, Any]

#: sched.h
POLICIES = {
    "SCHED_OTHER": 0,
    "SCHED_FIFO": 1,
    "SCHED_RR": 2,
    "SCHED_BATCH": 3,
    "SCHED_ISO": 4,
    "SCHED_IDLE": 5,
    "SCHED_DEADLINE": 6,
}
FLAGS = {
    "SCHED_FLAG_RESET_ON_FORK": 0x01,
    "SCHED_FLAG_RECLAIM": 0x02,
    "SCHED_FLAG_DL_OVERRUN": 0x04,
    "SCHED_FLAG_KEEP_POLICY": 0x08,
    "SCHED_FLAG_KEEP_PARAMS": 0x10,
    "SCHED_FLAG_UTIL_CLAMP_MIN": 0x20,
    "SCHED_FLAG_UTIL_CLAMP_MAX": 0x40,
}
NUMBERS = ("nice", "priority", "runtime", "deadline", "period")
#: Microseconds in each second that the real-time policies may use: all containers of a run together, and one of them.
RUN_BUDGET, BUDGET = 400_000, 50_000


def refusal(scheduler: Scheduler) -> str | None:
    """The errno's name with which this kernel refuses a config's scheduler; None where it takes it.

    Raises KeyError, TypeError or struct.error for what is none.
    """
    attributes = packed(scheduler)
    return libc.refusal(lambda: libc.sched_setattr(attributes))


def packed(scheduler: Scheduler) -> bytes:
    """As a struct sched_attr."""
    flags = sum(FLAGS[name] for name in scheduler.get("flags", []))
    nice, *others = (scheduler.get(name, 0) for name in NUMBERS)
    return struct.pack("=IIQiIQQQII", 56, POLICIES[scheduler["policy"]], flags, nice, *others, 0, 0)


def realtime_budget() -> Path | None:
    """Where cgroups of version 1 ration the real-time policies: a cgroup that has nothing lends none of it.

    The file of this run's own cgroup; None where nothing is rationed.
    """
    for hierarchy in cgroups.hierarchies():
        if hierarchy.version == 1 and "cpu" in hierarchy.controllers:
            file = hierarchy.own / "cpu.rt_runtime_us"
            return file if file.exists() else None
    return None


def lend(config: dict[str, Any], file: Path) -> None:
    """Give the run its budget, and the config's container its part of that. Raises OSError where there is none."""
    if int(file.read_text()) < RUN_BUDGET:
        file.write_text(str(RUN_BUDGET))
    config["linux"].setdefault("resources", {}).setdefault("cpu", {})["realtimeRuntime"] = BUDGET
