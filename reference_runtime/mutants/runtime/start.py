# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeStart"""

from __future__ import annotations

from typing import Any

from ...config import process
from ...runtime import lifecycle, start, sync
from ..ways import Change, Mutants, giving, instead
from . import words

begin = start.start


def silently(status: str) -> Change:
    """In this status nothing is done, and that is called a success."""

    def start_or_not(container: Any) -> None:
        if lifecycle.status(container) != status:
            begin(container)

    return instead(start.start, start_or_not)


def also_in(operation: str, *statuses: str) -> Change:
    return lifecycle, "ALLOWED", {**lifecycle.ALLOWED, operation: lifecycle.ALLOWED[operation] | set(statuses)}


def say_and_leave(container: Any) -> None:
    """What comes of it is not waited for."""
    sync.connect(container).close()


def without_process(container: Any) -> None:
    if "process" in container.config:
        begin(container)


MUTANTS: Mutants = {
    "start.no-id": [words.invent_id("start")],
    "start.not-created.nonexistent": [words.also_on_nobody("start")],
    "start.not-created.creating": [also_in("start", lifecycle.CREATING)],
    "start.not-created.running": [silently(lifecycle.RUNNING)],
    "start.not-created.stopped": [silently(lifecycle.STOPPED)],
    "start.runs-program": [
        giving(process.arguments, lambda arguments: [each for each in arguments if " " not in each])
    ],
    "start.program-missing": [instead(start.execute, say_and_leave)],
    "start.no-process": [instead(start.start, without_process)],
}
