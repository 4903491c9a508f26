"""What a seccomp filter decides: read out of a process by ptrace(2), and carried out for any call of any architecture.

No call has to be made for that, so that other architectures can be asked about, and what leaves no mark: a call that is
logged, or the number that a tracer would be told.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import faults, libc, packet_filters, support
from .system_calls import NAMES

if TYPE_CHECKING:
    from .container import Container

Config = dict[str, Any]

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)

PTRACE_DETACH = 17
PTRACE_SEIZE = 0x4206
PTRACE_INTERRUPT = 0x4207
PTRACE_SECCOMP_GET_FILTER = 0x420C
WALL = 0x40000000

#: <linux/seccomp.h>; the lower half is data.
ACTIONS = {
    "KILL_PROCESS": 0x80000000,
    "KILL_THREAD": 0x00000000,
    "TRAP": 0x00030000,
    "ERRNO": 0x00050000,
    "NOTIFY": 0x7FC00000,
    "TRACE": 0x7FF00000,
    "LOG": 0x7FFC0000,
    "ALLOW": 0x7FFF0000,
}
#: Architecture → its number to the kernel (<linux/audit.h>), and that of munlockall(2): a call without arguments that
#: always succeeds, and that no runtime and no interpreter makes.
ARCHITECTURES = {
    "X86": (0x40000003, 153),
    "X86_64": (0xC000003E, 152),
    "X32": (0xC000003E, 0x40000000 + 152),
    "ARM": (0x40000028, 153),
    "AARCH64": (0xC00000B7, 231),
    "MIPS": (0x00000008, 4157),
    "MIPS64": (0x80000008, 5149),
    "MIPS64N32": (0xA0000008, 6149),
    "MIPSEL": (0x40000008, 4157),
    "MIPSEL64": (0xC0000008, 5149),
    "MIPSEL64N32": (0xE0000008, 6149),
    "PPC": (0x00000014, 153),
    "PPC64": (0x80000015, 153),
    "PPC64LE": (0xC0000015, 153),
    "S390": (0x00000016, 153),
    "S390X": (0x80000016, 153),
    "PARISC": (0x0000000F, 153),
    "PARISC64": (0x8000000F, 153),
    "RISCV64": (0xC00000F3, 231),
    "LOONGARCH64": (0xC0000102, 231),
    "M68K": (0x00000004, 153),
    "SH": (0x4000002A, 153),
    "SHEB": (0x0000002A, 153),
}
NATIVE = "AARCH64" if os.uname().machine == "aarch64" else "X86_64"
#: Numbers of some calls that are as harmless.
NUMBERS = {"munlock": (150, 229), "munlockall": (152, 231), "getpgid": (121, 155), "sched_get_priority_max": (146, 125)}


def call(name: str, *arguments: int) -> str:
    """A call as the probe is told to make it."""
    number = NUMBERS[name][NATIVE == "AARCH64"]
    return " ".join(map(str, ("syscall", number, *arguments)))


#: The call that the tests are about, a rule that denies it, and a call that no rule denies.
CALL, OTHER = call("munlockall"), call("getpgid", 0)
DENIED: dict[str, Any] = {"names": ["munlockall"], "action": "SCMP_ACT_ERRNO"}
#: All calls but that one, as a program and its runtime may need them.
ALL_ALLOWED: dict[str, Any] = {"names": [name for name in NAMES if name != "munlockall"], "action": "SCMP_ACT_ALLOW"}


def filters(config: Config, *rules: dict[str, Any], **members: Any) -> None:
    """Let all calls through, but for these rules."""
    config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": list(rules), **members}


def defaults(config: Config, action: str, *rules: dict[str, Any], **members: Any) -> None:
    """Let through all calls but munlockall(2), and the runtime's own: that one is up to the rules, and the default."""
    allowed = ALL_ALLOWED | {"names": list(ALL_ALLOWED["names"])}
    config["linux"]["seccomp"] = {"defaultAction": action, "syscalls": [allowed, *rules], **members}


def works_or_is_refused(container: "Container", *commands: str) -> dict[str, str | None] | None:
    """What becomes of the commands; None, where the runtime does not take the config, as it may."""
    try:
        return container.run(*commands).attempts
    except faults.OperationFailed:
        return None


# --- reading ---------------------------------------------------------------------------------------------------------


def filters_of(process: Path) -> list[bytes]:
    """The programs that a running process is behind. Unjudged where the kernel does not give them out."""
    pid = int(process.name)
    try:
        ptrace(PTRACE_SEIZE, pid)
    except PermissionError:
        raise faults.not_on_this_host("CAP_SYS_PTRACE, to look at a filter") from None
    try:
        ptrace(PTRACE_INTERRUPT, pid)
        os.waitpid(pid, WALL)
        return list(programs(pid))
    finally:
        ptrace(PTRACE_DETACH, pid)


