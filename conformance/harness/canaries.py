"""Whether a container's birth reaches out of its root file system: a canary on the host, and links that lead to it."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest

from . import libc, residue, resources
from .container import Container

#: Seconds between two exchanges: a path is looked at and used within a few of them.
PAUSE = 50e-6
#: What is told of a file: mode, owner, group, time of the last change, and what it holds.
Looks = tuple[int, int, int, int, object]


class Canary:
    """A directory of the host's, in which nothing may change on behalf of a container."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "cage").mkdir(parents=True)
        (path / "cage" / "seed").write_text("yellow")
        (path / "note").write_text("do, re, mi")
        self._before = self._looks()

    def _looks(self) -> dict[str, Looks]:
        return {str(path.relative_to(self.path)): looks(path) for path in (self.path, *self.path.rglob("*"))}

    @property
    def harmed(self) -> list[str]:
        """What has changed, appeared or gone; nothing, as long as it sings."""
        before, now = self._before, self._looks()
        return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def looks(path: Path) -> Looks:
    found = path.lstat()
    content: object = None
    if path.is_symlink():
        content = os.readlink(path)
    elif path.is_file():
        content = path.read_bytes()
    return found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns, content


@pytest.fixture
def canary(place: Path) -> Canary:
    return Canary(place / "outside")


@pytest.fixture
def restless(rootfs: Path, canary: Canary, container: Container) -> Iterator[Callable[[], str]]:
    """Begin to exchange a directory of the root file system for a link to the canary, and back, without a pause.

    `restless()` is its path in the container. It depends on the container so as to end before its removal.
    """
    directory, link = rootfs / "restless", rootfs / "link"
    directory.mkdir()
    link.symlink_to(canary.path)
    made: list[int] = []

    def begin() -> str:
        # Here and not in the child alone, which could not tell that it is impossible.
        libc.exchange(str(directory), str(link))
        if (child := resources.fork()) == 0:
            exchange(str(directory), str(link))
        residue.OURS.add(child)
        made.append(child)
        return "/restless"

    yield begin
    for child in made:
        os.kill(child, signal.SIGKILL)
        residue.reaped(child, time.monotonic() + 5)
        residue.OURS.discard(child)


def exchange(first: str, second: str) -> NoReturn:
    """Wake up often and before others, rather than run on and on: both may have to do with one processor."""
    try:
        # Or it would hold the other end of somebody's pipe.
        os.closerange(0, 1 << 16)
        libc.prctl(libc.PR_SET_TIMERSLACK, 1)
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, -20)
        while True:
            libc.exchange(first, second)
            time.sleep(PAUSE)
    finally:
        os._exit(1)
