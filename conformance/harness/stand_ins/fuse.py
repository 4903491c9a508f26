"""A file system in this process (fuse(4), <linux/fuse.h>): as much of the protocol as a tree of small files needs."""

import errno
import os
import stat
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from .. import libc

LOOKUP, FORGET, GETATTR, SETATTR, MKDIR, RMDIR, OPEN, READ, WRITE = 1, 2, 3, 4, 9, 11, 14, 15, 16
STATFS, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR = 17, 18, 25, 26, 27, 28, 29
INTERRUPT, DESTROY, BATCH_FORGET = 36, 38, 42
WITHOUT_REPLY = {FORGET, INTERRUPT, BATCH_FORGET}
DIRECT_IO = 1
#: The version that is spoken; the header of a request, and its size.
VERSION = 7, 31
HEADER = struct.Struct("=IIQQIIII")
MOST = 1 << 17


class Tree(Protocol):
    """What is served: paths are tuples of names, the root is the empty one. Refusals are OSErrors."""

    def listed(self, path: tuple[str, ...]) -> list[str] | None:
        """The names in a directory; None for what is a file. FileNotFoundError for what is neither."""
        ...

    def read(self, path: tuple[str, ...]) -> str: ...

    def write(self, path: tuple[str, ...], text: str, writer: int) -> None: ...

    def make(self, path: tuple[str, ...]) -> None: ...

    def remove(self, path: tuple[str, ...]) -> None: ...


class Mounted:
    """A tree, mounted; a thread serves it until it is unmounted."""

    def __init__(self, tree: Tree, mountpoint: Path) -> None:
        self._tree = tree
        self._nodes: dict[int, tuple[str, ...]] = {1: ()}
        self._mountpoint = mountpoint
        #: Whether anybody but this process has asked for anything.
        self.was_found = False
        self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self._device},rootmode=40755,user_id=0,group_id=0,allow_other"
        libc.mount("resctrl", str(mountpoint), "fuse", libc.MS_NOSUID, options)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def unmount(self) -> None:
        libc.umount(str(self._mountpoint))
        self._thread.join(5)
        os.close(self._device)

    def _serve(self) -> None:
        while True:
            try:
                request = os.read(self._device, MOST + 4096)
            except OSError as problem:
                if problem.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                    continue
                return  # ENODEV: unmounted
            _, operation, unique, node, _, _, pid, _ = HEADER.unpack_from(request)
            if operation in WITHOUT_REPLY:
                continue
            self.was_found |= bool(pid) and not os.path.exists(f"/proc/self/task/{pid}")
            try:
                answer = self._answer(operation, node, request[HEADER.size :], pid)
                self._reply(unique, 0, answer)
            except OSError as problem:
                self._reply(unique, problem.errno or errno.EIO, b"")
            if operation == DESTROY:
                return

    def _reply(self, unique: int, number: int, answer: bytes) -> None:
        try:
            os.write(self._device, struct.pack("=IiQ", 16 + len(answer), -number, unique) + answer)
        except OSError as problem:
            if problem.errno != errno.ENOENT:  # whoever asked has been interrupted
                raise

    def _answer(self, operation: int, node: int, body: bytes, pid: int) -> bytes:
        answers: dict[int, Callable[[], bytes]] = {
            INIT: self._init,
            LOOKUP: lambda: self._entry((*self._nodes[node], name(body))),
            GETATTR: lambda: struct.pack("=QII", 0, 0, 0) + self._attributes(node),
            SETATTR: lambda: struct.pack("=QII", 0, 0, 0) + self._attributes(node),
            MKDIR: lambda: self._make((*self._nodes[node], name(body[8:]))),
            RMDIR: lambda: self._remove((*self._nodes[node], name(body))),
            OPEN: lambda: struct.pack("=QII", 0, DIRECT_IO, 0),
            OPENDIR: lambda: struct.pack("=QII", 0, 0, 0),
            READ: lambda: self._read(node, body),
            WRITE: lambda: self._write(node, body, pid),
            READDIR: lambda: self._list(node, body),
            STATFS: lambda: bytes(80),
            RELEASE: bytes,
            RELEASEDIR: bytes,
            FLUSH: bytes,
            DESTROY: bytes,
        }
        if operation not in answers:
            raise OSError(errno.ENOSYS, f"operation {operation}")
        return answers[operation]()

    def _init(self) -> bytes:
        return struct.pack("=IIIIHHIIHH", *VERSION, MOST, 0, 12, 10, MOST, 1, 32, 0) + bytes(32)

    def _entry(self, path: tuple[str, ...]) -> bytes:
        self._tree.listed(path)
        node = next((number for number, known in self._nodes.items() if known == path), len(self._nodes) + 1)
        self._nodes[node] = path
        return struct.pack("=QQQQII", node, 0, 0, 0, 0, 0) + self._attributes(node)

    def _attributes(self, node: int) -> bytes:
        directory = self._tree.listed(self._nodes[node]) is not None
        mode = stat.S_IFDIR | 0o755 if directory else stat.S_IFREG | 0o644
        return struct.pack("=QQQQQQIIIIIIIIII", node, 0, 0, 0, 0, 0, 0, 0, 0, mode, 1 + directory, 0, 0, 0, 4096, 0)

    def _make(self, path: tuple[str, ...]) -> bytes:
        self._tree.make(path)
        return self._entry(path)

    def _remove(self, path: tuple[str, ...]) -> bytes:
        self._tree.remove(path)
        return b""

    def _read(self, node: int, body: bytes) -> bytes:
        _, offset, size = struct.unpack_from("=QQI", body)
        return self._tree.read(self._nodes[node]).encode()[offset : offset + size]

    def _write(self, node: int, body: bytes, pid: int) -> bytes:
        _, _, size = struct.unpack_from("=QQI", body)
        self._tree.write(self._nodes[node], body[40 : 40 + size].decode(errors="replace"), pid)
        return struct.pack("=II", size, 0)

    def _list(self, node: int, body: bytes) -> bytes:
        _, offset, size = struct.unpack_from("=QQI", body)
        names = self._tree.listed(self._nodes[node]) or []
        found = b""
        for number, each in list(enumerate(names, 1))[offset:]:
            directory = self._tree.listed((*self._nodes[node], each)) is not None
            entry = struct.pack("=QQII", 1 << 20, number, len(each), 4 if directory else 8) + each.encode()
            entry += bytes(-len(entry) % 8)
            if len(found) + len(entry) > size:
                break
            found += entry
        return found


def name(body: bytes) -> str:
    return body.split(b"\0", 1)[0].decode(errors="surrogateescape")
