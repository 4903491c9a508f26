# pyright: basic, reportPrivateUsage=false
"""config.md#configPOSIXProcess"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import errors
from ...config import rlimits
from ..ways import Change, Mutants, given, instead, reading, without

INFINITY = 2**64 - 1


def of_limits(change: Callable[[Any], Any]) -> Change:
    """Each entry is changed, in place."""
    return reading(lambda config: [change(limit) for limit in config["process"].get("rlimits", [])])


def without_type(name: str) -> Change:
    return given(rlimits.set_limits, lambda limits: ([limit for limit in limits if limit["type"] != name],))


def refuse_locks(limits: Any) -> None:
    """A table that lacks what only Linux has."""
    if any(limit["type"] in ("RLIMIT_LOCKS", "RLIMIT_RTTIME") for limit in limits):
        raise errors.InvalidConfig("process.rlimits", "unknown")


def leave_out_unknown(config: Any) -> None:
    limits = config["process"].get("rlimits", [])
    limits[:] = [limit for limit in limits if limit.get("type") in rlimits.NUMBERS]


MUTANTS: Mutants = {
    **{f"rlimits.const.{name.removeprefix('RLIMIT_')}": [without_type(name)] for name in rlimits.NUMBERS},
    "rlimits.constants": [instead(rlimits.refuse_unknown, refuse_locks)],
    "rlimits.applied": [given(rlimits.set_limits, lambda limits: (limits[:1],))],
    "rlimits.getrlimit-succeeds": [given(rlimits.set_limits, lambda limits: (limits[:-3],))],
    "rlimits.soft.match": [given(rlimits.set_limit, lambda limit: (limit | {"soft": limit["hard"]},))],
    "rlimits.hard.match": [given(rlimits.set_limit, lambda limit: (limit | {"hard": limit["soft"]},))],
    "rlimits.hard.ceiling": [given(rlimits.set_limit, lambda limit: (limit | {"hard": INFINITY},))],
    "rlimits.type.unmappable": [reading(leave_out_unknown)],
    "rlimits.type.required": [of_limits(lambda limit: limit.setdefault("type", "RLIMIT_CORE"))],
    "rlimits.soft.required": [of_limits(lambda limit: limit.setdefault("soft", 0))],
    "rlimits.hard.required": [of_limits(lambda limit: limit.setdefault("hard", limit["soft"]))],
    "rlimits.duplicate": [without(rlimits.refuse_duplicates)],
}
