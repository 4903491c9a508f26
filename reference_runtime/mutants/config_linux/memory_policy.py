# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxMemoryPolicy"""

from __future__ import annotations

import contextlib
from typing import Any

from ...config_linux import memory_policy
from ...kernel import memory_policies
from ...kernel.memory_policies import Flag, Mode
from ..ways import Change, Mutants, giving, instead, reading

mode, flags, nodemask = memory_policy.mode, memory_policy.flags, memory_policy.nodemask
set_mempolicy, bounds = memory_policies.set_mempolicy, memory_policy.bounds


def of_policy(change: Any) -> Change:
    """A config's policy is changed, in place."""

    def changed(config: Any) -> None:
        if "memoryPolicy" in config.get("linux", {}):
            change(config["linux"]["memoryPolicy"])

    return reading(changed)


def known_or_usual(given: Any) -> None:
    if given.get("mode", "MPOL_DEFAULT").removeprefix("MPOL_") not in Mode.__members__ or "_" not in given["mode"]:
        given |= {"mode": "MPOL_DEFAULT", "nodes": ""}


def usual_mode(given: Any) -> None:
    if "mode" not in given:
        given |= {"mode": "MPOL_DEFAULT", "nodes": ""}


def only_known_flags(given: Any) -> None:
    known = {f"MPOL_F_{name}" for name in Flag.__members__}
    given["flags"] = [name for name in given.get("flags", []) if name in known]


def misnumbered(name: str, other: Mode) -> Change:
    """The mode of this name is taken for another one."""
    return instead(memory_policy.mode, lambda given: other if given["mode"] == name else mode(given))


def losing(flag: Flag) -> Change:
    return giving(memory_policy.flags, lambda found: found & ~flag)


def first_flag(given: Any) -> Flag:
    return flags(given | {"flags": given.get("flags", [])[:1]})


def some_flag(given: Any) -> Flag:
    return flags(given) if given.get("flags", True) else Flag.STATIC_NODES


def first_part(given: Any) -> int:
    return nodemask(given | {"nodes": given.get("nodes", "").split(",")[0]})


def ends_of_ranges(given: Any) -> int:
    """A dash is one more comma."""
    return nodemask(given | {"nodes": given.get("nodes", "").replace("-", ",")})


def as_a_mask(given: Any) -> int:
    nodes = given.get("nodes", "")
    return int(nodes) if nodes.isdecimal() else nodemask(given)


def half_open(part: str) -> tuple[int, int]:
    """The last node of a range is left out."""
    first, last = bounds(part)
    return first, last - 1 if "-" in part else last


def what_can_be_read(part: str) -> tuple[int, int]:
    """As strtol(3) reads it, in whatever order."""
    words = [int("".join(filter(str.isdigit, word)) or 0) for word in part.split("-")]
    return min(words), max(words)


def whatever_goes_together(given: Any) -> None:
    if given.get("mode") in memory_policy.WITHOUT_NODES:
        given["nodes"] = ""
    if given.get("mode") in memory_policy.WITH_NODES and not given.get("nodes"):
        given["mode"] = "MPOL_LOCAL"


def what_is_possible(mode: Mode, flags: Flag, nodes: int) -> None:
    with contextlib.suppress(OSError):
        set_mempolicy(mode, flags, nodes)


def the_first_of_two(given: Any) -> None:
    first = next((name for name in given.get("flags", []) if name in memory_policy.EXCLUSIVE), None)
    given["flags"] = [name for name in given.get("flags", []) if name not in memory_policy.EXCLUSIVE - {first}]


MUTANTS: Mutants = {
    "mempol.applied": [
        of_policy(lambda given: given.update(mode="MPOL_DEFAULT", nodes="", flags=[])),
        instead(memory_policy.rehearse, lambda config: config["linux"].pop("memoryPolicy", None)),
    ],
    "mempol.mode.required": [of_policy(usual_mode)],
    "mempol.mode.unknown": [of_policy(known_or_usual)],
    "mempol.mode.MPOL_DEFAULT": [
        instead(memory_policies.set_mempolicy, lambda mode, flags, nodes: mode and set_mempolicy(mode, flags, nodes))
    ],
    "mempol.mode.MPOL_BIND": [misnumbered("MPOL_BIND", Mode.PREFERRED)],
    "mempol.mode.MPOL_INTERLEAVE": [misnumbered("MPOL_INTERLEAVE", Mode.BIND)],
    "mempol.mode.MPOL_WEIGHTED_INTERLEAVE": [misnumbered("MPOL_WEIGHTED_INTERLEAVE", Mode.INTERLEAVE)],
    "mempol.mode.MPOL_PREFERRED": [misnumbered("MPOL_PREFERRED", Mode.BIND)],
    "mempol.mode.MPOL_PREFERRED_MANY": [misnumbered("MPOL_PREFERRED_MANY", Mode.PREFERRED)],
    "mempol.mode.MPOL_LOCAL": [misnumbered("MPOL_LOCAL", Mode.DEFAULT)],
    "mempol.nodes": [
        *(instead(memory_policy.nodemask, misread) for misread in (first_part, ends_of_ranges, as_a_mask)),
        instead(memory_policy.bounds, half_open),
    ],
    "mempol.nodes.format": [instead(memory_policy.bounds, what_can_be_read)],
    "mempol.nodes.by-mode": [of_policy(whatever_goes_together)],
    "mempol.nodes.unavailable": [instead(memory_policies.set_mempolicy, what_is_possible)],
    "mempol.flags": [instead(memory_policy.flags, first_flag), instead(memory_policy.flags, some_flag)],
    "mempol.flag.unknown": [of_policy(only_known_flags)],
    **{f"mempol.flag.MPOL_F_{flag.name}": [losing(flag)] for flag in Flag if flag},
    "mempol.flags.exclusive": [of_policy(the_first_of_two)],
}
