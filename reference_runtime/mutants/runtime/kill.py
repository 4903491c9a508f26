# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeKill"""

from __future__ import annotations

import os
import signal
from typing import Any

from ... import errors
from ...kernel import processes
from ...runtime import kill, lifecycle
from ..ways import Change, Mutants, given, instead
from . import words
from .start import also_in

send, parse = kill.kill, kill.parse


def complaining(status: str) -> Change:
    """The signal is sent, and that is called an error."""

    def kill_and_complain(container: Any, number: int) -> None:
        before = lifecycle.status(container)
        send(container, number)
        if before == status:
            raise errors.WrongStatus(f"the container was {status}")

    return instead(kill.kill, kill_and_complain)


def silent_when_stopped(container: Any, number: int) -> None:
    if lifecycle.status(container) != lifecycle.STOPPED:
        send(container, number)


def always_term(container: Any, number: int) -> tuple[Any, int]:
    return container, number if number == signal.SIGKILL else signal.SIGTERM


def swapped(container: Any, number: int) -> tuple[Any, int]:
    others: dict[int, int] = {signal.SIGQUIT: signal.SIGHUP, signal.SIGWINCH: signal.SIGCONT}
    return container, others.get(number, number)


def lives_by_number(pid: int, since: int) -> bool:
    """Whoever has that pid, alive or not: it is taken for the container's process."""
    return os.path.exists(f"/proc/{pid}")


def term_for_unknown(word: str) -> int:
    try:
        return parse(word)
    except errors.Usage:
        return signal.SIGTERM


MUTANTS: Mutants = {
    "kill.no-id": [words.invent_id("kill")],
    "kill.nonexistent": [words.also_on_nobody("kill")],
    "kill.creating": [also_in("kill", lifecycle.CREATING)],
    "kill.created": [complaining(lifecycle.CREATED)],
    "kill.running": [complaining(lifecycle.RUNNING)],
    "kill.stopped": [instead(kill.kill, silent_when_stopped), instead(processes.lives, lives_by_number)],
    "kill.signal-unknown": [instead(kill.parse, term_for_unknown)],
    "kill.signal-delivered": [given(kill.kill, always_term), given(kill.kill, swapped)],
}
