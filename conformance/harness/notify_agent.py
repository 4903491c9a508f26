"""The peer of a runtime that uses SCMP_ACT_NOTIFY: it gets a container's state, and a descriptor that tells of calls.

It reads as the peer of a stream has to: byte by byte until the end, wherever one message ended and the next began. So
it is known with which byte the descriptors came.
"""

import os
import select
import socket
import struct
import time
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from typing import Any

import pytest

from . import facts, faults
from .container import Container
from .runtime import Runtime

#: <linux/seccomp.h>
RECV, SEND = 0xC0502100, 0xC0182101
#: Beyond any number of descriptors that a message may have.
ROOM = socket.CMSG_SPACE(253 * 4)


@dataclass(slots=True)
class Connection:
    """What came over one connection, up to its end."""

    words: bytes = b""
    #: Each descriptor, and how many bytes had come before it.
    descriptors: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    #: Types of control messages, (level, type).
    control: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    @property
    def state(self) -> dict[str, Any]:
        """The container process state, checked against its schema and that of the state in it."""
        document = facts.parsed(self.words.decode(errors="replace"), "container-process-state")
        facts.checked(document["state"], "state")
        return document


class Listener:
    """A descriptor of seccomp_unotify(2)."""

    def __init__(self, descriptor: int, timeout: float) -> None:
        self.descriptor = descriptor
        self._timeout = timeout

    def receive(self) -> dict[str, Any]:
        """The next call that waits: its id, the pid of who makes it, its number and arguments."""
        poll = select.poll()
        poll.register(self.descriptor, select.POLLIN)
        if not any(events & select.POLLIN for _, events in poll.poll(self._timeout * 1000)):
            raise faults.NotInTime("a notification of a system call", "none came")
        packed = bytearray(80)
        try:
            ioctl(self.descriptor, RECV, packed)
        except OSError as problem:
            raise faults.BadWords("a descriptor of seccomp(2) that notifies", str(problem)) from None
        id, pid, _, number, _, _, *arguments = struct.unpack("=QIIiIQ6Q", packed)
        return {"id": id, "pid": pid, "number": number, "arguments": arguments}

    def answer(self, id: int, error: int = 0, value: int = 0) -> None:
        """Let the call return this. OSError where it waits no more."""
        ioctl(self.descriptor, SEND, struct.pack("=QqiI", id, value, -error, 0))


class Agent:
    """A socket to be named by listenerPath, and what came over it."""

    def __init__(self, path: Path, timeout: float, kind: int = socket.SOCK_STREAM) -> None:
        self.path = str(path)
        self._timeout = timeout
        self._kept: list[int] = []
        self._socket = socket.socket(socket.AF_UNIX, kind)
        directory = os.open(path.parent, os.O_PATH)
        try:
            # An address has room for 107 bytes; a path in a rootfs may be longer.
            self._socket.bind(f"/proc/self/fd/{directory}/{path.name}")
        finally:
            os.close(directory)
        self._socket.listen(8)

    def connection(self) -> Connection:
        """The next connection, read to its end: NotInTime where there is none, or where it has none."""
        deadline = time.monotonic() + self._timeout
        self._socket.settimeout(self._timeout)
        try:
            peer = self._socket.accept()[0]
        except TimeoutError:
            raise faults.NotInTime("a connection to the socket at listenerPath", "none came") from None
        with peer:
            return self._read(peer, deadline)

    def _read(self, peer: socket.socket, deadline: float) -> Connection:
        found = Connection()
        while (left := deadline - time.monotonic()) > 0:
            peer.settimeout(left)
            with suppress(TimeoutError):
                byte, control, _, _ = peer.recvmsg(1, ROOM, socket.MSG_CMSG_CLOEXEC)
                for level, kind, data in control:
                    found.control.add((level, kind))
                    numbers = array("i", data[: len(data) // 4 * 4]).tolist()
                    self._kept.extend(numbers)
                    found.descriptors.extend((number, len(found.words)) for number in numbers)
                if not byte:
                    return found
                found.words += byte
        raise faults.NotInTime("the end of a connection to listenerPath", f"it is open after {found.words[-200:]!r}")

    def listener(self, connection: Connection) -> Listener:
        """The descriptor whose name in `fds` is seccompFd."""
        names: list[str] = connection.state.get("fds", [])
        if names.count("seccompFd") != 1 or len(connection.descriptors) <= names.index("seccompFd"):
            seen = f"fds {names} and {len(connection.descriptors)} descriptors"
            raise faults.BadWords("one seccompFd, and its descriptor", seen)
        return Listener(connection.descriptors[names.index("seccompFd")][0], self._timeout)

    @property
    def idle(self) -> bool:
        """Whether nobody is waiting to be accepted."""
        return not select.select([self._socket], [], [], 0)[0]

    def close(self) -> None:
        self._socket.close()
        for descriptor in self._kept:
            os.close(descriptor)


@pytest.fixture
def agent(place: Path, runtime: Runtime, container: Container, same_kernel: None) -> Iterator[Agent]:
    """An agent that listens; it depends on the container so as to be gone before that is removed.

    A call that waits for an answer then gets one from the kernel, and is no obstacle.
    """
    made = Agent(place / "agent", runtime.timeout)
    yield made
    made.close()
