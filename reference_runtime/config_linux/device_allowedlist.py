"""config-linux.md#configLinuxDeviceAllowedlist"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, DeviceRule
    from ..kernel.filters import Rule

#: What every container needs, whatever the list says: its default devices and terminals, and to make device nodes.
ALWAYS: list[DeviceRule] = [
    {"allow": True, "type": "c", "access": "m"},
    {"allow": True, "type": "b", "access": "m"},
    *({"allow": True, "type": "c", "major": 1, "minor": minor, "access": "rwm"} for minor in (3, 5, 7, 8, 9)),
    *({"allow": True, "type": "c", "major": 5, "minor": minor, "access": "rwm"} for minor in (0, 1, 2)),
    {"allow": True, "type": "c", "major": 136, "access": "rwm"},
]


def check(config: Config) -> None:
    for rule in config.get("linux", {}).get("resources", {}).get("devices", []):
        refuse_unknown_access(rule)


def refuse_unknown_access(rule: DeviceRule) -> None:
    if unknown := set(rule.get("access", "")) - set("rwm"):
        raise errors.InvalidConfig("linux.resources.devices", f"{sorted(unknown)[0]!r} is no access")


def rules(config: Config) -> list[DeviceRule]:
    """The list in its order, then what is always allowed; nothing, if nothing is asked for."""
    listed = config.get("linux", {}).get("resources", {}).get("devices", [])
    return listed + ALWAYS if listed else []


def apply_v1(directory: str, config: Config) -> None:
    """The kernel takes the rules one by one."""
    for rule in rules(config):
        files.write(os.path.join(directory, "devices.allow" if rule["allow"] else "devices.deny"), line(rule))


def apply_v2(directory: str, config: Config) -> None:
    """Version 2 has no files for it, but asks a program."""
    if rules(config):
        from ..kernel import filters

        filters.attach(directory, filters.program(*summary(rules(config))))


def line(rule: DeviceRule) -> str:
    """`c 1:3 rwm`"""
    if is_for_all(rule):
        return "a"
    major, minor = ("*" if number is None else str(number) for number in numbers(rule))
    return f"{rule.get('type', 'a')} {major}:{minor} {rule.get('access') or 'rwm'}"


def is_for_all(rule: DeviceRule) -> bool:
    return rule.get("type", "a") == "a" and numbers(rule) == (None, None)


def numbers(rule: DeviceRule) -> tuple[int | None, int | None]:
    """A number that is missing or -1 stands for all."""
    major, minor = rule.get("major", -1), rule.get("minor", -1)
    return (None if major == -1 else major, None if minor == -1 else minor)


def summary(rules: list[DeviceRule]) -> tuple[bool, list[Rule]]:
    """What version 1 makes of a list: everything or nothing, but for exceptions that later rules widen or narrow."""
    allow, exceptions = True, dict[tuple[str | None, int | None, int | None], int]()
    for rule in rules:
        if is_for_all(rule):
            allow, exceptions = rule["allow"], {}
            continue
        key = (None if rule.get("type", "a") == "a" else rule.get("type"), *numbers(rule))
        before = exceptions.get(key, 0)
        exceptions[key] = before & ~bits(rule) if rule["allow"] == allow else before | bits(rule)
    return allow, [(*key, access) for key, access in exceptions.items() if access]


def bits(rule: DeviceRule) -> int:
    from ..kernel import filters

    return sum(filters.ACCESS[letter] for letter in set(rule.get("access") or "rwm"))
