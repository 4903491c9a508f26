"""The few system calls of the harness that Python's library lacks."""

import ctypes
import errno
import os
import signal
import threading
from collections.abc import Callable

_libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWTIME = 0x00000080
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MS_SHARED = 0x100000
MNT_DETACH = 0x2

SYS_CLONE3 = 435

AT_FDCWD = -100
PER_LINUX32 = 0x0008
PR_SET_PDEATHSIG = 1
PR_SET_TIMERSLACK = 29
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38


def _checked(result: int, call: str, path: str | None = None) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}", path)
    return result


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2); OSError names the target."""
    result = _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    _checked(result, f"mount {kind}".rstrip(), target)


def umount(target: str, flags: int = MNT_DETACH) -> None:
    """umount2(2), lazily unless told otherwise."""
    _checked(_libc.umount2(target.encode(), flags), "umount", target)


def exchange(first: str, second: str) -> None:
    """renameat2(2) with RENAME_EXCHANGE: each gets the other's name, at once."""
    _checked(_libc.renameat2(AT_FDCWD, first.encode(), AT_FDCWD, second.encode(), 2), "renameat2", first)


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), "unshare")


def prctl(option: int, argument: int) -> None:
    _checked(_libc.prctl(option, ctypes.c_ulong(argument), 0, 0, 0), "prctl")


def setns(descriptor: int, kind: int = 0) -> None:
    _checked(_libc.setns(descriptor, kind), "setns")


def seal_size(descriptor: int) -> None:
    """Let a memfd neither grow nor shrink (fcntl(2), F_ADD_SEALS)."""
    from fcntl import fcntl

    fcntl(descriptor, 1033, 0x2 | 0x4)


def make_message_queue(key: int) -> int:
    """msgget(2), with IPC_CREAT and IPC_EXCL."""
    return _checked(_libc.msgget(key, 0o3666), "msgget")


def remove_message_queue(identifier: int) -> None:
    _checked(_libc.msgctl(identifier, 0, None), "msgctl")


def sched_setattr(attributes: bytes) -> None:
    """sched_setattr(2), of the calling thread; `attributes` is a whole struct sched_attr."""
    number = {"x86_64": 314, "aarch64": 274}[os.uname().machine]
    _checked(_libc.syscall(number, 0, attributes, 0), "sched_setattr")


def set_mempolicy(mode: int, nodes: int) -> None:
    """set_mempolicy(2), of the calling thread; `mode` with its flags, `nodes` a bit mask."""
    number = {"x86_64": 238, "aarch64": 237}[os.uname().machine]
    mask = nodes.to_bytes(512, "little")
    _checked(_libc.syscall(number, mode, mask, ctypes.c_ulong(8 * len(mask) + 1)), "set_mempolicy")


def personality(persona: int) -> int:
    """personality(2), of the calling thread and what it starts; what it was before."""
    return _checked(_libc.personality(ctypes.c_ulong(persona)), "personality")


def refusal(attempt: Callable[[], object]) -> str | None:
    """The errno's name with which the kernel refuses something to a thread, which ends with the attempt; or None."""
    found: list[OSError] = []

    def try_it() -> None:
        try:
            attempt()
        except OSError as problem:
            found.append(problem)

    trial = threading.Thread(target=try_it)
    trial.start()
    trial.join()
    return errno.errorcode[found[0].errno or 0] if found else None


def fork_as(pid: int) -> int:
    """fork(2) under a pid of one's choice (clone3(2), set_tid); NotImplementedError where the kernel has no such call.

    By PyDLL, which keeps the interpreter's lock: in the child nobody could give it back.
    """
    wanted = (ctypes.c_int * 1)(pid)
    # struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size
    arguments = (ctypes.c_uint64 * 10)(0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, ctypes.addressof(wanted), 1)
    call = ctypes.PyDLL(None, use_errno=True).syscall
    result = call(SYS_CLONE3, ctypes.byref(arguments), ctypes.c_size_t(ctypes.sizeof(arguments)))
    if result < 0 and ctypes.get_errno() == errno.ENOSYS:
        raise NotImplementedError("clone3")
    return _checked(result, "clone3")
