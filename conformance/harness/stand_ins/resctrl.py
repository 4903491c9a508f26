"""The resctrl file system of a machine with two sockets, as the kernel documents it (filesystems/resctrl.rst).

It behaves as the kernel's own does: what is made is whole at once, what is written is checked, and a refused write
changes nothing. It shares nothing out.
"""

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DOMAINS = ("0", "1")
CACHE_MASK, LEAST_BANDWIDTH, GRANULARITY = 0x7FF, 10, 10
#: How many classes, and how many classes and monitoring groups together.
MOST_CLASSES, MOST_GROUPS = 8, 12
INFO = {
    "L3": {"cbm_mask": "7ff", "min_cbm_bits": "1", "num_closids": "8", "shareable_bits": "0", "bit_usage": "0=S;1=S"},
    "MB": {"bandwidth_gran": "10", "delay_linear": "1", "min_bandwidth": "10", "num_closids": "8"},
    "L3_MON": {
        "max_threshold_occupancy": "65536",
        "mon_features": "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes",
        "num_rmids": "12",
    },
}
COUNTERS = ("llc_occupancy", "mbm_total_bytes", "mbm_local_bytes")
FILES_OF_CLASS = ("cpus", "cpus_list", "mode", "schemata", "size", "tasks")
FILES_OF_MONITOR = ("cpus", "cpus_list", "tasks")
#: Where a process belongs is marked in its coredump_filter, which its children have too, and what it executes: nothing
#: else that can be given to a process from outside goes the kernel's own way of a class. This is the usual value.
UNMARKED = 0x33
Settings = dict[str, dict[str, int]]
#: Name → a file's text, or a directory.
Files = Mapping[str, "Mapping[str, str] | str"]


def full() -> Settings:
    return {"L3": dict.fromkeys(DOMAINS, CACHE_MASK), "MB": dict.fromkeys(DOMAINS, 100)}


@dataclass
class Class:
    settings: Settings = field(default_factory=full)
    monitors: set[str] = field(default_factory=set[str])


class Resctrl:
    """The tree that is served: `fuse.Tree`. The class named "" is the default one."""

    def __init__(self) -> None:
        self.classes = {"": Class()}
        #: Mark → the class and the monitoring group of the processes that have it.
        self.places: dict[int, tuple[str, str]] = {UNMARKED: ("", "")}

    # --- where a path leads ------------------------------------------------------------------------------------------

    def split(self, path: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]]:
        """The class, the monitoring group ("": none), and what is meant of it."""
        of_class, rest = (path[0], path[1:]) if path and path[0] in self.classes else ("", path)
        if len(rest) > 1 and rest[0] == "mon_groups":
            if rest[1] not in self.classes[of_class].monitors:
                raise FileNotFoundError(errno.ENOENT, "/".join(path))
            return of_class, rest[1], rest[2:]
        return of_class, "", rest

    def listed(self, path: tuple[str, ...]) -> list[str] | None:
        if path[:1] == ("info",):
            return listed_in(info(), path[1:])
        of_class, monitor, rest = self.split(path)
        if rest[:1] == ("mon_data",):
            return listed_in({f"mon_L3_{int(each):02}": dict.fromkeys(COUNTERS, "0") for each in DOMAINS}, rest[1:])
        files = FILES_OF_MONITOR if monitor else FILES_OF_CLASS
        if not rest:
            others = [] if monitor else ["mon_groups"]
            return sorted([*files, *others, "mon_data", *(self.names() if not path else [])])
        if rest == ("mon_groups",) and not monitor:
            return sorted(self.classes[of_class].monitors)
        if len(rest) == 1 and rest[0] in files:
            return None
        raise FileNotFoundError(errno.ENOENT, "/".join(path))

    def names(self) -> list[str]:
        return ["info", *filter(None, self.classes)]

    # --- what is read ------------------------------------------------------------------------------------------------

    def read(self, path: tuple[str, ...]) -> str:
        if path[:1] == ("info",):
            return text_in(info(), path[1:])
        of_class, monitor, rest = self.split(path)
        if rest == ("schemata",):
            return "".join(f"{line:>6}\n" for line in shown(self.classes[of_class].settings))
        if rest == ("tasks",):
            return "".join(f"{pid}\n" for pid in self.tasks(of_class, monitor))
        return {"mode": "shareable\n", "cpus": "0\n", "cpus_list": "\n"}.get(rest[-1], "0\n")

    def tasks(self, of_class: str, monitor: str) -> list[int]:
        """A class has those of its monitoring groups, too."""
        places = {pid: self.place(pid) for pid in processes()}
        return [pid for pid, place in places.items() if place[0] == of_class and (not monitor or place[1] == monitor)]

    def place(self, pid: int) -> tuple[str, str]:
        return self.places.get(mark_of(pid), ("", ""))

    # --- what is written ---------------------------------------------------------------------------------------------

    def write(self, path: tuple[str, ...], text: str, writer: int) -> None:
        of_class, monitor, rest = self.split(path)
        if rest == ("tasks",):
            for word in text.strip().split(","):
                self.assign(pid_of(word) or writer, of_class, monitor)
        elif rest == ("schemata",) and not monitor:
            self.classes[of_class].settings |= parsed(text, self.classes[of_class].settings)
        else:
            raise OSError(errno.EACCES, "/".join(path))

    def assign(self, pid: int, of_class: str, monitor: str) -> None:
        if not Path(f"/proc/{pid}").exists():
            raise OSError(errno.ESRCH, f"no process {pid}")
        if monitor and self.place(pid)[0] != of_class:
            raise OSError(errno.EINVAL, "a monitoring group is for the processes of its class")
        place = (of_class, monitor)
        mark = next((each for each, known in self.places.items() if known == place), None)
        if mark is None:
            mark = next(each for each in range(1, UNMARKED << 3) if each not in self.places)
            self.places[mark] = place
        Path(f"/proc/{pid}/coredump_filter").write_text(f"{mark:#x}")

    # --- what is made and removed ------------------------------------------------------------------------------------

    def make(self, path: tuple[str, ...]) -> None:
        if self.exists(path):
            raise FileExistsError(errno.EEXIST, "/".join(path))
        groups = len(self.classes) + sum(len(each.monitors) for each in self.classes.values())
        of_class, monitor, rest = self.split(path[:-1])
        if "\n" in path[-1]:
            raise OSError(errno.EINVAL, "a newline in a name")
        if groups >= MOST_GROUPS or (not path[:-1] and len(self.classes) >= MOST_CLASSES):
            raise OSError(errno.ENOSPC, "/".join(path))
        if not path[:-1]:
            self.classes[path[0]] = Class()
        elif rest == ("mon_groups",) and not monitor:
            self.classes[of_class].monitors.add(path[-1])
        else:
            raise PermissionError(errno.EPERM, "/".join(path))

    def remove(self, path: tuple[str, ...]) -> None:
        of_class, monitor, rest = self.split(path)
        if rest or not path:
            raise PermissionError(errno.EPERM, "/".join(path))
        if monitor:
            self.classes[of_class].monitors.remove(monitor)
        else:
            del self.classes[of_class]
        for mark, place in self.places.items():
            if place == (of_class, monitor) or (not monitor and place[0] == of_class):
                self.places[mark] = (of_class if monitor else "", "")

    def release(self, pid: int) -> None:
        """Take a process's mark away."""
        Path(f"/proc/{pid}/coredump_filter").write_text(f"{UNMARKED:#x}")

    def exists(self, path: tuple[str, ...]) -> bool:
        try:
            self.listed(path)
        except FileNotFoundError:
            return False
        return True


