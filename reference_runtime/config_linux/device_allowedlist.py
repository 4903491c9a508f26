"""config-linux.md#configLinuxDeviceAllowedlist"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, DeviceRule
    from ..kernel.filters import Rule

    #: Type, major, minor; None stands for all.
    Devices = tuple[str, int | None, int | None]

WHERE = "linux.resources.devices"
#: What every container needs, though the list begins with nothing at all: its default devices and terminals.
DEFAULTS: list[DeviceRule] = [
    *({"allow": True, "type": "c", "major": 1, "minor": minor, "access": "rw"} for minor in (3, 5, 7, 8, 9)),
    *({"allow": True, "type": "c", "major": 5, "minor": minor, "access": "rw"} for minor in (0, 1, 2)),
    {"allow": True, "type": "c", "major": 136, "access": "rw"},
]


def check(config: Config) -> None:
    for index, rule in enumerate(listed(config)):
        refuse_unknown_access(f"{WHERE}[{index}]", rule)
        refuse_no_number(f"{WHERE}[{index}]", rule)


def refuse_unknown_access(where: str, rule: DeviceRule) -> None:
    if unknown := set(rule.get("access", "")) - set("rwm"):
        raise errors.InvalidConfig(f"{where}.access", f"{sorted(unknown)[0]!r} is no access")


def refuse_no_number(where: str, rule: DeviceRule) -> None:
    """A rule for no device at all; -1 stands for all of them."""
    for name, highest in files.HIGHEST.items():
        if not -1 <= rule.get(name, -1) <= highest:
            raise errors.Unsupported(f"{where}.{name}", f"no device has the number {rule.get(name)}")


def listed(config: Config) -> list[DeviceRule]:
    return config.get("linux", {}).get("resources", {}).get("devices", [])


def rules(config: Config) -> list[DeviceRule]:
    """The list in its order. The defaults come behind its last word on all devices: a later one may name them."""
    found = listed(config)
    behind = max((index + 1 for index, rule in enumerate(found) if is_for_all(rule)), default=0)
    return found[:behind] + DEFAULTS + found[behind:] if found else []


def is_for_all(rule: DeviceRule) -> bool:
    return kinds(rule) == "cb" and numbers(rule) == (None, None) and access(rule) == "rwm"


def kinds(rule: DeviceRule) -> str:
    """The types that a rule is about: all, if it has none."""
    kind = rule.get("type", "a")
    return "cb" if kind == "a" else kind


def numbers(rule: DeviceRule) -> tuple[int | None, int | None]:
    """A number that is missing stands for all, and so does -1, by which some callers write that."""
    major, minor = rule.get("major", -1), rule.get("minor", -1)
    return (None if major == -1 else major, None if minor == -1 else minor)


def access(rule: DeviceRule) -> str:
    """In one order; a rule that names none is about all of it."""
    return "".join(letter for letter in "rwm" if letter in (rule.get("access") or "rwm"))


# --- version 2 asks a program ----------------------------------------------------------------------------------------


def apply_v2(directory: str, config: Config) -> None:
    if found := rules(config):
        from ..kernel import filters

        filters.attach(directory, filters.program(decisions(found), otherwise=True))


def decisions(rules: list[DeviceRule]) -> list[Rule]:
    return [(rule["allow"], kind, *numbers(rule), bits(rule)) for rule in rules for kind in kinds(rule)]


def bits(rule: DeviceRule) -> int:
    from ..kernel import filters

    return sum(filters.ACCESS[letter] for letter in access(rule))


# --- version 1 has all or nothing, and exceptions --------------------------------------------------------------------


def apply_v1(directory: str, config: Config) -> None:
    if found := rules(config):
        known = Exceptions.read(files.read(os.path.join(directory, "devices.list")))
        for rule in found:
            known.take(rule)
        for file, line in known.lines:
            files.write(os.path.join(directory, file), line)


class Exceptions:
    """What a cgroup of version 1 lets its processes do: all or nothing, but for some devices.

    The kernel takes an exception back only from the very devices that were excepted, and passes over in silence what
    would narrow one down. So it is told of nothing but whole exceptions; what they cannot express is an error.
    """

    def __init__(self, allow: bool, devices: dict[Devices, set[str]]) -> None:
        self.allow = allow
        self.devices = devices
        #: What has to be written into which file, in order.
        self.lines: list[tuple[str, str]] = []

    @classmethod
    def read(cls, text: str) -> Exceptions:
        """Of devices.list, as a new cgroup has it from the one above. All but exceptions shows as all."""
        entries = [line.split() for line in text.splitlines()]
        if any(kind == "a" for kind, *_ in entries):
            return cls(True, {})
        return cls(False, {(kind, *parsed(pair)): set(letters) for kind, pair, letters in entries})

    def take(self, rule: DeviceRule) -> None:
        if is_for_all(rule):
            self.reset(rule["allow"])
            return
        for kind in kinds(rule):
            change = self.end if rule["allow"] == self.allow else self.begin
            change((kind, *numbers(rule)), set(access(rule)))

    def reset(self, allow: bool) -> None:
        self.allow, self.devices = allow, {}
        self.write(allow, "a")

    def begin(self, devices: Devices, letters: set[str]) -> None:
        """The kernel looks for one exception that covers a request: what two have in common is an exception too."""
        both = [(common(devices, other), letters | present) for other, present in self.devices.items()]
        for each, wanted in [(devices, letters), *((each, wanted) for each, wanted in both if each)]:
            self.devices[each] = self.devices.get(each, set()) | wanted
            self.write(not self.allow, line(each, wanted))

    def end(self, devices: Devices, letters: set[str]) -> None:
        for other, present in self.devices.items():
            if not present & letters or common(devices, other) is None:
                continue
            if common(devices, other) != other:
                raise errors.Unsupported(
                    WHERE,
                    f"cgroup version 1 cannot except {line(devices, letters)} from {line(other, present)}",
                )
            self.write(self.allow, line(other, present & letters))
            self.devices[other] = present - letters

    def write(self, allow: bool, line: str) -> None:
        self.lines.append(("devices.allow" if allow else "devices.deny", line))


def common(one: Devices, other: Devices) -> Devices | None:
    """The devices that are both; None if there are none."""
    both: list[int | None] = []
    for first, second in zip(one[1:], other[1:], strict=True):
        if None not in (first, second) and first != second:
            return None
        both.append(second if first is None else first)
    return (one[0], both[0], both[1]) if one[0] == other[0] else None


def parsed(pair: str) -> tuple[int | None, int | None]:
    """`10:*`"""
    major, minor = (None if each == "*" else int(each) for each in pair.split(":"))
    return major, minor


def line(devices: Devices, letters: set[str]) -> str:
    """`c 1:3 rwm`"""
    kind, *pair = devices
    major, minor = ("*" if each is None else str(each) for each in pair)
    return f"{kind} {major}:{minor} {''.join(letter for letter in 'rwm' if letter in letters)}"
