"""bpf(2): the program that decides about devices in a cgroup of version 2."""

from __future__ import annotations

import os
import struct

from . import libc

BPF_PROG_LOAD = 5
BPF_PROG_ATTACH = 8
BPF_PROG_TYPE_CGROUP_DEVICE = 15
BPF_CGROUP_DEVICE = 6
BPF_F_ALLOW_MULTI = 2
#: <linux/bpf.h>: what a program is asked about.
TYPES = {"b": 1, "c": 2}
ACCESS = {"m": 1, "r": 2, "w": 4}

_bpf = libc.declare_syscall(
    "bpf", 321 if libc.MACHINE == "x86_64" else 280, libc.c_int, libc.c_char_p, libc.c_uint
)

#: One device rule: type, major, minor (None stands for all), and the kinds of access as bits.
Rule = tuple[str | None, int | None, int | None, int]


def instruction(code: int, register: int = 0, source: int = 0, offset: int = 0, value: int = 0) -> bytes:
    return struct.pack("<BBhi", code, register | source << 4, offset, value)


def answer(value: int) -> bytes:
    """r0 = value; exit"""
    return instruction(0xB7, 0, value=value) + instruction(0x95)


#: r2 = access, r3 = type, r4 = major, r5 = minor: the fields of struct bpf_cgroup_dev_ctx.
PROLOGUE = b"".join(
    [
        instruction(0x61, 2, 1, 0),
        instruction(0xBF, 3, 2),
        instruction(0x57, 3, value=0xFFFF),
        instruction(0x77, 2, value=16),
        instruction(0x61, 4, 1, 4),
        instruction(0x61, 5, 1, 8),
    ]
)


def program(allow: bool, exceptions: list[Rule]) -> bytes:
    """Everything is allowed, or nothing, but for the exceptions."""
    return PROLOGUE + b"".join(exception(rule, allow) for rule in exceptions) + answer(int(allow))


def exception(rule: Rule, allow: bool) -> bytes:
    """Answer the opposite where all of the rule applies, and go on behind it where a part does not.

    A list of what is allowed applies to a request that it covers, one of what is denied to a request that it touches.
    """
    kind, major, minor, access = rule
    wanted = [(3, TYPES.get(kind or "")), (4, major), (5, minor)]
    # r6 = the part of the access that is covered by nothing, or touched by the rule.
    tests = [instruction(0xBF, 6, 2), instruction(0x57, 6, value=access if allow else ~access & 7)]
    end = answer(int(not allow))
    code = instruction(0x15 if allow else 0x55, 6, offset=len(end) // 8) + end
    for test in reversed(tests):
        code = test + code
    for register, value in reversed(wanted):
        if value is not None:
            code = instruction(0x55, register, offset=len(code) // 8, value=value) + code
    return code


def attach(directory: str, code: bytes) -> None:
    """Load the program and let it decide for a cgroup; the kernel keeps it as long as the cgroup is there."""
    loaded = load(code)
    cgroup = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        attributes = struct.pack("<IIII", cgroup, loaded, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI)
        _bpf(BPF_PROG_ATTACH, attributes, len(attributes), about=directory)
    finally:
        os.close(cgroup)
        os.close(loaded)


def load(code: bytes) -> int:
    instructions, license = libc.buffer(code), libc.buffer(b"Apache-2.0\0")
    attributes = struct.pack(
        "<IIQQIIQII",
        BPF_PROG_TYPE_CGROUP_DEVICE,
        len(code) // 8,
        libc.address(instructions),
        libc.address(license),
        *(0, 0, 0, 0, 0),
    )
    return _bpf(BPF_PROG_LOAD, attributes, len(attributes))
