"""Users, groups, capabilities(7), no_new_privs."""

from __future__ import annotations

import os

from . import libc, processes

PR_SET_KEEPCAPS = 8
PR_CAPBSET_READ = 23
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
PR_CAP_AMBIENT_CLEAR_ALL = 4
LINUX_CAPABILITY_VERSION_3 = 0x20080522

#: linux/capability.h, in the order of their numbers.
CAPABILITIES = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
]


class user_cap(libc.Structure):
    _fields_ = [("effective", libc.c_uint32), ("permitted", libc.c_uint32), ("inheritable", libc.c_uint32)]


class user_cap_header(libc.Structure):
    _fields_ = [("version", libc.c_uint32), ("pid", libc.c_int)]


_capset = libc.declare("capset", libc.c_void_p, libc.c_void_p)
_capget = libc.declare("capget", libc.c_void_p, libc.c_void_p)


def capset(effective: int, permitted: int, inheritable: int) -> None:
    """Set three of the five sets; each is a mask of 64 bits that the kernel wants in two halves."""
    halves = (user_cap * 2)(
        *(user_cap(effective >> bits, permitted >> bits, inheritable >> bits) for bits in (0, 32)),
    )
    _capset(libc.byref(user_cap_header(LINUX_CAPABILITY_VERSION_3, 0)), libc.byref(halves))


def permitted() -> int:
    """The capabilities that this process may use or pass on."""
    halves = (user_cap * 2)()
    _capget(libc.byref(user_cap_header(LINUX_CAPABILITY_VERSION_3, 0)), libc.byref(halves))
    return halves[0].permitted | halves[1].permitted << 32


def is_bounding(number: int) -> bool:
    """Is it in the bounding set? A number that the kernel does not know is not."""
    try:
        return processes.prctl(PR_CAPBSET_READ, number) == 1
    except OSError:
        return False


def drop_bounding(number: int) -> None:
    processes.prctl(PR_CAPBSET_DROP, number)


def clear_ambient() -> None:
    processes.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)


def raise_ambient(number: int) -> None:
    processes.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number)


def keep_capabilities() -> None:
    """Keep the permitted set when the last user id of 0 goes away; execve ends this."""
    processes.prctl(PR_SET_KEEPCAPS, 1)


def set_no_new_privileges() -> None:
    processes.prctl(PR_SET_NO_NEW_PRIVS, 1)


def set_user(uid: int) -> None:
    os.setresuid(uid, uid, uid)


def set_group(gid: int) -> None:
    os.setresgid(gid, gid, gid)
