"""bpf(2): the program that decides about devices in a cgroup of version 2."""

from __future__ import annotations

import os
import struct

from . import libc

BPF_PROG_LOAD = 5
BPF_PROG_ATTACH = 8
BPF_PROG_DETACH = 9
BPF_PROG_GET_FD_BY_ID = 13
BPF_PROG_QUERY = 16
BPF_PROG_TYPE_CGROUP_DEVICE = 15
BPF_CGROUP_DEVICE = 6
BPF_F_ALLOW_MULTI = 2
#: As many as a cgroup can have (BPF_CGROUP_MAX_PROGS).
MOST = 64
#: <linux/bpf.h>: what a program is asked about.
TYPES = {"b": 1, "c": 2}
ACCESS = {"m": 1, "r": 2, "w": 4}

_bpf = libc.declare_syscall("bpf", 321 if libc.MACHINE == "x86_64" else 280, libc.c_int, libc.c_char_p, libc.c_uint)

#: One rule: whether it allows; type, major, minor (None stands for all); and the kinds of access as bits.
Rule = tuple[bool, "str | None", "int | None", "int | None", int]

#: Operations of the kernel's virtual machine, <linux/bpf.h>; the operand is a constant where nothing else is said.
LOAD, AND, SHIFT_RIGHT, MOVE, MOVE_REGISTER, JUMP, EXIT = 0x61, 0x57, 0x77, 0xB7, 0xBF, 0x05, 0x95
#: These compare 32 bits: numbers of devices have no sign.
JUMP_UNEQUAL, JUMP_ANY_BIT = 0x56, 0x46


def instruction(code: int, register: int = 0, source: int = 0, offset: int = 0, value: int = 0) -> bytes:
    return struct.pack("<BBhI", code, register | source << 4, offset, value)


def answer(value: int) -> bytes:
    return instruction(MOVE, 0, value=value) + instruction(EXIT)


#: r2 = access, r3 = type, r4 = major, r5 = minor: the fields of struct bpf_cgroup_dev_ctx.
PROLOGUE = b"".join(
    [
        instruction(LOAD, 2, 1, 0),
        instruction(MOVE_REGISTER, 3, 2),
        instruction(AND, 3, value=0xFFFF),
        instruction(SHIFT_RIGHT, 2, value=16),
        instruction(LOAD, 4, 1, 4),
        instruction(LOAD, 5, 1, 8),
    ]
)


def program(rules: list[Rule], otherwise: bool) -> bytes:
    """The last rule that matches a device decides, for each kind of access by itself; `otherwise` where none does."""
    return PROLOGUE + b"".join(decision(rule) for rule in reversed(rules)) + answer(int(otherwise))


def decision(rule: Rule) -> bytes:
    """Go on behind it where the device is another one, or as long as a part of the access is undecided (in r2)."""
    allow, kind, major, minor, access = rule
    code = allowance(access) if allow else denial(access)
    for register, value in ((5, minor), (4, major), (3, TYPES.get(kind or ""))):
        if value is not None:
            code = instruction(JUMP_UNEQUAL, register, offset=len(code) // 8, value=value) + code
    return code


def allowance(access: int) -> bytes:
    """What is allowed needs no further rule; when nothing is left to be decided, all of it is allowed."""
    end = answer(1)
    left = instruction(AND, 2, value=~access & 7)
    return left + instruction(JUMP_UNEQUAL, 2, offset=len(end) // 8, value=0) + end


def denial(access: int) -> bytes:
    """One part that is denied is enough: the request is one."""
    end = answer(0)
    return instruction(JUMP_ANY_BIT, 2, offset=1, value=access) + instruction(JUMP, offset=len(end) // 8) + end


def attach(directory: str, code: bytes) -> None:
    """Load the program and let it decide for a cgroup; the kernel keeps it as long as the cgroup is there. What another
    one has decided there is over: a device would need the consent of all."""
    loaded = load(code)
    cgroup = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        before = attached(cgroup, directory)
        attributes = struct.pack("<IIII", cgroup, loaded, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI)
        _bpf(BPF_PROG_ATTACH, attributes, len(attributes), about=directory)
        for number in before:
            detach(cgroup, number, directory)
    finally:
        os.close(cgroup)
        os.close(loaded)


def attached(cgroup: int, about: str) -> list[int]:
    """The programs that decide about devices for this cgroup itself, by their numbers."""
    numbers = libc.buffer(bytes(4 * MOST))
    # With room for all that there is to be told: Linux 6.18 tells more than it has been asked for.
    asked = libc.buffer(struct.pack("<IIIIQI36x", cgroup, BPF_CGROUP_DEVICE, 0, 0, libc.address(numbers), MOST))
    _bpf(BPF_PROG_QUERY, asked, len(asked), about=about)
    *_, count = struct.unpack_from("<IIIIQI", asked)
    return list(struct.unpack_from(f"<{count}I", numbers))


def detach(cgroup: int, number: int, about: str) -> None:
    attributes = struct.pack("<III", number, 0, 0)
    program = _bpf(BPF_PROG_GET_FD_BY_ID, attributes, len(attributes), about=about)
    try:
        attributes = struct.pack("<IIII", cgroup, program, BPF_CGROUP_DEVICE, 0)
        _bpf(BPF_PROG_DETACH, attributes, len(attributes), about=about)
    finally:
        os.close(program)


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
