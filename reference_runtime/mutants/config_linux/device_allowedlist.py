# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxDeviceAllowedlist"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...config_linux import device_allowedlist
from ..ways import Change, Mutants, instead, reading

MEMBERS = ("type", "major", "minor", "access")


def of_rules(change: Callable[[list[Any]], Any]) -> Change:
    """The list is another one, before anything looks at it."""

    def changed(config: Any) -> None:
        if device_allowedlist.listed(config):
            config["linux"]["resources"]["devices"] = list(change(device_allowedlist.listed(config)))

    return reading(changed)


def of_each(change: Callable[[Any], Any]) -> Change:
    return of_rules(lambda listed: [{**rule, **change(rule)} for rule in listed])


def keep(wanted: Callable[[Any], bool]) -> Change:
    return of_rules(lambda listed: filter(wanted, listed))


def without_member(name: str) -> Change:
    return of_rules(lambda listed: [{key: rule[key] for key in rule if key != name} for rule in listed])


def is_for_all(rule: Any) -> bool:
    return not {"type", "major", "minor"} & rule.keys()


def turning(asked: str | None, given: str) -> Change:
    """One type for another; None stands for a rule without one, but for the first, which is for everything."""
    return of_rules(
        lambda listed: [
            {**rule, "type": given} if rule.get("type") == asked and (asked or place) else rule
            for place, rule in enumerate(listed)
        ]
    )


def as_version_1_reads_it(rule: Any) -> Any:
    """One of everything, whatever else it says."""
    if rule.get("type", "a") != "a":
        return {}
    return {"major": -1, "minor": -1, "access": "rwm"}


def defaults_last(config: Any) -> Any:
    listed = device_allowedlist.listed(config)
    return listed + device_allowedlist.DEFAULTS if listed else []


def known_letters(rule: Any) -> Any:
    return {"access": "".join(letter for letter in rule["access"] if letter in "rwm") or "rwm"}


def one_for_each_device(listed: list[Any]) -> Any:
    return {tuple(rule.get(name) for name in MEMBERS[:3]): rule for rule in listed}.values()


def without_nodes(listed: list[Any]) -> Any:
    return [rule for rule in listed if rule["allow"] or rule.get("access") != "m"]


def nodes_at_the_end(listed: list[Any]) -> Any:
    """That every node may be made, behind everything else."""
    return [*listed, *({"allow": True, "type": type, "access": "m"} for type in "cb")]


MUTANTS: Mutants = {
    "cgdev.list": [of_rules(lambda listed: [])],
    "cgdev.order": [of_rules(reversed), of_rules(lambda listed: listed[:-1] or listed)],
    "cgdev.order.overlap": [of_rules(lambda listed: listed[:2]), of_rules(lambda listed: listed[:-1] or listed)],
    "cgdev.order.defaults": [instead(device_allowedlist.rules, defaults_last)],
    "cgdev.allow.required": [of_rules(lambda listed: [{"allow": False, **rule} for rule in listed])],
    "cgdev.allow.true": [keep(lambda rule: not rule["allow"])],
    "cgdev.allow.false": [keep(lambda rule: rule["allow"])],
    "cgdev.type.a": [turning("a", "b"), turning("a", "c")],
    "cgdev.type.a.members": [of_each(as_version_1_reads_it)],
    "cgdev.type.c": [turning("c", "b")],
    "cgdev.type.b": [turning("b", "c")],
    "cgdev.type.default": [turning(None, "b"), turning(None, "c")],
    "cgdev.type.unknown": [of_each(lambda rule: {} if rule.get("type", "a") in ("a", "c", "b") else {"type": "c"})],
    "cgdev.majmin": [
        of_each(lambda rule: {"minor": rule["minor"] + 1} if "minor" in rule else {}),
        without_member("minor"),
        without_member("major"),
    ],
    "cgdev.majmin.default": [of_each(lambda rule: {} if is_for_all(rule) else {"major": 0, "minor": 0, **rule})],
    "cgdev.access.r": [of_each(lambda rule: {"access": "rwm"})],
    "cgdev.access.w": [of_each(lambda rule: {"access": "rwm"})],
    "cgdev.access.m": [of_each(lambda rule: {"access": "rwm"}), of_rules(without_nodes)],
    "cgdev.access.m.denied": [of_rules(nodes_at_the_end)],
    "cgdev.access.composed": [
        of_each(lambda rule: {} if is_for_all(rule) else {"access": rule["access"][:1]}),
        of_rules(one_for_each_device),
        of_each(known_letters),
    ],
}
