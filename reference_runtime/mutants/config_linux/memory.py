# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxMemory"""

from __future__ import annotations

from typing import Any

from ...config_linux import memory
from ..ways import Change, Mutants, reading


def asked(config: Any) -> Any:
    return config.get("linux", {}).get("resources", {}).get("memory", {})


def forgetting(name: str, *of: Any) -> Change:
    """A property is passed over: where it has one of these values, if there are any."""

    def change(config: Any) -> None:
        if not of or asked(config).get(name) in of:
            asked(config).pop(name, None)

    return reading(change)


def saying(name: str, value: Any) -> Change:
    """Another value stands in the config, where there is one."""

    def change(config: Any) -> None:
        if name in asked(config):
            asked(config)[name] = value

    return reading(change)


def exchanging(one: str, other: str) -> Change:
    """Two properties are taken for one another."""

    def change(config: Any) -> None:
        found = asked(config)
        if found:
            values = {other: found.pop(one, None), one: found.pop(other, None)}
            found.update({name: value for name, value in values.items() if value is not None})

    return reading(change)


def limit_to_bytes_of_another_kind(config: Any) -> None:
    """In kilobytes."""
    if "limit" in asked(config):
        asked(config)["limit"] *= 1024


def count_swap_alone(config: Any) -> None:
    """The sum is taken for swap, to which memory comes on top."""
    if asked(config).get("swap", 0) > 0:
        asked(config)["swap"] += asked(config).get("limit", 0)


def raise_swap_to_limit(config: Any) -> None:
    found = asked(config)
    if 0 < found.get("swap", 0) < found.get("limit", 0):
        found["swap"] = found["limit"]


def take_a_negative_number_for_its_amount(config: Any) -> None:
    for name in memory.LIMITS:
        if name in asked(config):
            asked(config)[name] = abs(asked(config)[name])


def protect_where_no_limit_is(config: Any) -> None:
    """-1 is passed over."""
    for name in memory.LIMITS:
        if asked(config).get(name) == memory.UNLIMITED:
            del asked(config)[name]


def take_zero_for_no_limit(config: Any) -> None:
    if asked(config).get("limit") == 0:
        del asked(config)["limit"]


def take_every_negative_number_for_no_limit(config: Any) -> None:
    for name in memory.LIMITS:
        if asked(config).get(name, 0) < 0:
            asked(config)[name] = memory.UNLIMITED


def refuse_no_limit_of_the_kernel(config: Any) -> None:
    """As a limit that is asked for."""
    for name in ("kernel", "kernelTCP"):
        if asked(config).get(name) == memory.UNLIMITED:
            asked(config)[name] = -2


def cap_swappiness(config: Any) -> None:
    if "swappiness" in asked(config):
        asked(config)["swappiness"] = min(asked(config)["swappiness"], memory.MOST_SWAPPY)


def kill_nobody(config: Any) -> None:
    """Or, in version 2, set no limit that anybody could be killed for."""
    if "limit" in asked(config) and not asked(config).get("disableOOMKiller"):
        asked(config).pop("disableOOMKiller", None)
        asked(config).pop("swap", None)
        asked(config)["limit"] *= 100


def limit_nothing_below(config: Any) -> None:
    if asked(config).get("useHierarchy"):
        asked(config).clear()


def refuse_hierarchy(config: Any) -> None:
    """true is refused, and false, where it is, is not."""
    if asked(config).get("useHierarchy"):
        asked(config)["limit"] = -2
    asked(config).pop("useHierarchy", None)


def leave_what_is_used(config: Any) -> None:
    """The limit is passed over where it should be checked."""
    if asked(config).get("checkBeforeUpdate"):
        asked(config).pop("limit", None)


def reject_every_limit(config: Any) -> None:
    if asked(config).get("checkBeforeUpdate"):
        asked(config)["limit"] = -2


MUTANTS: Mutants = {
    "mem.limit": [forgetting("limit"), reading(limit_to_bytes_of_another_kind)],
    "mem.reservation": [forgetting("reservation"), exchanging("limit", "reservation")],
    "mem.swap": [
        forgetting("swap"),
        reading(count_swap_alone),
        reading(raise_swap_to_limit),
    ],
    "mem.unlimited": [
        reading(take_a_negative_number_for_its_amount),
        reading(protect_where_no_limit_is),
        reading(take_every_negative_number_for_no_limit),
        reading(take_zero_for_no_limit),
        reading(refuse_no_limit_of_the_kernel),
    ],
    "mem.kernel": [forgetting("kernel")],
    "mem.kernelTCP": [forgetting("kernelTCP")],
    "mem.swappiness": [forgetting("swappiness"), saying("swappiness", 60)],
    "mem.swappiness.range": [reading(cap_swappiness)],
    "mem.disableOOMKiller": [forgetting("disableOOMKiller")],
    "mem.oomKiller.enabled": [reading(kill_nobody)],
    "mem.useHierarchy": [reading(limit_nothing_below), reading(refuse_hierarchy)],
    "mem.useHierarchy.false": [forgetting("useHierarchy", False)],
    "mem.checkBeforeUpdate.may": [forgetting("checkBeforeUpdate"), reading(leave_what_is_used)],
    "mem.checkBeforeUpdate.reject": [reading(leave_what_is_used), reading(reject_every_limit)],
}
