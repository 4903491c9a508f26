"""Containers in each status of the lifecycle: fixtures that have brought one there."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from bundles import rootfs

from . import facts, faults, sandbox
from .container import Container
from .runtime import Call

#: What a hook does that keeps a container from being created: it says that it is there, and waits for a byte.
HOLD = "import os; os.write(os.open({0!r}, os.O_WRONLY), b'.'); os.read(os.open({1!r}, os.O_RDONLY), 1)"


class Creation:
    """A create operation that a createRuntime hook keeps from ending until `finish`."""

    def __init__(self, container: Container, place: Path) -> None:
        self.container = container
        # Both ends are ours as well, so that neither side ever waits in open(2).
        self._arrived, self._go = (fifo(place / name) for name in ("arrived", "go"))
        code = HOLD.format(str(place / "arrived"), str(place / "go"))
        hook = {"path": rootfs.INTERPRETER, "args": [rootfs.INTERPRETER, "-I", "-S", "-c", code]}
        container.config["hooks"] = {"createRuntime": [hook]}
        self._threads = ThreadPoolExecutor(2)
        self._ending: Future[Call] | None = None
        #: An operation that was attempted has told nothing until create had ended.
        self.waited = False

    def begin(self) -> None:
        """Come to where the hook holds it; the error, if create generates one before."""
        self._ending = self._threads.submit(self.container.create, "listen")
        deadline = time.monotonic() + self.container.runtime.timeout
        while not sandbox.until_readable(self._arrived, time.monotonic() + 0.01, time.monotonic):
            if self._ending.done():
                self._ending.result()
                raise faults.NotInTime("the createRuntime hook, before create ends", "create has succeeded without it")
            if time.monotonic() > deadline:
                raise faults.NotInTime("the createRuntime hook", "it has not been run")

    def attempt(self, operation: str, *arguments: str, bundle: Path | None = None) -> Call:
        """An operation on the container, judged as Container.operate does.

        One that waits until create has ended is let go on: what it does then was still asked for in creation.
        """
        options = ("--bundle", str(bundle)) if bundle else ()
        attempted = self._threads.submit(self.container.operate, operation, *options, self.container.id, *arguments)
        try:
            return attempted.result(self.container.runtime.timeout / 4)
        except TimeoutError:
            self.waited = True
            self.finish()
            return attempted.result()

    def status(self) -> str | None:
        """What `state` tells; None where it generates an error, as for a container that does not exist yet."""
        try:
            return facts.parsed(self.attempt("state").stdout, "state")["status"]
        except faults.OperationFailed:
            return None

    def finish(self) -> None:
        """Let the hook go, and wait until create has succeeded."""
        os.write(self._go, b".")
        if self._ending is not None:
            self._ending.result()

    def close(self) -> None:
        os.write(self._go, b".")
        self._threads.shutdown()
        os.close(self._arrived)
        os.close(self._go)


def fifo(path: Path) -> int:
    os.mkfifo(path)
    return os.open(path, os.O_RDWR)


@pytest.fixture
def creation(container: Container, place: Path, spec_version: str) -> Iterator[Creation]:
    """The container's creation, begun and not yet finished."""
    faults.needs_release("1.0.2", spec_version, "createRuntime hooks, which hold a creation, came with 1.0.2")
    held = Creation(container, place)
    try:
        held.begin()
        yield held
    finally:
        held.close()


@pytest.fixture
def created(container: Container) -> Container:
    """A container in status created; its program will listen."""
    container.create("listen")
    return container


@pytest.fixture
def running(created: Container) -> Container:
    """A container whose program listens."""
    created.start()
    created.heard("ready")
    return created


@pytest.fixture
def stopped(running: Container) -> Container:
    """A container whose program has come to its end."""
    running.hangs_up()
    running.becomes("stopped")
    return running
