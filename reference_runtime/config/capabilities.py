"""config.md#configLinuxProcess: capabilities"""

from __future__ import annotations

from .. import errors, releases
from ..kernel import credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Capabilities, Config

SETS = ("bounding", "permitted", "effective", "inheritable", "ambient")
NUMBERS = {name: number for number, name in enumerate(credentials.CAPABILITIES)}


def check(config: Config) -> None:
    capabilities = config.get("process", {}).get("capabilities", {})
    if releases.is_before(config, "1.1.0"):
        refuse_unknown(capabilities)
    warn_of_unknown(capabilities)


def refuse_unknown(capabilities: Capabilities) -> None:
    """Up to 1.0.2 a name that no kernel interface knows was an error."""
    if unknown := all_names(capabilities) - NUMBERS.keys():
        raise errors.InvalidConfig("process.capabilities", f"unknown: {' '.join(sorted(unknown))}")


def warn_of_unknown(capabilities: Capabilities) -> None:
    """A name that cannot be granted is worth a warning, not an error: the kernel may be older than the config."""
    for name in sorted(all_names(capabilities)):
        if not is_grantable(name):
            errors.warn(f"the capability {name} is unknown or cannot be granted here, and is left out")


def all_names(capabilities: Capabilities) -> set[str]:
    return {name for each in SETS for name in capabilities.get(each, [])}


def is_grantable(name: str) -> bool:
    """Known to us and to the kernel, and among those that this runtime may give away."""
    return name in NUMBERS and credentials.is_bounding(NUMBERS[name])


def granted(capabilities: Capabilities, which: str) -> set[int]:
    """One of the five sets, less what cannot be granted."""
    return {NUMBERS[name] for name in capabilities.get(which, []) if is_grantable(name)}


class Sets:
    """The five sets as numbers: read before the bounding set shrinks, which decides what is grantable."""

    __slots__ = SETS

    def __init__(self, capabilities: Capabilities) -> None:
        self.bounding = granted(capabilities, "bounding")
        self.permitted = granted(capabilities, "permitted")
        self.effective = granted(capabilities, "effective")
        self.inheritable = granted(capabilities, "inheritable")
        self.ambient = granted(capabilities, "ambient")


def drop_bounding(sets: Sets) -> None:
    """Before the user changes: dropping needs CAP_SETPCAP."""
    for number in range(len(credentials.CAPABILITIES)):
        if number not in sets.bounding and credentials.is_bounding(number):
            credentials.drop_bounding(number)


def keep() -> None:
    """Through the change of user, which would empty the permitted set."""
    credentials.keep_capabilities()


def regain() -> None:
    """All that is permitted, for what takes a privilege after the change of user."""
    credentials.capset(credentials.permitted(), credentials.permitted(), 0)


def set_remaining(sets: Sets) -> None:
    """After the user changed, which empties the effective and ambient sets."""
    credentials.capset(mask(sets.effective), mask(sets.permitted), mask(sets.inheritable))


def set_ambient(sets: Sets) -> None:
    """The kernel lets a capability be ambient only while it is permitted and inheritable too."""
    credentials.clear_ambient()
    for number in sorted(sets.ambient & sets.permitted & sets.inheritable):
        credentials.raise_ambient(number)


def mask(numbers: set[int]) -> int:
    return sum(1 << number for number in numbers)
