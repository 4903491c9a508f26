"""What a container leaves: nothing. Looked for after each test, and blamed on the runtime."""

import errno
import os
import re
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from . import cgroups, faults, libc, sandbox
from .runtime import Runtime

#: Children of this process that are the harness' own, such as a helper that a fixture holds.
OURS: set[int] = set()
#: What was mounted before the first test: that lasts.
AT_FIRST: set[str] = set()
#: How many seconds a runtime beside this one may keep what it mounts for a moment.
MOMENT = 1.0


def orphans() -> set[int]:
    """Processes of containers: they come to this process when their parent, the runtime, has ended."""
    return sandbox.children() - OURS


def wait_for(processes: set[int], runtime: Runtime) -> None:
    """Reap a container's process, which has said its last word or was killed: it needs a moment to end.

    Where a runtime keeps a process of its own beside it, there is nothing to wait for: `delete` will tell.
    """
    begun = time.monotonic()
    if len(processes) == 1:
        reaped(next(iter(processes)), begun + runtime.timeout)
    runtime.waiting(time.monotonic() - begun)


def reap_ended() -> None:
    """Reap every orphan that has ended: some runtimes wait until their processes are gone, zombies included."""
    for process in orphans():
        reaped(process, 0)


def reaped(process: int, deadline: float) -> bool:
    """Whether a child of ours has ended before the deadline; it is reaped then."""
    try:
        watch = os.pidfd_open(process)
    except OSError as problem:
        # Older kernels say EINVAL of a process that is gone while its number is still that of a group or session.
        if problem.errno in (errno.ESRCH, errno.EINVAL):
            return True
        raise
    try:
        if not sandbox.until_readable(watch, deadline, time.monotonic):
            return False
    finally:
        os.close(watch)
    with suppress(ChildProcessError):
        os.waitpid(process, 0)
    return True


def is_ended(process: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def refuse_leftovers(id: str, place: Path, *, created: bool = True) -> None:
    """Raise LeftBehind, and remove it all, where a container that is gone has left something.

    Where its creation was an error, its cgroups are a requirement of their own: err.rollback.create.
    """
    __tracebackhide__ = True
    found, cgroups_left = [*processes(), *mounts(place)], directories(id)
    if created:
        found += cgroups_left
    if found:
        raise faults.LeftBehind("nothing after delete", ", ".join(found))


def processes() -> list[str]:
    left: list[str] = []
    for process in orphans():
        if reaped(process, 0):
            continue
        left.append(f"process {command_of(process)}")
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        reaped(process, time.monotonic() + 5)
    return left


def command_of(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text(errors="replace").replace("\0", " ")[:120] or f"{process}"
    return str(process)


def mounts(place: Path) -> list[str]:
    """Mounts at or below the test's own directory, but for the overlay that the harness itself has put there."""
    own = str(place / "bundle" / "rootfs")
    points = [line.split(" ", 5)[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    below = [point for point in points if point.startswith(f"{place}/")]
    if own in below:
        below.remove(own)
    for point in reversed(below):
        with suppress(OSError):
            libc.umount(point)
    return [f"mount {point}" for point in below]


def directories(id: str) -> list[str]:
    """Cgroups that are named after the container."""
    left = [path for hierarchy in cgroups.hierarchies() for path in named(hierarchy.mountpoint, id)]
    for path in left:
        for process in cgroups.inhabitants(path):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        cgroups.sweep(path)
    return [f"cgroup {path}" for path in left]


def named(top: Path, id: str) -> list[Path]:
    """Directories of the first three levels whose name holds the id."""
    found: list[Path] = []
    level = [str(top)]
    for _ in range(3):
        level = [path for above in level for path in below(above)]
        found += [Path(path) for path in level if id in os.path.basename(path)]
        level = [path for path in level if id not in os.path.basename(path)]
    return found


def below(path: str) -> list[str]:
    """The cgroups in a cgroup. Its link count tells whether there are any: that saves reading all its files."""
    with suppress(OSError):
        if os.stat(path).st_nlink > 2:
            with os.scandir(path) as entries:
                return [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def sweep(id: str, place: Path) -> None:
    """Remove whatever a container has left, without a word: it has been told already, or never lived."""
    with suppress(faults.LeftBehind):
        refuse_leftovers(id, place)


@contextmanager
def leaves_no_trace() -> Generator[None]:
    """What is done within leaves the host as it was: mounts, cgroups, processes, network devices.

    Beside it other tests may run: only what comes into being and stays, or goes missing, outside of their own
    places is held against the runtime.
    """
    before = trace()
    yield
    after = trace()
    deadline = time.monotonic() + MOMENT
    while after - before and all(is_anybodys(each) for each in after - before) and time.monotonic() < deadline:
        time.sleep(0.01)
        after = trace()
    came = sorted(after - before)
    went = sorted(each for each in before - after if each in AT_FIRST or not is_anybodys(each))
    if came or went:
        raise faults.LeftBehind("the host as it was", f"come: {came}; gone: {went}")


def is_anybodys(found: str) -> bool:
    """Whether it is a mount in no test's place: runtimes make some for a moment, in the namespace of all workers."""
    return found.startswith("mount ") and not found.startswith(f"mount {sandbox.scratch()}/")


def trace() -> set[str]:
    """This process' living orphans and its mounts, and every cgroup but those of other workers' containers."""
    reap_ended()
    mountpoints = mounted()
    cgroup_paths = {f"cgroup {path}" for found in cgroups.hierarchies() for path in tree(found.mountpoint)}
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    others = {path for path in mountpoints | cgroup_paths if is_of_another_worker(path, worker)}
    return (mountpoints | cgroup_paths) - others | {f"process {command_of(process)}" for process in orphans()}


def mounted() -> set[str]:
    return {f"mount {line.split(' ', 5)[4]}" for line in Path("/proc/self/mountinfo").read_text().splitlines()}


def is_of_another_worker(path: str, worker: str) -> bool:
    """Every place and every id that a worker makes has its name, as xdist gives it."""
    named = set(re.findall(r"\bgw\d+\b", path))
    return bool(named) and worker not in named


def tree(top: Path) -> list[str]:
    return [path for path, _, _ in os.walk(top)]
