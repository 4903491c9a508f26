"""Files inside another root: openat2(2) with RESOLVE_IN_ROOT, so that no link and no `..` leads out of it."""

from __future__ import annotations

import errno
import os
import stat

from . import libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

RESOLVE_IN_ROOT = 0x10
O_PATH = os.O_PATH


class open_how(libc.Structure):
    _fields_ = [("flags", libc.c_uint64), ("mode", libc.c_uint64), ("resolve", libc.c_uint64)]


_openat2 = libc.declare_syscall("openat2", 437, libc.c_int, libc.c_char_p, libc.c_void_p, libc.c_size_t)
_close_range = libc.declare_syscall("close_range", 436, libc.c_uint, libc.c_uint, libc.c_uint)

CLOSE_RANGE_CLOEXEC = 4
LAST = 2**32 - 1
#: How often a path is looked up before a host that never rests is blamed.
ATTEMPTS = 1000
#: What the kernel has room for in the number of a device; of a greater one it would cut off what is above.
HIGHEST = {"major": 2**12 - 1, "minor": 2**20 - 1}


class Root:
    """A root file system that is being furnished: every path is taken as a process would whose `/` it is.

    What is made in it is noted in a journal, so that it can be removed again: see `remove_noted`.
    """

    def __init__(self, top: int, journal: int) -> None:
        self.top = top
        self.journal = journal

    def open(self, path: str, flags: int = O_PATH) -> int:
        return open_in(self.top, path, flags)

    def exists(self, path: str) -> bool:
        try:
            os.close(self.open(path))
        except OSError:
            return False
        return True

    def make_directory(self, path: str) -> int:
        """Open a directory; what is missing of its path is made."""
        try:
            return self.open(path, O_PATH | os.O_DIRECTORY)
        except FileNotFoundError:
            return self.make(path, lambda parent, name: os.mkdir(name, 0o755, dir_fd=parent), self.make_directory)

    def make_file(self, path: str) -> int:
        """Open a file; one that is missing is made, empty."""
        try:
            return self.open(path)
        except FileNotFoundError:
            return self.make(path, make_empty, self.make_file)

    def make(self, path: str, maker: Callable[[int, str], None], again: Callable[[str], int]) -> int:
        parent, name = os.path.split(path.rstrip("/"))
        above = self.make_directory(parent or "/")
        try:
            maker(above, name)
            self.note(above, name)
        except FileExistsError:
            # A link that leads nowhere yet: what it names is what is missing.
            return again(os.path.join(parent, os.readlink(name, dir_fd=above)))
        finally:
            os.close(above)
        return self.open(path)

    def make_node(self, parent: int, name: str, mode: int, device: int) -> None:
        os.mknod(name, mode, device, dir_fd=parent)
        self.note(parent, name)

    def make_link(self, parent: int, name: str, target: str) -> None:
        os.symlink(target, name, dir_fd=parent)
        self.note(parent, name)

    def note(self, parent: int, name: str) -> None:
        """Only on the root's own mount: a new file system is gone with its mount, and a volume keeps what it gets."""
        if mount_of(parent) == mount_of(self.top):
            path = os.path.join(os.readlink(link_of(parent)), name).removeprefix(os.readlink(link_of(self.top)))
            inode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_ino
            os.write(self.journal, f"{inode} {path}\0".encode(errors="surrogateescape"))


def make_empty(parent: int, name: str) -> None:
    os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644, dir_fd=parent))


def open_in(top: int, path: str, flags: int) -> int:
    how = open_how(flags | os.O_CLOEXEC, 0, RESOLVE_IN_ROOT)
    for _ in range(ATTEMPTS):
        try:
            return _openat2(top, os.fsencode(path.lstrip("/") or "."), libc.byref(how), 24, about=path)
        except BlockingIOError:
            # Something was moved or mounted anywhere on this host while a `..` was followed: the kernel, which cannot
            # tell whether that led out, wants to be asked again.
            continue
    raise OSError(errno.EAGAIN, f"openat2: the host moved or mounted something {ATTEMPTS} times meanwhile", path)


def open_existing(top: int, path: str) -> int | None:
    """None where there is nothing, or nothing that could be got at: a link of /proc that jumps is an error."""
    try:
        return open_in(top, path, O_PATH)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None


def remove_noted(root: str, journal: str) -> None:
    """Remove what was made in a root, last first; what has been used or replaced since is not ours any more."""
    top = os.open(root, O_PATH | os.O_DIRECTORY)
    try:
        for entry in reversed(journal.split("\0")[:-1]):
            inode, _, path = entry.partition(" ")
            try:
                remove_inode(top, path, int(inode))
            except OSError:
                continue  # Gone, moved, in use or full.
    finally:
        os.close(top)


def remove_inode(top: int, path: str, inode: int) -> None:
    parent = open_in(top, os.path.dirname(path), O_PATH | os.O_DIRECTORY)
    try:
        name = os.path.basename(path)
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if found.st_ino != inode or (stat.S_ISREG(found.st_mode) and found.st_size):
            return
        (os.rmdir if stat.S_ISDIR(found.st_mode) else os.unlink)(name, dir_fd=parent)
    finally:
        os.close(parent)


def mount_of(descriptor: int) -> str:
    """Which mount something lies on, as mountinfo numbers them."""
    for line in read(f"/proc/self/fdinfo/{descriptor}").splitlines():
        if line.startswith("mnt_id:"):
            return line.split()[1]
    raise AssertionError("fdinfo without mnt_id")


def is_directory(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def link_of(descriptor: int) -> str:
    """A path that leads to what a descriptor stands for, whatever its name has become."""
    return f"/proc/self/fd/{descriptor}"


def close_all(first: int, *kept: int) -> None:
    """Close every descriptor from `first` on, but those."""
    for each in sorted(kept):
        if first < each:
            _close_range(first, each - 1, 0)
        first = max(first, each + 1)
    _close_range(first, LAST, 0)


def close_on_exec(first: int) -> None:
    """Let no descriptor from `first` on survive an execve."""
    _close_range(first, LAST, CLOSE_RANGE_CLOEXEC)


def write(path: str, text: str, directory: int | None = None) -> None:
    """One write(2), as files of /proc, /sys and cgroups want it; errors carry the path."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=directory)
        try:
            if os.write(descriptor, text.encode()) < len(text.encode()):
                raise OSError(errno.EINVAL, "the rest is left over")
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror}, writing {text.strip()!r}", path) from error


def open_to_write(path: str, directory: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=directory)


def put(descriptor: int, text: str, about: str) -> None:
    """One write(2) to an open file; errors carry what it was about."""
    try:
        os.write(descriptor, text.encode())
    except OSError as error:
        raise OSError(error.errno, error.strerror, about) from error


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def unescape(text: str) -> str:
    """A field of mountinfo, where blanks are written as octal numbers."""
    return text.encode().decode("unicode_escape").encode("latin-1").decode() if "\\" in text else text
