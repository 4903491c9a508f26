"""seccomp(2), and libseccomp(3), which makes the program that it is given: loaded when a config asks for a filter."""

from __future__ import annotations

import ctypes
import errno
import os

from . import libc, processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LIBRARY = "libseccomp.so.2"

#: <linux/seccomp.h>: operations, and flags of the first.
SECCOMP_SET_MODE_FILTER = 1
SECCOMP_GET_ACTION_AVAIL = 2
FLAG_TSYNC = 0x01
FLAG_LOG = 0x02
FLAG_SPEC_ALLOW = 0x04
FLAG_NEW_LISTENER = 0x08
FLAG_TSYNC_ESRCH = 0x10
FLAG_WAIT_KILLABLE_RECV = 0x20
#: What a filter answers; the lower half of ERRNO and TRACE is their number.
KILL_PROCESS = 0x80000000
KILL_THREAD = 0x00000000
TRAP = 0x00030000
ERRNO = 0x00050000
NOTIFY = 0x7FC00000
TRACE = 0x7FF00000
LOG = 0x7FFC0000
ALLOW = 0x7FFF0000
#: An error beyond this is none (<linux/err.h>).
MAX_ERRNO = 4095

#: <seccomp.h>: the operators, and architectures as <linux/audit.h> has them, but for x32.
OPERATORS = {"NE": 1, "LT": 2, "LE": 3, "EQ": 4, "GE": 5, "GT": 6, "MASKED_EQ": 7}
ARCHITECTURES = {
    "X86": 0x40000003,
    "X86_64": 0xC000003E,
    "X32": 0x4000003E,
    "ARM": 0x40000028,
    "AARCH64": 0xC00000B7,
    "MIPS": 0x00000008,
    "MIPS64": 0x80000008,
    "MIPS64N32": 0xA0000008,
    "MIPSEL": 0x40000008,
    "MIPSEL64": 0xC0000008,
    "MIPSEL64N32": 0xE0000008,
    "PPC": 0x00000014,
    "PPC64": 0x80000015,
    "PPC64LE": 0xC0000015,
    "S390": 0x00000016,
    "S390X": 0x80000016,
    "PARISC": 0x0000000F,
    "PARISC64": 0x8000000F,
    "RISCV64": 0xC00000F3,
    "LOONGARCH64": 0xC0000102,
    "M68K": 0x00000004,
    "SH": 0x4000002A,
    "SHEB": 0x0000002A,
}
NR_SCMP_ERROR = -1

_seccomp = libc.declare_syscall(
    "seccomp", 317 if libc.MACHINE == "x86_64" else 277, libc.c_uint, libc.c_uint, libc.c_void_p
)
_pidfd_getfd = libc.declare_syscall("pidfd_getfd", 438, libc.c_int, libc.c_int, libc.c_uint)


class scmp_arg_cmp(libc.Structure):
    _fields_ = [("arg", libc.c_uint), ("op", libc.c_int), ("datum_a", libc.c_uint64), ("datum_b", libc.c_uint64)]


class sock_fprog(libc.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", libc.c_void_p)]


#: Argument, operator, and its two operands.
Condition = tuple[int, int, int, int]


class Filter:
    """A filter as libseccomp builds it: for this machine's own architecture, and others that are added."""

    def __init__(self, default: int) -> None:
        self._library = library()
        self._context = self._library.seccomp_init(default)
        if not self._context:
            raise OSError(errno.EINVAL, f"seccomp_init: no filter has {default:#x} for all calls")

    def add_architecture(self, token: int) -> None:
        """Beside those that are there."""
        if self._library.seccomp_arch_exist(self._context, token) != 0:
            self._call("seccomp_arch_add", self._context, token)

    def add_rule(self, action: int, call: int, conditions: list[Condition]) -> None:
        """One action for a system call whose arguments meet all the conditions."""
        array = (scmp_arg_cmp * len(conditions))(*(scmp_arg_cmp(*condition) for condition in conditions))
        self._call("seccomp_rule_add_array", self._context, action, call, len(conditions), array)

    def program(self) -> bytes:
        """What seccomp(2) is given."""
        file = os.memfd_create("filter", os.MFD_CLOEXEC)
        try:
            self._call("seccomp_export_bpf", self._context, file)
            return os.pread(file, os.fstat(file).st_size, 0)
        finally:
            os.close(file)

    def release(self) -> None:
        self._library.seccomp_release(self._context)

    def _call(self, name: str, *arguments: Any) -> None:
        result = getattr(self._library, name)(*arguments)
        if result < 0:
            raise OSError(-result, f"{name}: {os.strerror(-result)}")


def library() -> Any:
    """libseccomp. Raises OSError where it is not installed."""
    if not _libraries:  # a filter may have a name for each system call that there is
        _libraries.append(loaded())
    return _libraries[0]


_libraries: list[Any] = []


def loaded() -> Any:
    try:
        found = ctypes.CDLL(LIBRARY)
    except OSError as problem:
        raise OSError(errno.ELIBACC, f"{LIBRARY} is needed for a filter: {problem}") from None
    found.seccomp_init.restype = libc.c_void_p
    found.seccomp_init.argtypes = (libc.c_uint32,)
    found.seccomp_release.argtypes = (libc.c_void_p,)
    found.seccomp_arch_exist.argtypes = found.seccomp_arch_add.argtypes = (libc.c_void_p, libc.c_uint32)
    found.seccomp_rule_add_array.argtypes = (libc.c_void_p, libc.c_uint32, libc.c_int, libc.c_uint, libc.c_void_p)
    found.seccomp_export_bpf.argtypes = (libc.c_void_p, libc.c_int)
    found.seccomp_syscall_resolve_name.argtypes = (libc.c_char_p,)
    return found


def resolve(name: str) -> int | None:
    """A system call's number here, a pseudo number if only other architectures have it; None if nobody knows it."""
    number = library().seccomp_syscall_resolve_name(name.encode(errors="replace"))
    return None if number == NR_SCMP_ERROR else number


def set_mode_filter(program: bytes, flags: int) -> int:
    """From here on the program decides about each system call; the listener's descriptor, where one is asked for."""
    instructions = libc.buffer(program)
    described = sock_fprog(len(program) // 8, libc.address(instructions))
    return _seccomp(SECCOMP_SET_MODE_FILTER, flags, libc.byref(described))


def takes_flags(flags: int) -> bool:
    """Whether the kernel knows them, in this combination: it looks at them before it looks for a program."""
    try:
        _seccomp(SECCOMP_SET_MODE_FILTER, flags, None)
    except OSError as problem:
        return problem.errno == errno.EFAULT
    return False


def has_action(action: int) -> bool:
    """Whether the kernel knows an action of seccomp(2)."""
    try:
        _seccomp(SECCOMP_GET_ACTION_AVAIL, 0, libc.byref(libc.c_uint32(action)))
    except OSError:
        return False
    return True


def take_descriptor(pid: int, number: int) -> int:
    """A descriptor of another process, as one of ours (pidfd_getfd(2))."""
    process = processes.open_process(pid)
    try:
        return _pidfd_getfd(process, number, 0, about=f"descriptor {number} of {pid}")
    finally:
        os.close(process)
