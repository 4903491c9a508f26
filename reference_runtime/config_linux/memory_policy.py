"""config-linux.md#configLinuxMemoryPolicy"""

from __future__ import annotations

from .. import errors
from ..kernel import lists, memory_policies
from ..kernel.memory_policies import Flag, Mode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, MemoryPolicy

WITHOUT_NODES = ("MPOL_DEFAULT", "MPOL_LOCAL")
WITH_NODES = ("MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED_MANY")
EXCLUSIVE = {"MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"}
#: More than any kernel has nodes: nobody's list is to be the mask of half the memory.
MOST_NODES = 4096


def check(config: Config) -> None:
    if policy := configured(config):
        refuse_malformed(policy)
        refuse_unfitting_nodes(policy)
        refuse_exclusive_flags(policy)


def configured(config: Config) -> MemoryPolicy | None:
    return config.get("linux", {}).get("memoryPolicy")


def refuse_malformed(policy: MemoryPolicy) -> None:
    nodemask(policy)


def refuse_unfitting_nodes(policy: MemoryPolicy) -> None:
    """What else does not go together is the kernel's to say."""
    unfitting = {True: WITHOUT_NODES, False: WITH_NODES}[bool(policy.get("nodes"))]
    if policy["mode"] in unfitting:
        raise errors.InvalidConfig(
            "linux.memoryPolicy.nodes", f"{policy.get('nodes', '')!r} is not for {policy['mode']}"
        )


def refuse_exclusive_flags(policy: MemoryPolicy) -> None:
    """A node's number is counted from the first that there is, or from the first that may be used."""
    if set(policy.get("flags", [])) >= EXCLUSIVE:
        raise errors.InvalidConfig("linux.memoryPolicy.flags", f"{' and '.join(sorted(EXCLUSIVE))} exclude each other")


def rehearse(config: Config) -> None:
    """Raises what start would raise. The process has then the usual policy, until it is given its own."""
    if configured(config):
        set_policy(config)
        memory_policies.set_mempolicy(Mode.DEFAULT, Flag.NONE, 0)


def set_policy(config: Config) -> None:
    """Of this process, and of what it becomes."""
    if policy := configured(config):
        try:
            memory_policies.set_mempolicy(mode(policy), flags(policy), nodemask(policy))
        except OSError as problem:
            raise errors.Unsupported("linux.memoryPolicy", f"{policy['mode']}: {problem.strerror}") from problem


def mode(policy: MemoryPolicy) -> Mode:
    return Mode[policy["mode"].removeprefix("MPOL_")]


def flags(policy: MemoryPolicy) -> Flag:
    """All of them in one number."""
    found = Flag.NONE
    for name in policy.get("flags", []):
        found |= Flag[name.removeprefix("MPOL_F_")]
    return found


def nodemask(policy: MemoryPolicy) -> int:
    """`0-3,7` as a bit mask."""
    mask = 0
    nodes = policy.get("nodes", "")
    for part in nodes.split(",") if nodes else []:
        first, last = bounds(part)
        mask |= (1 << last + 1) - (1 << first)
    return mask


def bounds(part: str) -> tuple[int, int]:
    """Of `3` and of `0-3`."""
    try:
        first, last = lists.span(part)
    except ValueError as problem:
        raise errors.InvalidConfig("linux.memoryPolicy.nodes", str(problem)) from None
    if last >= MOST_NODES:
        raise errors.Unsupported("linux.memoryPolicy.nodes", f"no Linux has a node {last}")
    return first, last
