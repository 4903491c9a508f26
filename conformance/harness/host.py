"""This host: what a reader must know of it, and what it cannot do for a container."""

import os
import platform
import struct
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from . import cgroups, controllers, libc, memory, memory_policies, scheduling, seccomp, support

Config = dict[str, Any]

#: Namespace types of the specification → their name in /proc/PID/ns.
NAMESPACES = {
    "pid": "pid",
    "network": "net",
    "mount": "mnt",
    "ipc": "ipc",
    "uts": "uts",
    "user": "user",
    "cgroup": "cgroup",
    "time": "time",
}
CAP_SYS_ADMIN, CAP_SYS_NICE, CAP_SYS_RESOURCE = 21, 23, 24


def text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace").strip()
    except OSError:
        return ""


#: Of this process when the run began, below which only a privileged one may go: a test may raise it for a while.
OOM_SCORE_ADJ = int(text("/proc/self/oom_score_adj") or 0)


@cache
def capabilities() -> int:
    """The effective set of this process, as a bit mask."""
    status = dict(line.split(":\t", 1) for line in text("/proc/self/status").splitlines() if ":\t" in line)
    return int(status["CapEff"], 16)


def has_capability(number: int) -> bool:
    return bool(capabilities() >> number & 1)


@cache
def description() -> dict[str, Any]:
    """The environment facts of a run, as the header of results.jsonl has them."""
    return {
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "distribution": distribution(),
        "cgroup": cgroups.mode(),
        "controllers": sorted(cgroups.available()),
        "lsm": [name for name in text("/sys/kernel/security/lsm").split(",") if name],
        "lacks": list(absent()),
    }


def distribution() -> str:
    fields = dict(line.split("=", 1) for line in text("/etc/os-release").splitlines() if "=" in line)
    return fields.get("PRETTY_NAME", "unknown").strip('"')


def absent() -> Iterator[str]:
    """Features of the kernel or of this host that some requirement needs and that are not here."""
    for kind, name in NAMESPACES.items():
        if not os.path.exists(f"/proc/self/ns/{name}"):
            yield f"{kind} namespaces"
    if not has_capability(CAP_SYS_RESOURCE):
        yield "CAP_SYS_RESOURCE"
    for controller in ("cpu", "cpuset", "io", "memory", "pids", "hugetlb"):
        if not {controller, "blkio" if controller == "io" else controller} & cgroups.available():
            yield f"cgroup controller {controller}"
    if not any(module in text("/sys/kernel/security/lsm") for module in ("apparmor", "selinux")):
        yield "AppArmor and SELinux"


# --- what a config asks for ------------------------------------------------------------------------------------------


def lacks(config: Config) -> str | None:
    """The first thing that this config asks for and that this host cannot do; None if it can do all."""
    return next((missing for look in LOOKS for missing in look(config)), None)


def missing_namespaces(config: Config) -> Iterator[str]:
    for namespace in support.entries(support.section(config, "linux"), "namespaces"):
        name = NAMESPACES.get(namespace.get("type", ""))
        if name and not os.path.exists(f"/proc/self/ns/{name}"):
            yield f"{namespace['type']} namespaces"


def unreachable_limits(config: Config) -> Iterator[str]:
    """A hard limit above the present one needs CAP_SYS_RESOURCE."""
    import resource

    for limit in support.entries(support.section(config, "process"), "rlimits"):
        number = getattr(resource, str(limit.get("type")), None)
        hard = limit.get("hard")
        if number is None or not isinstance(hard, int) or has_capability(CAP_SYS_RESOURCE):
            continue
        present = resource.getrlimit(number)[1]
        if present != resource.RLIM_INFINITY and hard > present:
            yield f"CAP_SYS_RESOURCE, to raise {limit['type']} above {present}"


def unreachable_scores(config: Config) -> Iterator[str]:
    score = support.section(config, "process").get("oomScoreAdj")
    if isinstance(score, int) and -1000 <= score < OOM_SCORE_ADJ and not has_capability(CAP_SYS_RESOURCE):
        yield f"CAP_SYS_RESOURCE, to lower oom_score_adj below {OOM_SCORE_ADJ}"


def unreachable_scheduling(config: Config) -> Iterator[str]:
    """What the kernel refuses as such is no lack: that is for the runtime to find out."""
    scheduler = support.section(support.section(config, "process"), "scheduler")
    if scheduler.get("policy") not in ("SCHED_FIFO", "SCHED_RR", "SCHED_DEADLINE") and not scheduler.get("nice"):
        return
    try:
        refusal = scheduling.refusal(scheduler)
    except (KeyError, TypeError, struct.error):  # not even a scheduler
        return
    if refusal in ("EPERM", "EBUSY", "ENOSYS"):
        yield f"{scheduler['policy']} with {refusal}: CAP_SYS_NICE, or processors' time to promise, is lacking"


def unreachable_io_priority(config: Config) -> Iterator[str]:
    wanted = support.section(support.section(config, "process"), "ioPriority").get("class")
    if wanted == "IOPRIO_CLASS_RT" and not (has_capability(CAP_SYS_NICE) or has_capability(CAP_SYS_ADMIN)):
        yield "CAP_SYS_NICE, for IOPRIO_CLASS_RT"


def unknown_personality(config: Config) -> Iterator[str]:
    """A processor, or a kernel, for 64-bit programs alone refuses that of 32-bit ones."""
    wanted = support.section(support.section(config, "linux"), "personality").get("domain")
    if wanted == "LINUX32" and libc.refusal(lambda: libc.personality(libc.PER_LINUX32)):
        yield "the personality LINUX32, in the running kernel"


def unmappable_mounts(config: Config) -> Iterator[str]:
    """Id-mapped mounts came with Linux 5.12, for tmpfs, on which a test's files lie, with 6.3."""
    if any(map(support.is_mapped, support.entries(config, "mounts"))) and release() < (6, 3):
        yield "id-mapped mounts of tmpfs (Linux 6.3)"


_FLAGS = ("ro", "rw", "nosuid", "suid", "dev", "noexec", "exec")
_TIMES = ("noatime", "atime", "nodiratime", "diratime", "relatime", "norelatime", "strictatime", "nostrictatime")
#: Release of Linux → the mount options that need it.
OPTIONS = {
    (5, 10): {"nosymfollow", "symfollow"},
    (5, 12): {f"r{name}" for name in _FLAGS + _TIMES},
    (5, 14): {"rnosymfollow", "rsymfollow"},
}


def unknown_options(config: Config) -> Iterator[str]:
    """Options of mounts that came with a later kernel; a word that is none of these is the runtime's to judge."""
    words = {word for mount in support.entries(config, "mounts") for word in support.words(mount, "options")}
    for since, names in OPTIONS.items():
        if release() < since and (unknown := sorted(words & names)):
            yield f"mount option {unknown[0]} (Linux {since[0]}.{since[1]})"


def release() -> tuple[int, ...]:
    """(6, 1) of Linux 6.1.0-13-amd64."""
    return tuple(int(number) for number in platform.release().split("-")[0].split(".")[:2])


LOOKS: list[Callable[[Config], Iterator[str]]] = [
    missing_namespaces,
    unreachable_limits,
    unreachable_scores,
    unreachable_scheduling,
    unreachable_io_priority,
    unknown_personality,
    unmappable_mounts,
    unknown_options,
    seccomp.missing_actions,
    controllers.missing_controllers,
    memory_policies.unsupported,
    memory.missing_kinds_of_memory,
]
