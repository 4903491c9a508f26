"""What is not the container's and could be taken for it: a process with its pid, a cgroup that was there before."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NoReturn

import pytest

from . import cgroups, faults, libc, residue
from .container import Container
from .runtime import Runtime

Stranger = Callable[[int], Callable[[], bool]]


@pytest.fixture
def stranger(runtime: Runtime, same_kernel: None) -> Iterator[Stranger]:
    """Make a process under a pid of this run's own pid namespace; what `stranger(pid)` gives tells if it lives."""
    made: dict[int, socket.socket] = {}

    def make(pid: int) -> Callable[[], bool]:
        ours, theirs = socket.socketpair()
        ours.settimeout(runtime.timeout)
        with theirs:
            begin(pid, theirs)
        residue.OURS.add(pid)
        made[pid] = ours
        return lambda: answers(ours)

    yield make
    for pid, line in made.items():
        line.close()
        end(pid)
        residue.OURS.discard(pid)


def begin(pid: int, line: socket.socket) -> None:
    """A child of this process that answers, under that very pid: it is free when its process has been reaped."""
    residue.reaped(pid, time.monotonic() + 5)
    try:
        child = libc.fork_as(pid)
    except (PermissionError, NotImplementedError):
        raise faults.not_on_this_host("a process cannot be given a pid here (clone3(2), set_tid)") from None
    if child == 0:
        answer_until_it_hangs_up(line.fileno())


def answer_until_it_hangs_up(line: int) -> NoReturn:
    # Or it would hold the other end of somebody's pipe.
    os.closerange(0, line)
    os.closerange(line + 1, 1 << 16)
    while word := os.read(line, 1):
        os.write(line, word)
    os._exit(0)


def answers(line: socket.socket) -> bool:
    """Whether the process at the other end lives: one that was just killed may be listed for a moment, but is mute."""
    try:
        line.send(b"?")
        return line.recv(1) == b"?"
    except (BrokenPipeError, ConnectionResetError, TimeoutError):
        return False


def end(pid: int) -> None:
    with suppress(ProcessLookupError):  # a runtime has ended it, and it was reaped for the container's
        os.kill(pid, signal.SIGKILL)
    residue.reaped(pid, time.monotonic() + 5)


class OlderCgroup:
    """A cgroup that exists before the container that is put into it, in every hierarchy."""

    def __init__(self, name: str) -> None:
        self.path = f"/{name}"
        self._directories = [hierarchy.mountpoint / name for hierarchy in cgroups.hierarchies()]
        for hierarchy, directory in zip(cgroups.hierarchies(), self._directories, strict=True):
            directory.mkdir()
            if hierarchy.version == 1 and "cpuset" in hierarchy.controllers:
                cgroups.inherit_cpuset(directory)

    @property
    def missing(self) -> list[str]:
        """The hierarchies in which it is no longer there."""
        return [str(directory.parent) for directory in self._directories if not directory.is_dir()]

    def remove(self) -> None:
        for directory in self._directories:
            cgroups.sweep(directory)


@pytest.fixture
def older_cgroup(container: Container) -> Iterator[OlderCgroup]:
    """Its name does not hold the container's id: what is left of it is not the container's."""
    made = OlderCgroup(f"older-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}")
    yield made
    made.remove()
