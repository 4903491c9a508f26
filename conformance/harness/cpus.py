"""The processors and memory nodes of this host, and how the kernel gives their time and their memory out."""

from pathlib import Path


def numbers(text: str) -> list[int]:
    """The numbers of a list in the kernel's words, such as 0-3,7."""
    found: list[int] = []
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def allowed(name: str) -> str:
    """What this process may use, in the kernel's words: of its `cpus` or of its `mems`."""
    start = {"cpus": "Cpus_allowed_list:", "mems": "Mems_allowed_list:"}[name]
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line for line in lines if line.startswith(start)).split()[1]


def neighbours(found: list[int]) -> tuple[int, int] | None:
    """The last two that follow one another: a range of others may hold numbers of what is not there."""
    return next(((each - 1, each) for each in reversed(found) if each - 1 in found), None)


def first_missing(name: str) -> int:
    """The number behind the last of this host's `cpus` or `mems`; a kernel that does not count nodes has one."""
    file = Path("/sys/devices/system", {"cpus": "cpu", "mems": "node"}[name], "online")
    return numbers(file.read_text().strip() if file.exists() else "0")[-1] + 1


def throttled(file: Path) -> int:
    """How often a cgroup's processes had to wait for the next period, as its cpu.stat tells."""
    lines = (line.split() for line in file.read_text().splitlines())
    return int(next(value for name, value in lines if name == "nr_throttled"))