def programs(pid: int) -> Iterator[bytes]:
    """From the newest to the oldest."""
    for index in range(1 << 10):
        try:
            length = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, None)
        except OSError as problem:
            if problem.errno in (errno.ENOENT, errno.EINVAL):  # there are no more; there is none
                return
            if problem.errno in (errno.EACCES, errno.EIO):
                raise faults.not_on_this_host("PTRACE_SECCOMP_GET_FILTER, to look at a filter") from None
            raise
        memory = ctypes.create_string_buffer(length * 8)
        ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, memory)
        yield memory.raw


def ptrace(request: int, pid: int, address: int = 0, data: Any = None) -> int:
    """ptrace(2); OSError names the request."""
    found = _libc.ptrace(request, pid, address, data)
    if found < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace {request:#x}: {os.strerror(number)}")
    return found


# --- carrying out ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a call: an action's name, and its number."""

    action: str
    number: int = 0


def decide(programs: list[bytes], architecture: str = NATIVE, *arguments: int) -> Decision:
    """What the filters make of munlockall(2), called there with these arguments: the strictest of their answers."""
    number, call = ARCHITECTURES[architecture]
    data = struct.pack("=iIQ6Q", call, number, 0, *arguments, *[0] * (6 - len(arguments)))
    answers = [packet_filters.carry_out(program, data) for program in programs] or [ACTIONS["ALLOW"]]
    strictest = min(answers, key=lambda answer: ctypes.c_int32(answer & 0xFFFF0000).value)
    names = {value: name for name, value in ACTIONS.items()}
    return Decision(names.get(strictest & 0xFFFF0000, hex(strictest)), strictest & 0xFFFF)


def refuse_and_log() -> None:
    """Put this process behind a filter that refuses munlockall(2) and has it logged, and make that call."""
    number = ARCHITECTURES[NATIVE][1]
    instructions = ((0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x0005_0001), (0x06, 0, 0, ACTIONS["ALLOW"]))
    program = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    memory = ctypes.create_string_buffer(program, len(program))
    described = ctypes.create_string_buffer(struct.pack("@HP", len(instructions), ctypes.addressof(memory)))
    _libc.syscall(ctypes.c_long(SYS_SECCOMP[os.uname().machine]), 1, FLAGS["SECCOMP_FILTER_FLAG_LOG"], described)
    _libc.syscall(ctypes.c_long(number))


# --- what this host has ----------------------------------------------------------------------------------------------

#: Action → its name in /proc/sys/kernel/seccomp/actions_avail.
AVAILABLE = {
    "SCMP_ACT_KILL": "kill_thread",
    "SCMP_ACT_KILL_THREAD": "kill_thread",
    "SCMP_ACT_KILL_PROCESS": "kill_process",
    "SCMP_ACT_TRAP": "trap",
    "SCMP_ACT_ERRNO": "errno",
    "SCMP_ACT_TRACE": "trace",
    "SCMP_ACT_ALLOW": "allow",
    "SCMP_ACT_LOG": "log",
    "SCMP_ACT_NOTIFY": "user_notif",
}
LISTENER = 0x08
#: Flag → its bit, and that of a listener, without which the last one means nothing.
FLAGS = {
    "SECCOMP_FILTER_FLAG_TSYNC": 0x01,
    "SECCOMP_FILTER_FLAG_LOG": 0x02,
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW": 0x04,
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV": 0x20 | LISTENER,
}
SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}


def missing_actions(config: Config) -> Iterator[str]:
    """What a config's filter needs of the kernel, and this one has not."""
    filter = support.section(support.section(config, "linux"), "seccomp")
    if filter and not available():
        yield "seccomp filters (CONFIG_SECCOMP_FILTER)"
    actions = {str(rule.get("action")) for rule in support.entries(filter, "syscalls")}
    for action in sorted({*actions, str(filter.get("defaultAction"))} & AVAILABLE.keys()):
        if AVAILABLE[action] not in available():
            yield f"{action} in this kernel"
        elif action == "SCMP_ACT_NOTIFY" and is_listened_to():
            yield f"{action} as the first: a filter around this run has the one listener that there can be"
    for flag in sorted(support.words(filter, "flags") & FLAGS.keys()):
        if not takes(FLAGS[flag]):
            yield f"{flag} in this kernel"


@cache
def available() -> frozenset[str]:
    file = Path("/proc/sys/kernel/seccomp/actions_avail")
    return frozenset(file.read_text().split()) if file.exists() else frozenset()


@cache
def is_listened_to() -> bool:
    """Whether this process is behind a filter with a listener, as a container may be: the kernel allows no second."""
    return libc.refusal(listen) == "EBUSY"


def listen() -> None:
    """Put this thread behind a filter that lets everything through and has a listener, which is closed at once."""
    program = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, ACTIONS["ALLOW"]), 8)
    described = ctypes.create_string_buffer(struct.pack("@HP", 1, ctypes.addressof(program)))
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    listener = _libc.syscall(ctypes.c_long(SYS_SECCOMP[os.uname().machine]), 1, LISTENER, described)
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    os.close(listener)


@cache
def takes(flags: int) -> bool:
    """Whether the kernel knows the flags: it looks at them first, and then for the program, which is not there."""
    _libc.syscall(ctypes.c_long(SYS_SECCOMP[os.uname().machine]), 1, flags, None)
    return ctypes.get_errno() == errno.EFAULT
