"""config-linux.md#configLinuxDefaultDevices"""

from __future__ import annotations

import os
import stat

from ..kernel import files, mounts

#: Path, major, minor. Each is on every Linux host too, under the same path.
DEVICES = (
    ("/dev/null", 1, 3),
    ("/dev/zero", 1, 5),
    ("/dev/full", 1, 7),
    ("/dev/random", 1, 8),
    ("/dev/urandom", 1, 9),
    ("/dev/tty", 5, 0),
)


def make_all(root: int) -> None:
    """In addition to whatever the config lists."""
    for path, major, minor in DEVICES:
        make(root, path, os.makedev(major, minor))


def make(root: int, path: str, numbers: int) -> None:
    parent = files.make_directory(root, os.path.dirname(path))
    name = os.path.basename(path)
    try:
        os.mknod(name, stat.S_IFCHR | 0o666, numbers, dir_fd=parent)
        os.chmod(name, 0o666, dir_fd=parent)
    except (FileExistsError, PermissionError):
        # The root file system may have a plain file of that name, and a user namespace allows no mknod.
        if not is_device(parent, name, numbers):
            bind(root, path)
    finally:
        os.close(parent)


def is_device(parent: int, name: str, numbers: int) -> bool:
    try:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == numbers


def bind(root: int, path: str) -> None:
    """The host's own node."""
    tree = mounts.clone_tree(path, recursive=False)
    place = files.make_file(root, path)
    mounts.attach(tree, place, path)
    os.close(place)
    os.close(tree)


def link_ptmx(root: int) -> None:
    """/dev/ptmx is the one of the container's own devpts."""
    parent = files.make_directory(root, "/dev")
    try:
        os.symlink("pts/ptmx", "ptmx", dir_fd=parent)
    except FileExistsError:
        if not is_ptmx_link(parent):
            os.unlink("ptmx", dir_fd=parent)
            os.symlink("pts/ptmx", "ptmx", dir_fd=parent)
    finally:
        os.close(parent)


def is_ptmx_link(parent: int) -> bool:
    try:
        return os.readlink("ptmx", dir_fd=parent) in ("pts/ptmx", "/dev/pts/ptmx")
    except OSError:
        return False


def bind_console(terminal: str) -> None:
    """With a terminal, /dev/console is that terminal; called when the container's root is `/` already."""
    try:
        os.close(os.open("/dev/console", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o620))
    except FileExistsError:
        pass
    mounts.mount(terminal, "/dev/console", None, mounts.Mount.BIND)
