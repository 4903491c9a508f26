"""set_mempolicy(2): on which NUMA nodes memory is taken."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from . import libc


class Mode(IntEnum):
    """<linux/mempolicy.h>"""

    DEFAULT = 0
    PREFERRED = 1
    BIND = 2
    INTERLEAVE = 3
    LOCAL = 4
    PREFERRED_MANY = 5
    WEIGHTED_INTERLEAVE = 6


class Flag(IntFlag):
    """<linux/mempolicy.h>"""

    NONE = 0
    NUMA_BALANCING = 1 << 13
    RELATIVE_NODES = 1 << 14
    STATIC_NODES = 1 << 15


#: Older than the numbers that all architectures share.
_NUMBER = 238 if libc.MACHINE == "x86_64" else 237
_set_mempolicy = libc.declare_syscall("set_mempolicy", _NUMBER, libc.c_int, libc.c_char_p, libc.c_ulong)


def set_mempolicy(mode: Mode, flags: Flag, nodes: int) -> None:
    """Of this process, through every execve; `nodes` is a bit mask."""
    words = nodes.bit_length() // 64 + 1
    # The kernel takes the number of bits for one more than there are.
    _set_mempolicy(mode | flags, nodes.to_bytes(words * 8, "little"), words * 64 + 1, about=f"MPOL_{mode.name}")
