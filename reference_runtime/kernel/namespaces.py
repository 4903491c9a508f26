"""unshare(2), setns(2), sethostname(2), setdomainname(2), and the files of namespaces(7)."""

from __future__ import annotations

import errno
import os
import signal
from enum import IntFlag

from . import files, libc, processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


class Clone(IntFlag):
    """CLONE_NEW* of <sched.h>."""

    NEWTIME = 0x00000080
    NEWNS = 0x00020000
    NEWCGROUP = 0x02000000
    NEWUTS = 0x04000000
    NEWIPC = 0x08000000
    NEWUSER = 0x10000000
    NEWPID = 0x20000000
    NEWNET = 0x40000000


_unshare = libc.declare("unshare", libc.c_int)
_setns = libc.declare("setns", libc.c_int, libc.c_int)
_sethostname = libc.declare("sethostname", libc.c_char_p, libc.c_size_t)
_setdomainname = libc.declare("setdomainname", libc.c_char_p, libc.c_size_t)


def unshare(flags: int) -> None:
    _unshare(flags)


def setns(descriptor: int, flag: int, about: str | None = None) -> None:
    """Enter a namespace; a descriptor of another type than the flag says is refused."""
    _setns(descriptor, flag, about=about)


def identity(path: str) -> tuple[int, int]:
    """What tells a namespace from every other one: see namespaces(7)."""
    found = os.stat(path)
    return found.st_dev, found.st_ino


def user_outside(process: int, uid: int) -> int | None:
    """What a user of a process' user namespace is called in ours; None where nobody is."""
    return outside(f"/proc/{process}/uid_map", uid)


def outside(file: str, id: int) -> int | None:
    """The same by a file of mappings, of users or of groups."""
    for line in files.read(file).splitlines():
        first, beyond, size = map(int, line.split())
        if first <= id < first + size:
            return beyond + id - first
    return None


def sethostname(name: str) -> None:
    _sethostname(name.encode(), len(name.encode()), about=name)


def setdomainname(name: str) -> None:
    _setdomainname(name.encode(), len(name.encode()), about=name)


def user_namespace(uid_map: str, gid_map: str) -> int:
    """A user namespace that nobody lives in, as the description of a mapping: see mount_setattr(2)."""
    ready, made = os.pipe()
    pid = os.fork()
    if pid == 0:
        live_in_namespace(made)
    os.close(made)
    try:
        if os.read(ready, 1) != b"y":
            raise OSError(errno.EPERM, "unshare: no user namespace can be made here")
        files.write(f"/proc/{pid}/uid_map", uid_map)
        files.write(f"/proc/{pid}/gid_map", gid_map)
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)


def live_in_namespace(made: int) -> NoReturn:
    """Until killed, or left alone; nothing else holds the namespace before it is opened."""
    try:
        unshare(Clone.NEWUSER)
        processes.die_with_parent(True)
        os.write(made, b"y")
        while True:
            signal.pause()
    finally:
        os._exit(1)
