"""One set of namespaces around the whole run, so that nothing of it can outlive it.

    keeper     the process that was started: stays outside, passes signals on, removes the run's cgroups
      └─ porter    makes the namespaces (unshare moves only children into a new pid namespace)
           └─ init     pid 1: mounts, reaps orphans; its death, by whatever signal, ends every process inside
                └─ pytest   goes on as if nothing had happened

Inside there are a mount, pid, cgroup, uts, ipc and network namespace. The last three are there for the runtime that
lies: one that sets the hostname or a sysctl of its caller reaches the sandbox's, not the host's. /run is a tmpfs of
limited size that holds everything the run writes, the runtime's own default state directory included.
"""

import contextlib
import os
import select
import signal
import socket
import struct
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from . import cgroups, libc

#: Where the run's tmpfs is; a run inside a run, as in the tests of the harness, has its own below.
TOP = Path("/run/oci-conformance")
#: The environment variable that tells every process of a run where it may write.
VARIABLE = "OCI_CONFORMANCE_SCRATCH"
NAMESPACES = (
    libc.CLONE_NEWNS
    | libc.CLONE_NEWPID
    | libc.CLONE_NEWCGROUP
    | libc.CLONE_NEWUTS
    | libc.CLONE_NEWIPC
    | libc.CLONE_NEWNET
)
FORWARDED = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1}
SI_KERNEL = 0x80


class NoSandbox(Exception):
    """The namespaces cannot be made here; the message says which step failed."""


def enter(size: str) -> None:
    """Go on inside the sandbox. Returns in the process inside; the caller's own process ends with the run's status.

    `size` is the tmpfs' limit in the words of mount(8), such as `2g`. Raises NoSandbox in the caller's process,
    with nothing left behind, where a step fails.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    cgroups.sweep_abandoned()
    places = cgroups.reserve(f"{cgroups.PREFIX}{os.getpid()}")
    watched = signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED | {signal.SIGCHLD})
    ours, theirs = socket.socketpair()
    porter = os.fork()
    if porter:
        theirs.close()
        status = keep(porter, ours, places)
        if isinstance(status, NoSandbox):
            signal.pthread_sigmask(signal.SIG_SETMASK, watched)
            raise status
        os._exit(status)
    ours.close()
    with refusing(theirs):
        open_the_door(places)
    init = os.fork()
    if init:
        theirs.close()
        end_with(os.waitpid(init, 0)[1])
    with refusing(theirs):
        furnish(size, places)
    inside = os.fork()
    if inside:
        with contextlib.suppress(OSError):
            socket.send_fds(theirs, [b"ready"], [os.pidfd_open(inside)])
        theirs.close()
        reap_until_ended(inside)
    theirs.close()
    cgroups.hierarchies.cache_clear()
    signal.pthread_sigmask(signal.SIG_SETMASK, watched)
    # pytest knows how to end on an interrupt: its footer, its fixtures, exit status 2.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)


def keep(porter: int, channel: socket.socket, places: list[tuple[cgroups.Hierarchy, Path]]) -> "int | NoSandbox":
    """Outside: wait for the run's end, pass signals on, then remove its cgroups."""
    message, descriptors, _, _ = socket.recv_fds(channel, 4096, 1)
    channel.close()
    inside = descriptors[0] if descriptors else None
    status = None
    while status is None:
        received = signal.sigwaitinfo(FORWARDED | {signal.SIGCHLD})
        if received.si_signo == signal.SIGCHLD:
            ended, code = os.waitpid(porter, os.WNOHANG)
            status = os.waitstatus_to_exitcode(code) if ended else None
        elif inside is not None and received.si_code != SI_KERNEL:
            # A terminal sends its signal to the whole foreground group: those inside have it already.
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(inside, received.si_signo)
    for _, directory in places:
        cgroups.sweep(directory)
    if message and message != b"ready":
        return NoSandbox(message.decode())
    return status if status >= 0 else 128 - status


