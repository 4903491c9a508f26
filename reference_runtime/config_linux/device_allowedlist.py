"""config-linux.md#configLinuxDeviceAllowedlist"""

from __future__ import annotations

import os

from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, DeviceRule
    from ..kernel.cgroups import Hierarchy

#: What every container needs, whatever the list says: its default devices and terminals, and to make device nodes.
ALWAYS: list[DeviceRule] = [
    {"allow": True, "type": "c", "access": "m"},
    {"allow": True, "type": "b", "access": "m"},
    *({"allow": True, "type": "c", "major": 1, "minor": minor, "access": "rwm"} for minor in (3, 5, 7, 8, 9)),
    *({"allow": True, "type": "c", "major": 5, "minor": minor, "access": "rwm"} for minor in (0, 1, 2)),
    {"allow": True, "type": "c", "major": 136, "access": "rwm"},
]


def apply(hierarchy: Hierarchy, path: str, config: Config) -> None:
    """The list in its order, then what is always allowed."""
    rules = config.get("linux", {}).get("resources", {}).get("devices", [])
    if not rules or "devices" not in hierarchy.controllers:
        return
    for rule in rules + ALWAYS:
        write(hierarchy.directory(path), rule)


def write(directory: str, rule: DeviceRule) -> None:
    files.write(os.path.join(directory, "devices.allow" if rule["allow"] else "devices.deny"), line(rule))


def line(rule: DeviceRule) -> str:
    """`c 1:3 rwm`; a number that is missing or -1 stands for all."""
    major, minor = (number(rule.get(name)) for name in ("major", "minor"))
    if rule.get("type", "a") == "a" and (major, minor) == ("*", "*"):
        return "a"
    return f"{rule.get('type', 'a')} {major}:{minor} {rule.get('access') or 'rwm'}"


def number(value: object) -> str:
    return "*" if value in (None, -1) else str(value)
