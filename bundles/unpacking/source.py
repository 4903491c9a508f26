"""What is unpacked: a directory, a file, or what a pipe brings; and whether it is an image or a root file system."""

import contextlib
import os
import pathlib
import shutil
import stat
import sys
import tempfile
from collections.abc import Generator

from . import faults, layout, limits, streams, tar


@contextlib.contextmanager
def opened(path: pathlib.Path) -> Generator[int | None, None, None]:
    """A descriptor of the archive, - for standard input; None for a directory. Raises OSError."""
    if str(path) == "-":
        if not hasattr(sys.stdin, "fileno"):  # closed, it is None
            raise faults.Fault("standard input is closed")
        yield sys.stdin.fileno()
        return
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield None if stat.S_ISDIR(os.fstat(file).st_mode) else file
    finally:
        os.close(file)


@contextlib.contextmanager
def seekable(file: int, work: pathlib.Path, budget: limits.Budget) -> Generator[int, None, None]:
    """The same, or a copy without a name where it can be read only once."""
    if stat.S_ISREG(os.fstat(file).st_mode):
        yield file
        return
    with tempfile.TemporaryFile(dir=work) as copy:
        with open(file, "rb", closefd=False, buffering=0) as pipe:
            measured = streams.Measured(pipe, lambda passed: budget.spend(len(passed)))
            shutil.copyfileobj(streams.buffered(measured), copy, streams.CHUNK)
        copy.flush()
        yield copy.fileno()


@contextlib.contextmanager
def layout_in(file: int, work: pathlib.Path, budget: limits.Budget) -> Generator[layout.Layout | None, None, None]:
    """The image layout in an archive; None if the archive is a root file system. Raises Fault."""
    with content(file, budget) as stream:
        found = layout.files(tar.Reader(stream), budget.entries)
        streams.drain(stream)  # to the checksum of what it is packed in
    if not found:
        yield None
    elif streams.compression(os.pread(file, 6, 0)) is None:
        yield layout.Archive(file, found)
    else:
        with tempfile.TemporaryFile(dir=work) as copy:
            with content(file, limits.Budget(budget.size, budget.entries)) as stream:
                shutil.copyfileobj(stream, copy, streams.CHUNK)
            copy.flush()
            yield layout.Archive(copy.fileno(), found)


@contextlib.contextmanager
def content(file: int, budget: limits.Budget) -> Generator[streams.Stream, None, None]:
    """What an archive holds, from its beginning, decompressed and measured. Raises Fault."""
    size = os.fstat(file).st_size
    if not size:
        raise faults.Fault("is empty")
    with streams.decompressed(streams.buffered(streams.Window(file, 0, size))) as plain:
        yield streams.buffered(streams.Measured(plain, lambda passed: budget.spend(len(passed))))
