"""An OCI image layout: a directory, or an archive of one, with blobs that are named after what they hold."""

import contextlib
import hashlib
import os
import pathlib
import re
import stat
from collections.abc import Generator
from typing import Any

from .. import document
from . import faults, members, streams, tar, tree

LARGEST = 4 << 20  # bytes of a manifest, an index or a config
DIGEST = re.compile(r"(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128})")


class Layout:
    """Where a layout's files are: a descriptor, and where in it the content is."""

    @contextlib.contextmanager
    def find(self, name: str) -> Generator[streams.Window | None, None, None]:
        raise NotImplementedError

    def read(self, name: str) -> Any:
        """A document at the top. Raises Fault and DocumentError."""
        with self.find(name) as window:
            if window is None:
                raise faults.Fault(f"has no {name}")
            return document.parse(_small(window, name), name)

    def document(self, descriptor: Any, what: str) -> dict[str, Any]:
        """A document among the blobs, as the descriptor has it. Raises Fault and DocumentError."""
        with self.blob(descriptor, what) as stream:
            content = stream.read(LARGEST + 1)
            if len(content) > LARGEST:
                raise faults.Fault(f"{what} has more than {LARGEST >> 20} MiB")
        return members.whole(document.parse(content, what), what)

    @contextlib.contextmanager
    def blob(self, descriptor: Any, what: str) -> Generator[streams.Stream, None, None]:
        """A blob's content; that it is the right one is known at the end. Raises Fault."""
        digest = members.text(members.whole(descriptor, what), "digest", what)
        size = descriptor.get("size")
        match = DIGEST.fullmatch(digest)
        if not match:
            raise faults.Fault(f"{what} has the digest {digest[:100]!r}: it is neither sha256 nor sha512")
        algorithm, name = filter(None, match.groups())
        with self.find(f"blobs/{algorithm}/{name}") as window:
            if window is None:
                raise faults.Fault(f"{what} is not there: blobs/{algorithm}/{name}")
            if size != (found := window.end - window.place) or isinstance(size, bool):
                raise faults.Fault(f"{what} has {found} bytes and should have {size!r}: {digest}")
            hashed = hashlib.new(algorithm)
            stream = streams.buffered(streams.Measured(window, hashed.update))
            try:
                yield stream
            except faults.Fault as fault:
                # If these are not the bytes that were meant, that is the reason.
                _verify(stream, hashed, name, what, fault)
                raise
            _verify(stream, hashed, name, what)


class Directory(Layout):
    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def find(self, name: str) -> Generator[streams.Window | None, None, None]:
        try:
            file = os.open(self.path / name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            yield None
            return
        try:
            status = os.fstat(file)
            yield streams.Window(file, 0, status.st_size) if stat.S_ISREG(status.st_mode) else None
        finally:
            os.close(file)


class Archive(Layout):
    """A layout in an archive that is not compressed: where each file begins is looked up once."""

    def __init__(self, file: int, found: dict[bytes, tuple[int, int]]) -> None:
        self.file, self.found = file, found

    @contextlib.contextmanager
    def find(self, name: str) -> Generator[streams.Window | None, None, None]:
        place = self.found.get(name.encode())
        yield streams.Window(self.file, *place) if place else None


def files(archive: tar.Reader, most: int) -> dict[bytes, tuple[int, int]]:
    """Where the files of a layout in an archive are; nothing for an archive of something else. Raises Fault."""
    found: dict[bytes, tuple[int, int]] = {}
    for count, entry in enumerate(archive.entries()):
        if count >= most:
            raise faults.Fault(f"holds more than {most} entries (--max-entries)")
        name = b"/".join(tree.split(entry.name))
        if entry.kind is tar.Kind.FILE and (b"/" not in name or name.startswith(b"blobs/")):
            found[name] = archive.place, entry.size
    if b"oci-layout" in found:
        return found
    if b"manifest.json" in found and b"repositories" in found:
        raise faults.Fault("has no oci-layout: docker save writes one since version 25")
    return {}


def _small(window: streams.Window, name: str) -> bytes:
    content = streams.buffered(window).read(LARGEST + 1)
    if len(content) > LARGEST:
        raise faults.Fault(f"{name} has more than {LARGEST >> 20} MiB")
    return content


def _verify(stream: streams.Stream, hashed: Any, name: str, what: str, cause: Exception | None = None) -> None:
    streams.drain(stream)
    if hashed.hexdigest() != name:
        raise faults.Fault(f"{what} is not what its digest says: {hashed.name}:{name}") from cause
