"""The only program in the container: it states facts and makes attempts, and judges nothing.

    python -I -S -E /probe NONCE [COMMAND …]

It writes JSON lines to standard output:

    {"facts": {…}}                                           always, first
    {"command": "write /shelf", "errno": "EROFS", "value": null}   one for each command, in order
    {"end": "NONCE"}                                         always, last: the report is whole

A command is a verb and its words, split at blanks (`%20` stands for a blank in a word). A verb that the kernel
refuses yields the errno's name, any other yields `null` and, where it looked at something, a value. An empty command
is none: an argument may be empty.

`hook NAME FILE [COMMAND …]` makes it a hook instead: one JSON line about standard input, surroundings and how the
commands went is appended to FILE. `{pid}` in a command stands for the pid in the state that the hook was given.

Start-up time is paid in every test, so modules beyond `os` are imported by the verbs that need them, and the report
is written by `encode`: the json module alone would cost a third of the program's time.
"""

# pyright: basic, reportArgumentType=false
# A table of one-line verbs that take strings says more than their annotations would.

import os
import sys
from _json import encode_basestring_ascii  # the C half of json, without its decoder and re

NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")
STATUS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")
LONGEST = 65536  # bytes of a file that `read` reports


def encode(value) -> str:
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{encode(key)}: {encode(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(encode, value)) + "]"


def say(line: object) -> None:
    data = memoryview((encode(line) + "\n").encode())
    while data:
        data = data[os.write(1, data) :]


# --- facts -----------------------------------------------------------------------------------------------------------


def contents(path: str, size: int = -1) -> bytes:
    with open(path, "rb") as file:
        return file.read(size)


def read(path: str, size: "int | str" = -1) -> str:
    """A file's first bytes, or all of them; what is no UTF-8 is escaped."""
    return contents(path, int(size)).decode(errors="backslashreplace")


def text(path: str) -> "str | None":
    """Likewise; None where it cannot be read."""
    try:
        return read(path)
    except OSError:
        return None


def namespaces(process: str = "self") -> "dict[str, str | None]":
    found: dict[str, str | None] = {}
    for name in NAMESPACES:
        try:
            found[name] = os.readlink(f"/proc/{process}/ns/{name}")
        except OSError:
            found[name] = None
    return found


def environment() -> "list[str]":
    """As handed to execve: the interpreter itself may add LC_CTYPE to the live one."""
    block = text("/proc/self/environ")
    if block is None:
        return [f"{name}={value}" for name, value in os.environ.items()]
    return block.split("\0")[:-1]


def status() -> "dict[str, str | None]":
    lines = (text("/proc/self/status") or "").splitlines()
    found = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    if lines and "NoNewPrivs" not in found:
        found["NoNewPrivs"] = no_new_privileges()
    return {name: found.get(name) for name in STATUS}


def no_new_privileges() -> "str | None":
    """prctl(PR_GET_NO_NEW_PRIVS), for a kernel whose files do not tell."""
    import ctypes

    bit = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)
    return None if bit < 0 else str(bit)


def limits() -> "dict[str, list[str]]":
    """{"Max open files": ["1024", "4096"], …} from the kernel's fixed-width table."""
    rows = (text("/proc/self/limits") or "").splitlines()[1:]
    return {row[:26].strip(): row[26:68].split() for row in rows}


def mask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def descriptors() -> "list[int]":
    found: list[int] = []
    for descriptor in range(256):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        found.append(descriptor)
    return found


def lines(path: str) -> "list[str] | None":
    whole = text(path)
    return None if whole is None else whole.splitlines()


def facts() -> "dict[str, object]":
    open_descriptors = descriptors()
    return {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "session": os.getsid(0),
        "uid": list(os.getresuid()),
        "gid": list(os.getresgid()),
        "groups": sorted(os.getgroups()),
        "cwd": os.getcwd(),
        "args": list(sys.orig_argv),
        "env": environment(),
        "umask": mask(),
        "hostname": os.uname().nodename,
        "domainname": (text("/proc/sys/kernel/domainname") or "").rstrip("\n") or None,
        "descriptors": open_descriptors,
        "terminal": [os.isatty(descriptor) for descriptor in (0, 1, 2)],
        "namespaces": namespaces(),
        "status": status(),
        "limits": limits(),
        "oom_score_adj": (text("/proc/self/oom_score_adj") or "").strip() or None,
        "mountinfo": lines("/proc/self/mountinfo"),
        "cgroup": lines("/proc/self/cgroup"),
    }


