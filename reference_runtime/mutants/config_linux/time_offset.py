# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxTimeOffset"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...config_linux import time_offset
from ..ways import Change, Mutants, reading, without


def offsets(config: Any) -> dict[str, Any]:
    return config.get("linux", {}).get("timeOffsets", {})


def each(change: Callable[[Any], None]) -> Change:
    def changed(config: Any) -> None:
        for entry in offsets(config).values():
            change(entry)

    return reading(changed)


def alone(kept: str) -> Change:
    """Of two offsets, one."""

    def change(config: Any) -> None:
        if len(offsets(config)) == 2:
            offsets(config).pop(next(name for name in time_offset.CLOCKS if name != kept))

    return reading(change)


def swapped(config: Any) -> None:
    names: dict[str, str] = dict(zip(time_offset.CLOCKS, reversed(time_offset.CLOCKS), strict=True))
    if len(offsets(config)) == 1:
        config["linux"]["timeOffsets"] = {names.get(name, name): entry for name, entry in offsets(config).items()}


def one_for_all(config: Any) -> None:
    for entry in list(offsets(config).values())[:1]:
        config["linux"]["timeOffsets"] = {name: offsets(config).get(name, entry) for name in time_offset.CLOCKS}


def one_by_default(config: Any) -> None:
    if "timeOffsets" in config["linux"] and not offsets(config):
        config["linux"]["timeOffsets"] = {"boottime": {"secs": 86400}}


def known_alone(config: Any) -> None:
    for name in set(offsets(config)) - set(time_offset.CLOCKS):
        del offsets(config)[name]


def known_in_any_case(config: Any) -> None:
    if offsets(config):
        config["linux"]["timeOffsets"] = {
            name if name.lower() not in time_offset.CLOCKS else name.lower(): entry
            for name, entry in offsets(config).items()
        }


def forwards(entry: Any) -> None:
    entry["secs"] = abs(entry.get("secs", 0))


def by_minutes(entry: Any) -> None:
    entry["secs"] = entry.get("secs", 0) // 60 * 60


def without_nanoseconds(entry: Any) -> None:
    entry.pop("nanosecs", None)


def backwards_too(entry: Any) -> None:
    """Nanoseconds go the way that the seconds go."""
    if entry.get("secs", 0) < 0 and entry.get("nanosecs"):
        entry["secs"] -= 1
        entry["nanosecs"] = 10**9 - entry["nanosecs"]


def no_second_more(entry: Any) -> None:
    if "nanosecs" in entry:
        entry["nanosecs"] %= 10**9


def within_reach(entry: Any) -> None:
    entry["secs"] = min(max(entry.get("secs", 0), -3), 10**9)


def far_forwards(entry: Any) -> None:
    entry["secs"] = min(entry.get("secs", 0), 10**9)


def far_back(entry: Any) -> None:
    entry["secs"] = max(entry.get("secs", 0), -3)


def ignored_without(config: Any) -> None:
    if "time" not in [entry.get("type") for entry in config.get("linux", {}).get("namespaces", [])]:
        config.get("linux", {}).pop("timeOffsets", None)


def ignored_when_joined(config: Any) -> None:
    for entry in config.get("linux", {}).get("namespaces", []):
        if entry.get("type") == "time" and "path" in entry:
            config["linux"].pop("timeOffsets", None)


MUTANTS: Mutants = {
    "timeOffsets.applied": [without(time_offset.set_offsets), alone("monotonic"), alone("boottime")],
    "timeOffsets.clock": [reading(swapped), reading(one_for_all), reading(one_by_default)],
    "timeOffsets.clock.unknown": [reading(known_alone), reading(known_in_any_case)],
    "timeOffsets.secs": [each(forwards), each(by_minutes)],
    "timeOffsets.nanosecs": [each(without_nanoseconds), each(backwards_too), each(no_second_more)],
    "timeOffsets.unreachable": [each(within_reach), each(far_forwards), each(far_back)],
    "timeOffsets.without-ns": [reading(ignored_without)],
    "timeOffsets.joined": [reading(ignored_when_joined)],
}
