"""sched_setattr(2) and ioprio_set(2): how processors and disks are shared out."""

from __future__ import annotations

from . import libc

#: These two are older than the numbers that all architectures share.
NUMBERS = {"x86_64": (314, 251), "aarch64": (274, 30)}
IOPRIO_WHO_PGRP = 2
IOPRIO_CLASS_SHIFT = 13


class sched_attr(libc.Structure):
    _fields_ = [
        ("size", libc.c_uint32),
        ("sched_policy", libc.c_uint32),
        ("sched_flags", libc.c_uint64),
        ("sched_nice", libc.c_int),
        ("sched_priority", libc.c_uint32),
        ("sched_runtime", libc.c_uint64),
        ("sched_deadline", libc.c_uint64),
        ("sched_period", libc.c_uint64),
        ("sched_util_min", libc.c_uint32),
        ("sched_util_max", libc.c_uint32),
    ]


_SCHED_SETATTR, _IOPRIO_SET = NUMBERS[libc.MACHINE]
_sched_setattr = libc.declare_syscall("sched_setattr", _SCHED_SETATTR, libc.c_int, libc.c_void_p, libc.c_uint)
_ioprio_set = libc.declare_syscall("ioprio_set", _IOPRIO_SET, libc.c_int, libc.c_int, libc.c_int)


def sched_setattr(
    policy: int, flags: int = 0, nice: int = 0, priority: int = 0, runtime: int = 0, deadline: int = 0, period: int = 0
) -> None:
    """Of this process; times in nanoseconds."""
    size = libc.sizeof(sched_attr)
    attributes = sched_attr(size, policy, flags, nice, priority, runtime, deadline, period)
    _sched_setattr(0, libc.byref(attributes), 0)


def ioprio_set_of_group(kind: int, level: int) -> None:
    """Of all processes in this process's group."""
    _ioprio_set(IOPRIO_WHO_PGRP, 0, kind << IOPRIO_CLASS_SHIFT | level)
