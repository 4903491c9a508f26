"""The kernel's log, from now on: what it tells of system calls that a filter has held back."""

import os
import time
from collections.abc import Callable, Iterator

import pytest

from . import faults, libc, resources, seccomp
from .runtime import Runtime

PATH = "/dev/kmsg"
#: Seconds: of a few lines in a short time the kernel leaves some out, so a call is made again after this.
PATIENCE = 0.2


class KernelLog:
    """Its lines since the fixture was made."""

    def __init__(self) -> None:
        self._file = os.open(PATH, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self._file, 0, os.SEEK_END)
        #: A group that nothing else on this host has, and one more: by it a line tells of one process and no other.
        self.group = 0x4000_0000 + 2 * os.getpid()

    def tells_of(self, group: int, happens: Callable[[], object], within: float) -> bool:
        """Whether there is a line about munlockall(2), called by this group while that happens, again and again."""
        words = {f"gid={group}", f"syscall={seccomp.CALL.split()[1]}"}
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            happens()
            patient = time.monotonic() + PATIENCE
            while time.monotonic() < patient:
                if words <= set(self._line().split()):
                    return True
        return False

    def _line(self) -> str:
        try:
            return os.read(self._file, 8192).decode(errors="replace")
        except BlockingIOError:
            time.sleep(0.002)
        except BrokenPipeError:  # lines were overwritten before they were read
            pass
        return ""

    def close(self) -> None:
        os.close(self._file)


def refused_child(group: int) -> None:
    """A child that makes a call which a filter of its own refuses, and has logged."""
    child = resources.fork()
    if child == 0:
        try:
            os.setgid(group)
            libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
            seccomp.refuse_and_log()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


@pytest.fixture
def kernel_log(runtime: Runtime, same_kernel: None) -> Iterator[KernelLog]:
    """What the kernel says from now on; not on this host where it says nothing of refused system calls."""
    try:
        made = KernelLog()
    except OSError as problem:
        raise faults.not_on_this_host(f"the kernel's log: {problem}") from None
    try:
        if not made.tells_of(made.group + 1, lambda: refused_child(made.group + 1), within=6):
            raise faults.not_on_this_host("a kernel's log that tells of refused system calls (CONFIG_AUDIT, no auditd)")
        yield made
    finally:
        made.close()
