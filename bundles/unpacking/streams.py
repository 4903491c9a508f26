"""Bytes on their way: a part of a file, measured, hashed, decompressed.

Window ─► Measured (digest, size) ─► decompressed ─► Measured (budget, diff id) ─► tar
"""

import bz2
import contextlib
import gzip
import importlib
import io
import lzma
import os
import shutil
import subprocess
import threading
import zlib
from collections.abc import Callable, Generator
from typing import Any

from . import faults

CHUNK = 1 << 20
MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
Stream = io.BufferedReader


class Window(io.RawIOBase):
    """A part of a file that can be read at any place; several may stand in one file."""

    def __init__(self, descriptor: int, start: int, size: int) -> None:
        self.descriptor, self.place, self.end = descriptor, start, start + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: max(0, self.end - self.place)]
        count = os.preadv(self.descriptor, [view], self.place) if view else 0
        self.place += count
        return count


class Measured(io.RawIOBase):
    """A stream that shows all that passes to someone."""

    def __init__(self, source: Any, *seen: Callable[[memoryview], object]) -> None:
        self.source, self.seen = source, seen

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self.source.readinto(buffer)
        passed = memoryview(buffer)[:count]
        for see in self.seen:
            see(passed)
        return count


def buffered(raw: io.RawIOBase) -> Stream:
    return io.BufferedReader(raw, CHUNK)


def drain(stream: Stream) -> None:
    while stream.read(CHUNK):
        pass


def compression(start: bytes) -> str | None:
    """How a stream that begins so is compressed, as far as it can be told."""
    return next((name for magic, name in MAGIC.items() if start.startswith(magic)), None)


@contextlib.contextmanager
def decompressed(stream: Stream) -> Generator[Any, None, None]:
    """What a stream holds, whatever it is packed in. Raises Fault for what is broken or cannot be read here."""
    kind = compression(stream.peek(6)[:6])
    try:
        match kind:
            case None:
                yield stream
            case "zstd":
                with _zstd(stream) as plain:
                    yield plain
            case _:
                opened: Any = {"gzip": gzip.GzipFile, "bzip2": bz2.BZ2File, "xz": lzma.LZMAFile}[kind]
                with opened(**{"fileobj" if kind == "gzip" else "filename": stream}) as plain:
                    yield plain
    except (zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile) as problem:
        raise faults.Fault(f"is broken {kind}: {problem}") from problem
    except OSError as problem:
        if problem.errno is None:  # so bz2 tells it
            raise faults.Fault(f"is broken {kind}: {problem}") from problem
        raise


@contextlib.contextmanager
def _zstd(stream: Stream) -> Generator[Any, None, None]:
    """Through Python's own module (3.14) or the program; there is no third way without a package."""
    try:
        module: Any = importlib.import_module("compression.zstd")
    except ImportError:
        program = shutil.which("zstd")
        if program is None:
            raise faults.Fault("is compressed with zstd: install the program zstd, or use Python 3.14") from None
        with _through([program, "--decompress", "--stdout", "--quiet"], stream) as plain:
            yield plain
        return
    try:
        with module.ZstdFile(stream) as plain:
            yield plain
    except module.ZstdError as problem:
        raise faults.Fault(f"is broken zstd: {problem}") from problem


@contextlib.contextmanager
def _through(command: list[str], stream: Stream) -> Generator[Stream, None, None]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    feeder = threading.Thread(target=_feed, args=(stream, process.stdin))
    feeder.start()
    try:
        yield io.BufferedReader(Ending(process, process.stdout), CHUNK)
    finally:
        process.kill()
        feeder.join()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _feed(stream: Stream, pipe: Any) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:
        shutil.copyfileobj(stream, pipe, CHUNK)


class Ending(io.RawIOBase):
    """What a program writes; its end is the stream's end only if the program is content."""

    def __init__(self, process: subprocess.Popen[bytes], output: Any) -> None:
        self.process, self.output = process, output

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self.output.readinto(buffer)
        if not count and self.process.wait() != 0:
            raise faults.Fault("is broken zstd")
        return count
