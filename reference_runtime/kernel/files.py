"""Files inside another root: openat2(2) with RESOLVE_IN_ROOT, so that no link and no `..` leads out of it."""

from __future__ import annotations

import os
import stat

from . import libc

RESOLVE_IN_ROOT = 0x10
O_PATH = os.O_PATH


class open_how(libc.Structure):
    _fields_ = [("flags", libc.c_uint64), ("mode", libc.c_uint64), ("resolve", libc.c_uint64)]


_openat2 = libc.declare_syscall("openat2", 437, libc.c_int, libc.c_char_p, libc.c_void_p, libc.c_size_t)
_close_range = libc.declare_syscall("close_range", 436, libc.c_uint, libc.c_uint, libc.c_uint)

CLOSE_RANGE_CLOEXEC = 4
LAST = 2**32 - 1


def open_in(root: int, path: str, flags: int = O_PATH) -> int:
    """Open a path as a process would see it whose root is `root`."""
    how = open_how(flags | os.O_CLOEXEC, 0, RESOLVE_IN_ROOT)
    return _openat2(root, os.fsencode(path.lstrip("/") or "."), libc.byref(how), 24, about=path)


def make_directory(root: int, path: str) -> int:
    """Open a directory inside a root; what is missing of its path is made."""
    try:
        return open_in(root, path, O_PATH | os.O_DIRECTORY)
    except FileNotFoundError:
        pass
    parent, name = split(path)
    above = make_directory(root, parent)
    try:
        os.mkdir(name, 0o755, dir_fd=above)
    except FileExistsError:
        # A link that leads nowhere yet: what it names is what is missing.
        return make_directory(root, os.path.join(parent, os.readlink(name, dir_fd=above)))
    finally:
        os.close(above)
    return open_in(root, path, O_PATH | os.O_DIRECTORY)


def make_file(root: int, path: str) -> int:
    """Open a file inside a root; one that is missing is made, empty."""
    try:
        return open_in(root, path)
    except FileNotFoundError:
        pass
    parent, name = split(path)
    above = make_directory(root, parent)
    try:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644, dir_fd=above))
    except FileExistsError:
        return make_file(root, os.path.join(parent, os.readlink(name, dir_fd=above)))
    finally:
        os.close(above)
    return open_in(root, path)


def split(path: str) -> tuple[str, str]:
    parent, name = os.path.split(path.rstrip("/"))
    return parent or "/", name


def exists_in(root: int, path: str) -> bool:
    try:
        os.close(open_in(root, path))
    except OSError:
        return False
    return True


def is_directory(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def link_of(descriptor: int) -> str:
    """A path that leads to what a descriptor stands for, whatever its name has become."""
    return f"/proc/self/fd/{descriptor}"


def close_on_exec(first: int) -> None:
    """Let no descriptor from `first` on survive an execve."""
    _close_range(first, LAST, CLOSE_RANGE_CLOEXEC)


def write(path: str, text: str, directory: int | None = None) -> None:
    """One write(2), as files of /proc, /sys and cgroups want it; errors carry the path."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=directory)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror}, writing {text.strip()!r}", path) from error


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
