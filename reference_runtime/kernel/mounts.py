"""mount(2) and what came after it: open_tree(2), fsopen(2), move_mount(2), mount_setattr(2), pivot_root(2)."""

from __future__ import annotations

import errno
import os
from enum import IntFlag

from . import files, libc

AT_EMPTY_PATH = 0x1000
AT_RECURSIVE = 0x8000
OPEN_TREE_CLONE = 1
OPEN_TREE_CLOEXEC = os.O_CLOEXEC
MOVE_MOUNT_F_EMPTY_PATH = 0x04
MOVE_MOUNT_T_EMPTY_PATH = 0x40
MNT_DETACH = 2
FSOPEN_CLOEXEC = 1
FSMOUNT_CLOEXEC = 1
FSCONFIG_SET_FLAG, FSCONFIG_SET_STRING, FSCONFIG_CMD_CREATE = 0, 1, 6
#: mount(2) reads one page of data, and cuts off what is longer without a word.
PAGE = os.sysconf("SC_PAGE_SIZE")


class Mount(IntFlag):
    """Flags of mount(2), <sys/mount.h>."""

    NONE = 0
    RDONLY = 1
    NOSUID = 2
    NODEV = 4
    NOEXEC = 8
    SYNCHRONOUS = 16
    REMOUNT = 32
    MANDLOCK = 64
    DIRSYNC = 128
    NOSYMFOLLOW = 256
    NOATIME = 1 << 10
    NODIRATIME = 1 << 11
    BIND = 1 << 12
    MOVE = 1 << 13
    REC = 1 << 14
    SILENT = 1 << 15
    UNBINDABLE = 1 << 17
    PRIVATE = 1 << 18
    SLAVE = 1 << 19
    SHARED = 1 << 20
    RELATIME = 1 << 21
    I_VERSION = 1 << 23
    STRICTATIME = 1 << 24
    LAZYTIME = 1 << 25


class Attribute(IntFlag):
    """Attributes of mount_setattr(2), <linux/mount.h>."""

    NONE = 0
    RDONLY = 0x01
    NOSUID = 0x02
    NODEV = 0x04
    NOEXEC = 0x08
    #: The three below are values of one field: RELATIME is its zero, so it is asked for by clearing the field.
    ATIME = 0x70
    RELATIME = 0x00
    NOATIME = 0x10
    STRICTATIME = 0x20
    NODIRATIME = 0x80
    IDMAP = 0x100000
    NOSYMFOLLOW = 0x200000


class mount_attr(libc.Structure):
    _fields_ = [
        ("attr_set", libc.c_uint64),
        ("attr_clr", libc.c_uint64),
        ("propagation", libc.c_uint64),
        ("userns_fd", libc.c_uint64),
    ]


_mount = libc.declare("mount", libc.c_char_p, libc.c_char_p, libc.c_char_p, libc.c_ulong, libc.c_char_p)
_umount2 = libc.declare("umount2", libc.c_char_p, libc.c_int)
_pivot_root = libc.declare_syscall("pivot_root", 155 if libc.MACHINE == "x86_64" else 41, libc.c_char_p, libc.c_char_p)
_open_tree = libc.declare_syscall("open_tree", 428, libc.c_int, libc.c_char_p, libc.c_uint)
_move_mount = libc.declare_syscall("move_mount", 429, libc.c_int, libc.c_char_p, libc.c_int, libc.c_char_p, libc.c_uint)
_mount_setattr = libc.declare_syscall(
    "mount_setattr", 442, libc.c_int, libc.c_char_p, libc.c_uint, libc.c_void_p, libc.c_size_t
)


_fsopen = libc.declare_syscall("fsopen", 430, libc.c_char_p, libc.c_uint)
_fsconfig = libc.declare_syscall("fsconfig", 431, libc.c_int, libc.c_uint, libc.c_char_p, libc.c_char_p, libc.c_int)
_fsmount = libc.declare_syscall("fsmount", 432, libc.c_int, libc.c_uint, libc.c_uint)


def mount(source: str, target: str, fstype: str | None, flags: Mount = Mount.NONE, data: str = "") -> None:
    if len(os.fsencode(data)) >= PAGE:
        raise OSError(errno.E2BIG, "mount: the options do not fit in one page", source)
    kind = fstype.encode() if fstype is not None else None
    _mount(os.fsencode(source), os.fsencode(target), kind, flags, os.fsencode(data) or None, about=source)


def umount(target: str, flags: int = 0) -> None:
    _umount2(os.fsencode(target), flags, about=target)


def pivot_root(new_root: str, put_old: str) -> None:
    _pivot_root(os.fsencode(new_root), os.fsencode(put_old), about=new_root)


def mountpoints(mount_id: str) -> list[str]:
    """Where that mount is in this mount table: at one place, or at none any more."""
    lines = (line.split(" ") for line in files.read("/proc/self/mountinfo").splitlines())
    return [files.unescape(fields[4]) for fields in lines if fields[0] == mount_id]


def set_propagation(target: str, propagation: Mount) -> None:
    """Make a mount, or with REC the tree below it, shared, slave, private or unbindable."""
    mount("none", target, None, propagation)


def clone_tree(path: str, recursive: bool) -> int:
    """A bind mount that is not yet attached anywhere, as a descriptor: it can be shaped before anyone sees it."""
    flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (AT_RECURSIVE if recursive else 0)
    return _open_tree(-100, os.fsencode(path), flags, about=path)


def clone_opened(place: int, recursive: bool, about: str) -> int:
    """The same of what a descriptor stands for: nobody can put something else in its place meanwhile."""
    flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (AT_RECURSIVE if recursive else 0)
    return _open_tree(place, b"", flags, about=about)


def new_filesystem(fstype: str, source: str, options: list[str]) -> int:
    """A file system that is not yet attached anywhere; an option that it does not know is an error."""
    context = _fsopen(fstype.encode(), FSOPEN_CLOEXEC, about=fstype)
    try:
        for option in [f"source={source}", *options]:
            configure(context, option)
        _fsconfig(context, FSCONFIG_CMD_CREATE, None, None, 0, about=fstype)
        return _fsmount(context, FSMOUNT_CLOEXEC, 0, about=fstype)
    finally:
        os.close(context)


def configure(context: int, option: str) -> None:
    """Quotes are for mount(2) alone, which would end a value at its first comma."""
    key, equals, value = option.partition("=")
    value = value.strip('"')
    command = FSCONFIG_SET_STRING if equals else FSCONFIG_SET_FLAG
    _fsconfig(context, command, os.fsencode(key), os.fsencode(value) if equals else None, 0, about=option)


def attach(tree: int, target: int, about: str) -> None:
    """Attach a detached tree at the place that a descriptor stands for."""
    _move_mount(tree, b"", target, b"", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH, about=about)


def set_attributes(
    tree: int,
    attributes: Attribute = Attribute.NONE,
    clear: Attribute = Attribute.NONE,
    *,
    propagation: Mount = Mount.NONE,
    recursive: bool = False,
    userns: int = 0,
    about: str | None = None,
) -> None:
    """Change what is named and nothing else, unlike a remount, which forgets what it is not told again."""
    change = mount_attr(attributes, clear, propagation, userns)
    flags = AT_EMPTY_PATH | (AT_RECURSIVE if recursive else 0)
    _mount_setattr(tree, b"", flags, libc.byref(change), 32, about=about)
