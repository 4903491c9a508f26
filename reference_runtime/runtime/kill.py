"""runtime.md#runtimeKill"""

from __future__ import annotations

import signal

from .. import errors
from ..kernel import processes
from . import cgroups, lifecycle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import Container


def kill(container: Container, number: int) -> None:
    """The signal that is asked for, to the container's process."""
    lifecycle.require(container, "kill")
    processes.send_signal(container.pid, container.started, number)


def kill_all(container: Container, number: int) -> None:
    """To every process of the container, also when its first one has ended already."""
    for pid in cgroups.members(container):
        since = processes.started(pid)
        if since is not None:
            processes.send_signal(pid, since, number)


def parse(word: str) -> int:
    """`9`, `KILL`, `SIGKILL`, `RTMIN+3`."""
    if word.isdecimal() and word.isascii() and len(word) < 20:
        return refuse_out_of_range(int(word), word)
    name, _, offset = word.upper().removeprefix("SIG").partition("+")
    if name.startswith("RTMAX-"):
        name, _, offset = "RTMAX", "", "-" + name[6:]
    try:
        number = signal.Signals["SIG" + name] + int(offset or 0)
    except (KeyError, ValueError) as error:
        raise errors.Usage(f"{word!r} is no signal") from error
    return refuse_out_of_range(number, word)


def refuse_out_of_range(number: int, word: str) -> int:
    if not 0 < number < signal.NSIG:
        raise errors.Usage(f"{word!r} is no signal")
    return number