# --- attempts and looks ----------------------------------------------------------------------------------------------

KINDS = {0o01: "fifo", 0o02: "character", 0o04: "directory", 0o06: "block", 0o10: "file", 0o12: "link", 0o14: "socket"}


def described(found: os.stat_result) -> "dict[str, object]":
    return {
        "kind": KINDS.get(found.st_mode >> 12, "?"),
        "mode": f"{found.st_mode & 0o7777:04o}",
        "uid": found.st_uid,
        "gid": found.st_gid,
        "size": found.st_size,
        "major": os.major(found.st_rdev),
        "minor": os.minor(found.st_rdev),
        "links": found.st_nlink,
        "inode": found.st_ino,
    }


def opened(path: str, flags: int, data: bytes = b"") -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK, 0o600)
    try:
        if data:
            os.write(descriptor, data)
    finally:
        os.close(descriptor)


def library(name: str, *arguments: object) -> None:
    """A function of the C library; its failure is an OSError."""
    import ctypes

    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def system_call(number: int, *arguments: object) -> int:
    """A system call, by its number; its failure is an OSError."""
    import ctypes

    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    words = (ctypes.c_ulong(argument) if isinstance(argument, int) else argument for argument in arguments)
    if (found := call(ctypes.c_long(number), *words)) < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}")
    return found


def mount(source: str, target: str, kind: str, flags: str = "0", data: str = "") -> None:
    library("mount", source.encode(), target.encode(), kind.encode(), int(flags, 0), data.encode())


def nested(target: str) -> None:
    """Mount a tmpfs as a container inside of this one would, whose root is shared: in a mount namespace of its own."""
    child = os.fork()
    if child == 0:
        try:
            library("unshare", 0x20000)
            mount("none", "/", "none", "0x104000")
            mount("nested", target, "tmpfs")
        except OSError as problem:
            os._exit(problem.errno or 255)
        os._exit(0)
    if refused := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise OSError(refused, target)


def run(path: str, *words: str) -> int:
    """A child's exit status (negative: the signal that ended it); an errno if it could not be executed."""
    inward, outward = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.execv(path, [path, *words])
        except OSError as problem:
            os.write(outward, str(problem.errno).encode())
        os._exit(127)
    os.close(outward)
    refused = os.read(inward, 16)
    os.close(inward)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if refused:
        raise OSError(int(refused), path)
    return ended


def spawn() -> int:
    """A child that stays until it is killed; its pid."""
    child = os.fork()
    if child == 0:
        linger()
    return child


def linger() -> None:
    import signal

    while True:
        signal.pause()


def trap(*names: str) -> str:
    """Says {"ready": true}, then waits for one of the signals, names or numbers, and yields it in the same way."""
    import signal

    numbers = {int(name) if name.isdecimal() else signal.Signals[f"SIG{name}"]: name for name in names}
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    say({"ready": True})
    return numbers[signal.sigwait(numbers)]


def size_of_terminal(descriptor: str = "0") -> "list[int]":
    found = os.get_terminal_size(int(descriptor))
    return [found.lines, found.columns]


def listen() -> None:
    """Commands from standard input, one a line, until it ends."""
    say({"ready": True})
    for line in sys.stdin:
        obey(line.rstrip("\n"))


def clock(name: str) -> int:
    """clock_gettime(2), in nanoseconds; the names are those of time_namespaces(7)."""
    import time

    return time.clock_gettime_ns(getattr(time, f"CLOCK_{name.upper()}"))


def datagram(address: str, port: str, word: str) -> None:
    import socket

    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.sendto(word.encode(), (address, int(port)))


def die(name: str) -> None:
    import signal

    os.kill(os.getpid(), signal.Signals[f"SIG{name}"])


#: sched_getattr, ioprio_get and get_mempolicy: they are older than the numbers that all architectures share.
SYSCALLS = {"x86_64": (315, 252, 239), "aarch64": (275, 31, 236)}


def scheduling(process: str = "0") -> "dict[str, int]":
    """sched_getattr(2)"""
    import ctypes
    import struct

    attributes = ctypes.create_string_buffer(56)
    system_call(SYSCALLS[os.uname().machine][0], int(process), attributes, 56, 0)
    names = ("policy", "flags", "nice", "priority", "runtime", "deadline", "period")
    return dict(zip(names, struct.unpack_from("=IQiIQQQ", attributes, 4), strict=True))


