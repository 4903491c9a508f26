"""prctl(2), pidfds, and what /proc says of a process."""

from __future__ import annotations

import errno
import os
import select
import signal
import time

from . import libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

_execve = libc.declare("execve", libc.c_char_p, libc.c_void_p, libc.c_void_p)
_prctl = libc.declare("prctl", libc.c_int, libc.c_ulong, libc.c_ulong, libc.c_ulong, libc.c_ulong)


def prctl(option: int, value: int = 0, third: int = 0) -> int:
    return _prctl(option, value, third, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent has died."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(yes: bool) -> None:
    """Be killed when the parent dies, or no longer."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL if yes else 0)


def started(pid: int) -> int | None:
    """When a process began, in ticks since boot: with the pid this names it for ever. None: it is gone, or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def lives(pid: int, since: int) -> bool:
    return started(pid) == since


def open_process(pid: int) -> int:
    """A descriptor of a process (pidfd_open(2)), or ProcessLookupError."""
    try:
        return os.pidfd_open(pid)
    except OSError as problem:
        # Older kernels say EINVAL of a process that is gone while its number is still that of a group or session.
        if problem.errno == errno.EINVAL:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH)) from None
        raise


def send_signal(pid: int, since: int, number: int) -> None:
    """Signal that very process, and none that has got its number since."""
    try:
        descriptor = open_process(pid)
    except ProcessLookupError:
        return
    try:
        if lives(pid, since):
            signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return
    finally:
        os.close(descriptor)


def wait_for_end(pid: int, since: int, within: float) -> bool:
    """Has this process ended, or become a zombie, before the deadline?"""
    deadline = time.monotonic() + within
    while lives(pid, since):
        try:
            ended(pid, min(0.05, max(deadline - time.monotonic(), 0)))
        except ProcessLookupError:
            return True
        if time.monotonic() > deadline:
            return not lives(pid, since)
    return True


def ended(pid: int, within: float | None) -> bool:
    """Wait until a process ends; False when the time is over first."""
    descriptor = open_process(pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(None if within is None else min(within * 1000, 2**31 - 1)))
    finally:
        os.close(descriptor)


def restore_signals() -> None:
    """Undo what the Python interpreter did to signals: an ignored signal stays ignored through execve."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def execve(path: str, arguments: list[str], environment: list[str]) -> NoReturn:
    """`os.execve` takes the environment as a mapping, which cannot say everything that a list can."""
    _execve(os.fsencode(path), libc.strings(arguments), libc.strings(environment), about=path)
    raise AssertionError("execve has returned")


def reap(pid: int) -> int:
    """Wait for a child; its exit status as a shell counts it. A child that is reaped already was no failure."""
    try:
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return 0
    return code if code >= 0 else 128 - code
