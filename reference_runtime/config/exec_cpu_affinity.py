"""config.md#configLinuxProcess: execCPUAffinity, which is for later programs and leaves the container's first alone."""

from __future__ import annotations

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config

#: What the kernel can count: CONFIG_NR_CPUS goes no further.
MOST_CPUS = 8192


def check(config: Config) -> None:
    affinity = config.get("process", {}).get("execCPUAffinity", {})
    for name in ("initial", "final"):
        refuse_malformed(name, affinity.get(name, ""))


def refuse_malformed(name: str, text: str) -> None:
    try:
        cpus(text)
    except ValueError as problem:
        raise errors.InvalidConfig(f"process.execCPUAffinity.{name}", str(problem)) from None


def cpus(text: str) -> set[int]:
    """The CPUs of `0-3,7`; none of an empty list."""
    return {number for part in text.split(",") for number in span(part)} if text else set()


def span(part: str) -> range:
    """The numbers of `7` or of `0-3`."""
    first, dash, last = part.partition("-")
    ends = [first, last] if dash else [first, first]
    if not all(end.isascii() and end.isdigit() and len(end) < 20 for end in ends):
        raise ValueError(f"{part!r} is neither a CPU's number nor a range")
    lowest, highest = map(int, ends)
    if not lowest <= highest:
        raise ValueError(f"{part!r} is no range of CPUs")
    if highest >= MOST_CPUS:
        raise errors.Unsupported("process.execCPUAffinity", f"no Linux has a CPU {highest}")
    return range(lowest, highest + 1)
