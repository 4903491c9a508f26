# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxCPU"""

from __future__ import annotations

from typing import Any

from ... import errors
from ...config_linux import cpu
from ...kernel import files, lists
from ..ways import Change, Mutants, instead, reading


def asked(config: Any) -> Any:
    return config.get("linux", {}).get("resources", {}).get("cpu", {})


def forgetting(*names: str) -> Change:
    def change(config: Any) -> None:
        for name in names:
            asked(config).pop(name, None)

    return reading(change)


def turn_round(config: Any) -> None:
    """Few shares are many."""
    if "shares" in asked(config):
        asked(config)["shares"] = 262144 * 2 // max(asked(config)["shares"], 2)


def write_with_a_period_alone(config: Any) -> None:
    if "period" not in asked(config):
        asked(config).pop("quota", None)


def exchange(one: str, other: str) -> Change:
    def change(config: Any) -> None:
        found = asked(config)
        if one in found and other in found:
            found[one], found[other] = found[other], found[one]

    return reading(change)


def take_in_milliseconds(name: str) -> Change:
    """Of all that there is, a thousandth part would be too little for the kernel: so it is the other way round."""

    def change(config: Any) -> None:
        if asked(config).get(name, 0) > 0:
            asked(config)[name] *= 10

    return reading(change)


def cap_at_quota(config: Any) -> None:
    found = asked(config)
    if "burst" in found and found.get("quota", 0) > 0:
        found["burst"] = min(found["burst"], found["quota"])


def turn_idle_round(config: Any) -> None:
    if asked(config).get("idle") in (0, 1):
        asked(config)["idle"] = 1 - asked(config)["idle"]


def take_any_idle_for_one(config: Any) -> None:
    if "idle" in asked(config):
        asked(config)["idle"] = int(bool(asked(config)["idle"]))


def confine_the_runtime(config: Any) -> None:
    """The program is kept from nothing: it can have the other processors again."""
    import os

    if text := asked(config).pop("cpus", None):
        try:
            os.sched_setaffinity(0, [int(text)])
        except ValueError:
            return
        except OSError:
            raise errors.InvalidConfig("linux.resources.cpu.cpus", text) from None


def passing_over_malformed(name: str) -> Change:
    """A list that cannot be read is none."""

    def change(config: Any) -> None:
        try:
            cpu.refuse_malformed(name, asked(config).get(name, ""))
        except errors.InvalidConfig:
            del asked(config)[name]

    return reading(change)


def refusing_to_read(name: str, sign: str) -> Change:
    """Such lists are not understood."""
    refuse = cpu.refuse_malformed

    def refuse_more(found: str, text: str) -> None:
        if found == name and sign in text:
            raise errors.InvalidConfig(f"linux.resources.cpu.{name}", text)
        refuse(found, text)

    return instead(cpu.refuse_malformed, refuse_more)


def taking_the_first(name: str) -> Change:
    """Of a list, the first number counts."""

    def change(config: Any) -> None:
        if name in asked(config):
            asked(config)[name] = asked(config)[name].partition(",")[0].partition("-")[0]

    return reading(change)


def passing_over_what_is_not_there(name: str) -> Change:
    """Numbers beyond those of this host are no obstacle."""
    kind = {"cpus": "cpu", "mems": "node"}[name]

    def change(config: Any) -> None:
        there = lists.numbers(files.read(f"/sys/devices/system/{kind}/online").strip())
        if asked(config).get(name, "").isdecimal() and int(asked(config)[name]) > max(there):
            del asked(config)[name]

    return reading(change)


MUTANTS: Mutants = {
    "cpu.shares": [forgetting("shares"), reading(turn_round)],
    "cpu.quota": [forgetting("quota"), reading(write_with_a_period_alone), take_in_milliseconds("quota")],
    "cpu.burst": [forgetting("burst")],
    "cpu.burst.above-quota": [reading(cap_at_quota)],
    "cpu.period": [forgetting("period"), exchange("quota", "period")],
    "cpu.realtimeRuntime": [forgetting("realtimeRuntime")],
    "cpu.realtimePeriod": [forgetting("realtimePeriod")],
    "cpu.cpus": [forgetting("cpus"), reading(confine_the_runtime), passing_over_what_is_not_there("cpus")],
    "cpu.cpus.format": [
        passing_over_malformed("cpus"),
        refusing_to_read("cpus", "-"),
        refusing_to_read("cpus", ","),
        taking_the_first("cpus"),
    ],
    "cpu.mems": [forgetting("mems"), passing_over_what_is_not_there("mems")],
    "cpu.mems.format": [
        passing_over_malformed("mems"),
        refusing_to_read("mems", ","),
        refusing_to_read("mems", "-"),
        taking_the_first("mems"),
    ],
    "cpu.idle": [forgetting("idle"), reading(turn_idle_round)],
    "cpu.idle.unknown": [reading(take_any_idle_for_one)],
}