def info() -> Files:
    return {"last_cmd_status": "ok", **INFO}


def listed_in(tree: Files, path: tuple[str, ...]) -> list[str] | None:
    """Of a tree of directories and files' texts."""
    found = found_in(tree, path)
    return None if isinstance(found, str) else sorted(found)


def text_in(tree: Files, path: tuple[str, ...]) -> str:
    return f"{found_in(tree, path)}\n"


def found_in(tree: Files, path: tuple[str, ...]) -> Files | Mapping[str, str] | str:
    """What lies at a path: a directory, or the words of a file. Raises FileNotFoundError."""
    found: Files | Mapping[str, str] | str = tree
    for name in path:
        if isinstance(found, str) or name not in found:
            raise FileNotFoundError(errno.ENOENT, "/".join(path))
        found = found[name]
    return found


def shown(settings: Settings) -> list[str]:
    """The lines of a schemata file, as the kernel pads them."""
    cache = ";".join(f"{domain}={value:03x}" for domain, value in settings["L3"].items())
    bandwidth = ";".join(f"{domain}={value:4}" for domain, value in settings["MB"].items())
    return [f"{'MB':>6}:{bandwidth}", f"{'L3':>6}:{cache}"]


def parsed(text: str, there: Settings) -> Settings:
    """What a class has once this has been written to its schemata; OSError where any of it is wrong."""
    if not text.endswith("\n"):
        raise OSError(errno.EINVAL, "no newline at the end")
    found = {resource: dict(values) for resource, values in there.items()}
    seen: set[tuple[str, str]] = set()
    for line in text.removesuffix("\n").split("\n"):
        resource, colon, rest = (part.strip() for part in line.partition(":"))
        for setting in rest.split(";"):
            domain, _, value = (part.strip() for part in setting.partition("="))
            if not colon or resource not in found or domain not in DOMAINS or (resource, domain) in seen:
                raise OSError(errno.EINVAL, line)
            seen.add((resource, domain))
            found[resource][domain] = mask(value) if resource == "L3" else bandwidth(value)
    return found


def mask(value: str) -> int:
    """Hexadecimal, of bits that lie together."""
    try:
        bits = int(value, 16)
    except ValueError:
        raise OSError(errno.EINVAL, value) from None
    ones = bits // (bits & -bits) if bits > 0 else 0
    if not ones or ones & (ones + 1) or bits > CACHE_MASK:
        raise OSError(errno.EINVAL, value)
    return bits


def bandwidth(value: str) -> int:
    """Per cent, rounded up."""
    if not value.isdecimal() or not LEAST_BANDWIDTH <= int(value) <= 100:
        raise OSError(errno.EINVAL, value)
    return -(-int(value) // GRANULARITY) * GRANULARITY


def pid_of(word: str) -> int:
    """OSError (EINVAL) for what is no number, as the kernel has it."""
    if not word.strip().isdecimal():
        raise OSError(errno.EINVAL, word)
    return int(word)


def processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def mark_of(pid: int) -> int:
    """The mark that a process has, by which its class is known; UNMARKED where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/coredump_filter").read_text() or "0", 16)
    except OSError:
        return UNMARKED