def io_priority(who: str = "1", id: str = "0") -> "list[int]":
    """ioprio_get(2): class and level, of a process (1) or of a process group (2)."""
    found = system_call(SYSCALLS[os.uname().machine][1], int(who), int(id))
    return [found >> 13, found & 7]


def memory_policy() -> "dict[str, object]":
    """get_mempolicy(2): the number of the mode, the bits of the flags, and the nodes."""
    import ctypes

    mode, mask = ctypes.c_int(), (ctypes.c_ulong * 64)()
    system_call(SYSCALLS[os.uname().machine][2], ctypes.byref(mode), mask, 64 * 64 + 1, None, 0)
    nodes = [64 * word + bit for word, bits in enumerate(mask) for bit in range(64) if bits >> bit & 1]
    return {"mode": mode.value & 0x1FFF, "flags": mode.value & ~0x1FFF, "nodes": nodes}


def child(*command: str) -> int:
    """How a child's end is told that does this: 0, 1 where it is refused, or the number of a signal, negative."""
    pid = os.fork()
    if pid == 0:
        os._exit(attempt(" ".join(command))["errno"] is not None)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def thread(*command: str) -> bool:
    """Whether a thread that does this comes to its end; it may be gone without a word."""
    import _thread
    import time

    done: list[object] = []
    others = len(os.listdir("/proc/self/task"))
    _thread.start_new_thread(lambda: done.append(attempt(" ".join(command))), ())
    while len(os.listdir("/proc/self/task")) > others and not done:
        time.sleep(0.001)
    return bool(done)


def handled(*command: str) -> bool:
    """Whether SIGSYS comes, to a process that does this and has a handler for it."""
    import signal

    came: list[int] = []
    before = signal.signal(signal.SIGSYS, lambda number, _: came.append(number))
    attempt(" ".join(command))
    signal.signal(signal.SIGSYS, before)
    return bool(came)


def breed(count: str) -> int:
    """So many children at a time; they are gone at the end."""
    import signal

    children: list[int] = []
    try:
        while len(children) < int(count):
            children.append(spawn())
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return len(children)


def burn(milliseconds: str) -> None:
    """Take so much of the processors' time."""
    import time

    end = time.process_time_ns() + int(milliseconds) * 1_000_000
    while time.process_time_ns() < end:
        pass


def direct(way: str, path: str, size: str, count: str) -> int:
    """Milliseconds that so many reads or writes of so many bytes take, past the page cache."""
    import mmap
    import time

    flags, move = {"read": (os.O_RDONLY, os.readv), "write": (os.O_WRONLY, os.writev)}[way]
    descriptor = os.open(path, flags | os.O_DIRECT | os.O_CLOEXEC)
    memory = mmap.mmap(-1, int(size))  # what is read and written directly begins at a page
    begun = time.monotonic_ns()
    for _ in range(int(count)):
        move(descriptor, [memory])
    return (time.monotonic_ns() - begun) // 1_000_000


def map_huge_pages(size: str) -> None:
    """A mapping of so many bytes, gone again at once; MAP_HUGETLB is 0x40000."""
    import mmap

    mmap.mmap(-1, int(size), mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | 0x40000).close()


def pause(seconds: str) -> None:
    import time

    time.sleep(float(seconds))


def limit(number: str) -> "list[int]":
    import resource

    return list(resource.getrlimit(int(number)))


def raise_limit(name: str, soft: str, hard: str) -> None:
    """Through the C library: the module resource has its own errors for what the kernel refuses."""
    import ctypes
    import resource

    library("setrlimit", getattr(resource, f"RLIMIT_{name}"), (ctypes.c_ulong * 2)(int(soft), int(hard)))


