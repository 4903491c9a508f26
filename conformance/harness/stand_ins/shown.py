"""Other files than there are, for one runtime and what comes of it: the other side of `beholder.py`."""

import array
import errno
import fcntl
import os
import select
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path

#: <linux/seccomp.h>
RECV, SEND, ADDFD = 0xC0502100, 0xC0182101, 0x40182103
CONTINUE, ADDFD_SEND = 1, 2
NOTIFICATION = 80
PAGE = 4096
BEHOLDER = Path(__file__).with_name("beholder.py")
#: What a file is shown as: its path as it was asked for, and the thread that asks; None where it is left alone.
Show = Callable[[str, int], bytes | None]


class Shown:
    """Answers for all commands that are run as `command`, until it is closed."""

    def __init__(self, path: Path, show: Show) -> None:
        self._show = show
        self._path = path
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(8)
        self._end, self._ended = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def command(self, command: tuple[str, ...]) -> tuple[str, ...]:
        return (sys.executable, "-I", "-S", "-E", str(BEHOLDER), str(self._path), *command)

    def close(self) -> None:
        """After the last process that is shown something: its system calls would fail."""
        os.close(self._ended)
        self._thread.join(5)
        self._listening.close()
        os.close(self._end)

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._listening, select.POLLIN)
        poll.register(self._end, select.POLLIN)
        while True:
            for descriptor, event in poll.poll():
                if descriptor == self._end:
                    return
                if descriptor == self._listening.fileno():
                    poll.register(self._accept(), select.POLLIN)
                elif event & select.POLLIN:
                    self._answer(descriptor)
                else:
                    poll.unregister(descriptor)
                    os.close(descriptor)

    def _accept(self) -> int:
        with self._listening.accept()[0] as connection:
            return socket.recv_fds(connection, 1, 1)[1][0]

    def _answer(self, listener: int) -> None:
        notification = array.array("B", bytes(NOTIFICATION))
        try:
            fcntl.ioctl(listener, RECV, notification)
            id, thread = struct.unpack_from("=QI", notification)
            _, path, flags = struct.unpack_from("=QQQ", notification, 32)
            content = self._show(text_at(thread, path), thread)
            if content is None:
                fcntl.ioctl(listener, SEND, struct.pack("=QqiI", id, 0, 0, CONTINUE))
            else:
                give(listener, id, content, flags & os.O_CLOEXEC)
        except OSError as problem:
            if problem.errno not in (errno.ENOENT, errno.EINTR, errno.ESRCH, errno.EIO):  # it is gone
                raise


def give(listener: int, id: int, content: bytes, flags: int) -> None:
    """Instead of the file, one that has this in it."""
    descriptor = os.memfd_create("shown", os.MFD_CLOEXEC)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    fcntl.ioctl(listener, ADDFD, struct.pack("=QIIII", id, ADDFD_SEND, descriptor, 0, flags))
    os.close(descriptor)


def text_at(thread: int, address: int) -> str:
    """The string at an address of a thread's memory; it may end where its memory does."""
    memory = os.open(f"/proc/{thread}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        first = os.pread(memory, PAGE - address % PAGE, address)
        if b"\0" not in first:
            first += os.pread(memory, PAGE, address + len(first))
        return first.split(b"\0", 1)[0].decode(errors="replace")
    finally:
        os.close(memory)
