"""What is not the container's and could be taken for it: a process with its pid, a cgroup that was there before."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest

from . import cgroups, controllers, faults, libc, residue, resources
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
        self.directories = [hierarchy.mountpoint / name for hierarchy in cgroups.hierarchies()]
        for hierarchy, directory in zip(cgroups.hierarchies(), self.directories, strict=True):
            directory.mkdir()
            if hierarchy.version == 1 and "cpuset" in hierarchy.controllers:
                cgroups.inherit_cpuset(directory)

    @property
    def missing(self) -> list[str]:
        """The hierarchies in which it is no longer there."""
        return [str(directory.parent) for directory in self.directories if not directory.is_dir()]

    @property
    def members(self) -> set[int]:
        """The processes in it, in any hierarchy."""
        return {pid for each in self.directories for pid in cgroups.inhabitants(each)}

    def directory(self, controller: str) -> Path:
        """Where it is in the hierarchy of a controller (version 1's name); of version 2 itself: `unified`."""
        return controllers.place_of(controller).mountpoint / self.path.lstrip("/")

    def enter(self, process: int) -> None:
        for directory in self.directories:
            (directory / "cgroup.procs").write_text(str(process))

    def remove(self) -> None:
        for directory in self.directories:
            cgroups.sweep(directory)


@pytest.fixture
def older_cgroup(container: Container) -> Iterator[OlderCgroup]:
    """Its name does not hold the container's id: what is left of it is not the container's.

    A test that has `another` too names that after this: the containers must end before what they may be in.
    """
    made = OlderCgroup(f"older-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}")
    yield made
    try:
        container.remove()  # it may still be in there
    finally:
        made.remove()


@pytest.fixture
def tenant(older_cgroup: OlderCgroup, stranger: Stranger) -> Callable[[], bool]:
    """A process that was in the older cgroup before the container; tells whether it lives."""
    pid = free_pid()
    lives = stranger(pid)
    older_cgroup.enter(pid)
    return lives


def free_pid() -> int:
    """One that no process has: that of a child that has just ended."""
    if (child := resources.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return child


@pytest.fixture
def caller_in_a_cgroup(older_cgroup: OlderCgroup) -> Iterator[str]:
    """This process, and the runtime that it calls, in the older cgroup; its path."""
    before = [hierarchy.own for hierarchy in cgroups.hierarchies()]
    older_cgroup.enter(os.getpid())
    yield older_cgroup.path
    for directory in before:
        (directory / "cgroup.procs").write_text(str(os.getpid()))


class Freezer:
    """The older cgroup's power to stop whoever is in it, in either version."""

    def __init__(self, older_cgroup: OlderCgroup) -> None:
        hierarchy = next((each for each in cgroups.hierarchies() if "freezer" in each.controllers), None)
        hierarchy = hierarchy or controllers.place_of("unified")
        self._directory = hierarchy.mountpoint / older_cgroup.path.lstrip("/")
        self._file = self._directory / ("freezer.state" if hierarchy.version == 1 else "cgroup.freeze")
        self._words = ("FROZEN", "THAWED") if hierarchy.version == 1 else ("1", "0")

    def freeze(self) -> None:
        self._file.write_text(self._words[0])

    def thaw(self) -> None:
        self._file.write_text(self._words[1])

    def holds_somebody(self) -> bool:
        return bool((self._directory / "cgroup.procs").read_text())


@pytest.fixture
def freezer(older_cgroup: OlderCgroup) -> Iterator[Freezer]:
    """It thaws before the container is removed."""
    made = Freezer(older_cgroup)
    yield made
    made.thaw()
