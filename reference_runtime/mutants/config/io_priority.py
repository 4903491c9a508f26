# pyright: basic, reportPrivateUsage=false
"""config.md#configLinuxProcess: ioPriority"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from ...config import io_priority
from ...kernel import scheduling
from ...runtime import attributes
from ..ways import Change, Mutants, giving, instead, reading, without

io_class = io_priority.io_class
IOPRIO_WHO_PROCESS = 1


def of_priority(change: Callable[[Any], Any]) -> Change:
    """A config's ioPriority is changed, in place."""

    def changed(config: Any) -> None:
        if "ioPriority" in config["process"]:
            change(config["process"]["ioPriority"])

    return reading(changed)


def misnumbered(name: str, number: int) -> Change:
    return instead(io_priority.io_class, lambda given: number if given["class"] == name else io_class(given))


def known_or_usual(given: Any) -> None:
    if given.get("class", "IOPRIO_CLASS_BE") not in io_priority.CLASSES:
        given["class"] = "IOPRIO_CLASS_BE"


def last_bits(given: Any) -> None:
    if "priority" in given:
        given["priority"] &= 7


def give_to_one_of_two(configured: Any, *, rehearsal: bool = False) -> None:
    """The runtime leaves a process of its own beside the program, and looks after the program only."""
    if rehearsal or "ioPriority" not in configured:
        return
    if os.fork() == 0:
        os.closerange(0, 1 << 16)
        while True:
            signal.pause()
    priority = configured["ioPriority"]
    value = io_priority.io_class(priority) << scheduling.IOPRIO_CLASS_SHIFT | priority["priority"]
    scheduling._ioprio_set(IOPRIO_WHO_PROCESS, 0, value)


MUTANTS: Mutants = {
    "ioprio.applied": [without(io_priority.set_priority)],
    "ioprio.process-group": [instead(attributes.give_shares, give_to_one_of_two)],
    "ioprio.class.required": [of_priority(lambda given: given.setdefault("class", "IOPRIO_CLASS_BE"))],
    "ioprio.class.RT": [misnumbered("IOPRIO_CLASS_RT", 2)],
    "ioprio.class.BE": [misnumbered("IOPRIO_CLASS_BE", 3)],
    "ioprio.class.IDLE": [misnumbered("IOPRIO_CLASS_IDLE", 2)],
    "ioprio.class.unknown": [of_priority(known_or_usual)],
    "ioprio.priority.required": [of_priority(lambda given: given.setdefault("priority", 0))],
    "ioprio.priority.range": [
        of_priority(last_bits),
        giving(io_priority.level, lambda level: {0: 4, 7: 6}.get(level, level)),
    ],
}
