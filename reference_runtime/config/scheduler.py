"""config.md#configLinuxProcess: scheduler"""

from __future__ import annotations

from .. import errors
from ..kernel import scheduling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Scheduler

#: sched.h. Mainline Linux has no SCHED_ISO: it keeps the number, and refuses it.
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
LOWEST_NICE, HIGHEST_NICE = -20, 19
SHORTEST_RUNTIME = 1024  # nanoseconds: the kernel does not count finer


def check(config: Config) -> None:
    scheduler = config.get("process", {}).get("scheduler")
    if scheduler:
        refuse_nice_out_of_range(scheduler)
        refuse_impossible_deadline(scheduler)


def refuse_nice_out_of_range(scheduler: Scheduler) -> None:
    """The kernel would not refuse it but take the nearest value."""
    if not LOWEST_NICE <= nice(scheduler) <= HIGHEST_NICE:
        raise errors.InvalidConfig("process.scheduler.nice", f"{nice(scheduler)} is not from -20 to 19")


def refuse_impossible_deadline(scheduler: Scheduler) -> None:
    """As the kernel does, but before anything exists: see `can_be_rehearsed`."""
    run, deadline, every = runtime(scheduler), absolute_deadline(scheduler), period(scheduler)
    if scheduler["policy"] == "SCHED_DEADLINE" and not SHORTEST_RUNTIME <= run <= deadline <= (every or deadline):
        raise errors.InvalidConfig("process.scheduler", "1024 ns <= runtime <= deadline <= period does not hold")


def can_be_rehearsed(scheduler: Scheduler) -> bool:
    """What SCHED_DEADLINE promises is still taken for a while when its process is gone."""
    return scheduler["policy"] != "SCHED_DEADLINE"


def set_attributes(scheduler: Scheduler) -> None:
    """Of this process, and of what it becomes: scheduling stays what it is through execve."""
    scheduling.sched_setattr(
        policy(scheduler),
        flags(scheduler),
        nice(scheduler),
        priority(scheduler),
        runtime(scheduler),
        absolute_deadline(scheduler),
        period(scheduler),
    )


def policy(scheduler: Scheduler) -> int:
    return POLICIES[scheduler["policy"]]


def flags(scheduler: Scheduler) -> int:
    """All of them in one number."""
    return sum({FLAGS[name] for name in scheduler.get("flags", [])})


def nice(scheduler: Scheduler) -> int:
    return scheduler.get("nice", 0)


def priority(scheduler: Scheduler) -> int:
    return scheduler.get("priority", 0)


def runtime(scheduler: Scheduler) -> int:
    return scheduler.get("runtime", 0)


def absolute_deadline(scheduler: Scheduler) -> int:
    return scheduler.get("deadline", 0)


def period(scheduler: Scheduler) -> int:
    return scheduler.get("period", 0)
