# pyright: basic, reportPrivateUsage=false
"""config.md#configLinuxProcess: scheduler"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ...config import scheduler
from ..ways import Change, Mutants, giving, instead, reading, without

policy = scheduler.policy
flags = scheduler.flags


def of_scheduler(change: Callable[[Any], Any]) -> Change:
    """A config's scheduler is changed, in place."""

    def changed(config: Any) -> None:
        if "scheduler" in config["process"]:
            change(config["process"]["scheduler"])

    return reading(changed)


def misnumbered(name: str, number: int) -> Change:
    """The policy of this name is taken for the one with this number."""
    return instead(scheduler.policy, lambda given: number if given["policy"] == name else policy(given))


def losing(name: str) -> Change:
    return giving(scheduler.flags, lambda found: found & ~scheduler.FLAGS[name])


def known_or_usual(given: Any) -> None:
    if given.get("policy", "SCHED_OTHER") not in scheduler.POLICIES:
        given["policy"] = "SCHED_OTHER"


def only_known_flags(given: Any) -> None:
    given["flags"] = [name for name in given.get("flags", []) if name in scheduler.FLAGS]


def first_flag(given: Any) -> int:
    return sum(scheduler.FLAGS[name] for name in given.get("flags", [])[:1])


def some_flag(given: Any) -> int:
    return flags(given) if given.get("flags", True) else scheduler.FLAGS["SCHED_FLAG_RESET_ON_FORK"]


def inherited_nice(given: Any) -> int:
    return given.get("nice", os.getpriority(os.PRIO_PROCESS, 0))


def nearest_priority(given: Any) -> int:
    return min(max(given["priority"], 1), 99) if "priority" in given else 0


MUTANTS: Mutants = {
    "sched.applied": [without(scheduler.set_attributes)],
    "sched.policy.required": [of_scheduler(lambda given: given.setdefault("policy", "SCHED_OTHER"))],
    "sched.policy.unknown": [of_scheduler(known_or_usual)],
    "sched.policy.SCHED_OTHER": [misnumbered("SCHED_OTHER", 3)],
    "sched.policy.SCHED_FIFO": [misnumbered("SCHED_FIFO", 2)],
    "sched.policy.SCHED_RR": [misnumbered("SCHED_RR", 1)],
    "sched.policy.SCHED_BATCH": [misnumbered("SCHED_BATCH", 0)],
    "sched.policy.SCHED_ISO": [misnumbered("SCHED_ISO", 0)],
    "sched.policy.SCHED_IDLE": [misnumbered("SCHED_IDLE", 0)],
    "sched.policy.SCHED_DEADLINE": [misnumbered("SCHED_DEADLINE", 0)],
    "sched.nice": [giving(scheduler.nice, lambda nice: 0)],
    "sched.nice.default": [instead(scheduler.nice, inherited_nice)],
    "sched.nice.range": [without(scheduler.refuse_nice_out_of_range)],
    "sched.priority": [giving(scheduler.priority, lambda priority: priority and 50)],
    "sched.priority.default": [giving(scheduler.priority, lambda priority: priority or 1)],
    "sched.priority.range": [instead(scheduler.priority, nearest_priority)],
    "sched.flags": [instead(scheduler.flags, first_flag), instead(scheduler.flags, some_flag)],
    "sched.flag.unknown": [of_scheduler(only_known_flags)],
    **{f"sched.flag.{name}": [losing(name)] for name in scheduler.FLAGS},
    "sched.runtime": [giving(scheduler.runtime, lambda found: found // 2)],
    "sched.runtime.default": [giving(scheduler.runtime, lambda found: found or 5_000_000)],
    "sched.deadline": [giving(scheduler.absolute_deadline, lambda found: found + 1_000_000)],
    "sched.deadline.default": [
        instead(scheduler.absolute_deadline, lambda given: given.get("deadline", given["period"]))
    ],
    "sched.period": [giving(scheduler.period, lambda found: 0)],
    "sched.period.default": [giving(scheduler.period, lambda found: found or 100_000_000)],
}
