"""create, start, wait, delete: not an operation of the specification, but of everybody's command line."""

from __future__ import annotations

import os
import signal

from ..kernel import processes
from . import delete, start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import Container

FORWARDED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)


def follow(container: Container, *, detach: bool, keep: bool) -> int:
    """From created on; the exit status is the program's."""
    try:
        start.start(container)
    except BaseException:
        if os.path.exists(container.directory):
            delete.stop_and_destroy(container)
        raise
    if detach:
        return 0
    status = wait(container)
    if not keep and os.path.exists(container.directory):
        delete.delete(container)
    return status


def wait(container: Container) -> int:
    """Signals that would end this process are meant for the container."""
    for number in FORWARDED:
        signal.signal(number, lambda number, _: processes.send_signal(container.pid, container.started, number))
    return processes.reap(container.pid)