VERBS = {
    "access": lambda path, mode: os.access(path, int(mode)),
    "accessed": lambda path: int(os.stat(path).st_atime),
    "affinity": lambda: sorted(os.sched_getaffinity(0)),
    "breed": breed,
    "burn": burn,
    "chdir": os.chdir,
    "child": child,
    "chmod": lambda path, mode: os.chmod(path, int(mode, 8)),
    "chown": lambda path, uid, gid: os.chown(path, int(uid), int(gid), follow_symlinks=False),
    "chroot": os.chroot,
    "clock": clock,
    "confine": lambda *processors: os.sched_setaffinity(0, map(int, processors)),
    "copy": lambda source, target: opened(target, os.O_WRONLY | os.O_CREAT, contents(source)),
    "create": lambda path: opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL),
    "datagram": datagram,
    "die": die,
    "direct": direct,
    "exit": lambda code: os._exit(int(code)),
    "fill": lambda size: len(b"x" * int(size)),
    "getrlimit": limit,
    "handled": handled,
    "head": read,
    "ioprio": io_priority,
    "kill": lambda process, number: os.kill(int(process), int(number)),
    "linger": linger,
    "list": lambda path: sorted(os.listdir(path)),
    "listen": listen,
    "lstat": lambda path: described(os.lstat(path)),
    "machine": lambda: os.uname().machine,
    "mempolicy": memory_policy,
    "map_huge_pages": map_huge_pages,
    "mkdir": os.mkdir,
    "mknod": lambda path, kind, major, minor: os.mknod(
        path, {"c": 0o020600, "b": 0o060600}[kind], os.makedev(int(major), int(minor))
    ),
    "mount": mount,
    "msgget": lambda key: library("msgget", int(key), 0),
    "namespaces": namespaces,
    "nested": nested,
    "open": lambda path: opened(path, os.O_RDONLY),
    "openpty": lambda: os.ttyname(os.openpty()[1]),
    "pause": pause,
    "read": lambda path: read(path, LONGEST),
    "readlink": os.readlink,
    "run": run,
    "say": lambda *words: " ".join(words),
    "scheduling": scheduling,
    "setgid": lambda gid: os.setgid(int(gid)),
    "sethostname": lambda name: library("sethostname", name.encode(), len(name)),
    "setrlimit": raise_limit,
    "setuid": lambda uid: os.setuid(int(uid)),
    "size": size_of_terminal,
    "spawn": spawn,
    "stat": lambda path: described(os.stat(path)),
    "symlink": os.symlink,
    "syscall": lambda number, *words: system_call(int(number), *(int(word, 0) for word in words)),
    "thread": thread,
    "trap": trap,
    "umount": lambda path: library("umount2", path.encode(), 0),
    "unlink": os.unlink,
    "unshare": lambda flags: library("unshare", int(flags, 0)),
    "update": lambda path: opened(path, os.O_RDWR),
    "utime": lambda path, accessed: os.utime(path, (int(accessed), 0)),
    "write": lambda path, data="x": opened(path, os.O_WRONLY | os.O_CREAT, data.encode()),
    "xattr": lambda path, name: os.getxattr(path, name).decode(errors="backslashreplace").rstrip("\0"),
}


def attempt(command: str) -> "dict[str, object]":
    """How a command went: the errno's name or None, and what it looked at."""
    verb, *words = (word.replace("%20", " ") for word in command.split())
    try:
        return {"errno": None, "value": VERBS[verb](*words)}
    except OSError as problem:
        from errno import errorcode

        number = problem.errno or 0
        return {"errno": errorcode.get(number, str(number)), "value": None}


def obey(command: str) -> None:
    if command:
        say({"command": command} | attempt(command))


# --- the two ways to be run ------------------------------------------------------------------------------------------


def pid_in(state: str) -> str:
    """The pid in a state's words; none, where there is none."""
    import json

    try:
        return str(json.loads(state)["pid"])
    except (ValueError, KeyError, TypeError):
        return "none"


def hook(name: str, path: str, *commands: str) -> None:
    """One line about this hook, appended whole: other hooks may write to the same file.

    Its standard input is read to the end first: a runtime that never closes it would otherwise go unnoticed.
    """
    import time

    begun = time.monotonic_ns()
    received = sys.stdin.buffer.read().decode(errors="backslashreplace")
    line = {
        "hook": name,
        "stdin": received,
        "args": list(sys.argv[1:]),
        "orig_args": list(sys.orig_argv),
        "env": environment(),
        "cwd": os.getcwd(),
        "pid": os.getpid(),
        "namespaces": namespaces(),
        "root": described(os.stat("/")),
        "begun": begun,
    }
    answers: dict[str, object] = {}
    for command in filter(None, commands):
        answers[command] = attempt(command.replace("{pid}", pid_in(received)) if "{pid}" in command else command)
    line |= {"answers": answers, "time": time.monotonic_ns()}
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(descriptor, (encode(line) + "\n").encode())
    os.close(descriptor)


def main(arguments: "list[str]") -> None:
    if arguments[0] == "hook":
        hook(*arguments[1:])
    else:
        nonce, *commands = arguments
        say({"facts": facts()})
        for command in commands:
            obey(command)
        say({"end": nonce})


if __name__ == "__main__":
    main(sys.argv[1:])
