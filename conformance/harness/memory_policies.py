"""What this kernel lets a process do with NUMA memory policies: tried, in a thread that ends with the attempt."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import libc, support

Policy = dict[str, Any]

#: linux/mempolicy.h
MODES = {
    "MPOL_DEFAULT": 0,
    "MPOL_PREFERRED": 1,
    "MPOL_BIND": 2,
    "MPOL_INTERLEAVE": 3,
    "MPOL_LOCAL": 4,
    "MPOL_PREFERRED_MANY": 5,
    "MPOL_WEIGHTED_INTERLEAVE": 6,
}
FLAGS = {"MPOL_F_NUMA_BALANCING": 1 << 13, "MPOL_F_RELATIVE_NODES": 1 << 14, "MPOL_F_STATIC_NODES": 1 << 15}
NODES = Path("/sys/devices/system/node")


def refusal(policy: Policy) -> str | None:
    """The errno's name with which this kernel refuses a config's policy; None where it takes it."""
    mode = MODES[policy["mode"]] | sum(FLAGS[name] for name in policy.get("flags", []))
    mask = sum(1 << node for node in nodes(policy.get("nodes", "")))
    return libc.refusal(lambda: libc.set_mempolicy(mode, mask))


def nodes(words: str) -> list[int]:
    """[0, 1, 2, 7] of `0-2,7`."""
    found: list[int] = []
    for part in filter(None, words.split(",")):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def available() -> list[int]:
    """The nodes of this host that have memory."""
    return nodes((NODES / "has_memory").read_text().strip()) if has_numa() else []


def has_numa() -> bool:
    return (NODES / "has_memory").exists()


def unsupported(config: dict[str, Any]) -> Iterator[str]:
    """A look of host.LOOKS."""
    if support.section(config, "linux").get("memoryPolicy") and not has_numa():
        yield "NUMA, in the running kernel"
