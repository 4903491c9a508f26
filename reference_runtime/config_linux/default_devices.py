"""config-linux.md#configLinuxDefaultDevices"""

from __future__ import annotations

import os
import stat

from .. import errors
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


def make_all(root: files.Root) -> None:
    """In addition to whatever the config lists."""
    for path, major, minor in DEVICES:
        make(root, path, os.makedev(major, minor))


def make(root: files.Root, path: str, numbers: int) -> None:
    parent = root.make_directory(os.path.dirname(path))
    name = os.path.basename(path)
    try:
        # init's umask takes nothing away.
        root.make_node(parent, name, stat.S_IFCHR | 0o666, numbers)
    except (FileExistsError, PermissionError):
        # The root file system may have something of that name, and a user namespace allows no mknod.
        if not is_device(root, path, numbers):
            refuse_link(parent, name)
            bind(root, path)
    finally:
        os.close(parent)


def is_device(root: files.Root, path: str, numbers: int) -> bool:
    """Whether it is there already, by whatever way: a link may lead to it."""
    try:
        place = root.open(path)
    except OSError:
        return False
    found = os.fstat(place)
    os.close(place)
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == numbers


def refuse_link(parent: int, name: str) -> None:
    """What is bound to a link is bound to what it leads to: another device, perhaps."""
    if (target := link_target(parent, name)) is not None:
        raise errors.Unsupported("root", f"/dev/{name} is a link to {target}")


def bind(root: files.Root, path: str) -> None:
    """The host's own node."""
    tree = mounts.clone_tree(path, recursive=False)
    place = root.make_file(path)
    mounts.attach(tree, place, path)
    os.close(place)
    os.close(tree)


def link_ptmx(root: files.Root) -> None:
    """/dev/ptmx is the one of the container's own devpts. A link that leads elsewhere gives way; what else has the name
    is covered, since it may be the host's: a volume may be all of /dev."""
    parent = root.make_directory("/dev")
    try:
        root.make_link(parent, "ptmx", "pts/ptmx")
    except FileExistsError:
        target = link_target(parent, "ptmx")
        if target is None:
            cover_ptmx(root)
        elif target not in ("pts/ptmx", "/dev/pts/ptmx"):
            os.unlink("ptmx", dir_fd=parent)
            root.make_link(parent, "ptmx", "pts/ptmx")
    finally:
        os.close(parent)


def cover_ptmx(root: files.Root) -> None:
    own, place = root.open("/dev/pts/ptmx"), root.open("/dev/ptmx")
    tree = mounts.clone_opened(own, recursive=False, about="/dev/pts/ptmx")
    mounts.attach(tree, place, "/dev/ptmx")
    for descriptor in (own, place, tree):
        os.close(descriptor)


def link_target(parent: int, name: str) -> str | None:
    """None for what is no link."""
    try:
        return os.readlink(name, dir_fd=parent)
    except OSError:
        return None


def make_console(root: files.Root) -> None:
    """With a terminal there is a /dev/console: a place to bind it to, once there is one."""
    parent = root.make_directory("/dev")
    refuse_link(parent, "console")
    os.close(parent)
    os.close(root.make_file("/dev/console"))


def bind_console(terminal: int) -> None:
    """/dev/console is the process's own terminal; called when the container's root is `/` already.

    The terminal is the one that was opened, whatever lies under its name by now.
    """
    tree = mounts.clone_opened(terminal, recursive=False, about="/dev/console")
    top = os.open("/", os.O_PATH | os.O_DIRECTORY)
    place = files.open_in(top, "/dev/console", files.O_PATH)
    mounts.attach(tree, place, "/dev/console")
    for descriptor in (tree, top, place):
        os.close(descriptor)