@contextlib.contextmanager
def refusing(channel: socket.socket):
    """A step that fails is told to the keeper, and nothing else happens."""
    try:
        yield
    except OSError as problem:
        where = f" ({problem.filename})" if problem.filename else ""
        channel.sendall(f"{problem.strerror}{where}".encode())
        os._exit(1)


def open_the_door(places: list[tuple[cgroups.Hierarchy, Path]]) -> None:
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    for _, directory in places:
        cgroups.join(directory)
    libc.unshare(NAMESPACES)
    for hierarchy, directory in places:
        if hierarchy.version == 2:
            step_into_leaf(directory)


def step_into_leaf(directory: Path) -> None:
    """Of the cgroup that is the topmost one inside: only a cgroup without processes can hand controllers on."""
    leaf = directory / "suite"
    leaf.mkdir()
    cgroups.join(leaf)


def furnish(size: str, places: list[tuple[cgroups.Hierarchy, Path]]) -> None:
    """As pid 1: what the new namespaces need to look like a host."""
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.mount("none", "/", flags=libc.MS_REC | libc.MS_PRIVATE)
    libc.mount("proc", "/proc", "proc", libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC)
    scratch = furnish_scratch(size)
    tempfile.tempdir = os.environ["TMPDIR"] = os.environ[VARIABLE] = str(scratch)
    for hierarchy, _ in places:
        show_own_part(hierarchy)
    raise_loopback()


def furnish_scratch(size: str) -> Path:
    flags, options = libc.MS_NOSUID | libc.MS_NODEV, f"mode=755,size={size}"
    if is_inside():
        scratch = Path(tempfile.mkdtemp(prefix="inner-", dir=TOP))
        libc.mount("tmpfs", str(scratch), "tmpfs", flags, options)
        return scratch
    libc.mount(TOP.name, "/run", "tmpfs", flags, options)
    TOP.mkdir()
    return TOP


def hides(path: Path) -> bool:
    """Whether a host's path is out of sight inside."""
    return path.resolve().is_relative_to("/run") and not is_inside()


def is_inside() -> bool:
    """Whether this is a run inside a run: the tmpfs tells, for a directory of that name anybody can have made."""
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return any(fields[4] == "/run" and fields[-2] == TOP.name for fields in mounts)


def scratch() -> Path:
    """The directory that everything of this run lies in; without a sandbox it is made now, and removed at the end."""
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="oci-conformance-")
    return Path(os.environ[VARIABLE])


def show_own_part(hierarchy: cgroups.Hierarchy) -> None:
    """Mount the hierarchy afresh: the old mount still shows the host's root, which the cgroup namespace hides."""
    kind = "cgroup" if hierarchy.version == 1 else "cgroup2"
    flags = libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC
    libc.umount(str(hierarchy.mountpoint))
    libc.mount("cgroup", str(hierarchy.mountpoint), kind, flags, hierarchy.options)
    if hierarchy.version == 2:
        cgroups.enable(hierarchy.mountpoint)


def raise_loopback() -> None:
    """SIOCSIFFLAGS with IFF_UP | IFF_RUNNING (netdevice(7))."""
    from fcntl import ioctl

    with socket.socket() as any_socket:
        ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))


def reap_until_ended(inside: int) -> None:
    while True:
        ended, status = os.wait()
        if ended == inside:
            end_with(status)


def end_with(status: int) -> None:
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def adopt_orphans() -> None:
    """Make this process the one that orphaned container processes come to: it can wait for them."""
    libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)


def children(of: int | None = None) -> set[int]:
    """Pids of a process' children (this one's unless told), zombies included."""
    process = of or os.getpid()
    return {int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def until_readable(descriptor: int, deadline: float, clock: Callable[[], float]) -> bool:
    """Wait for a descriptor, at the most until `deadline`; whether it became readable."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    remaining = deadline - clock()
    return bool(poll.poll(max(0, int(remaining * 1000) + 1)))
