# pyright: basic, reportPrivateUsage=false
"""config.md#configLinuxProcess: capabilities and noNewPrivileges"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import errors
from ...config import capabilities, no_new_privileges
from ..ways import Change, Mutants, instead, reading, without

granted = capabilities.granted
is_grantable = capabilities.is_grantable


def of_set(kind: str, change: Callable[[Any, Any], Any]) -> Change:
    """One set becomes what `change` makes of all the lists and of itself, in the kernel's order."""

    def changed(lists: Any, which: str) -> set[int]:
        own = sorted(granted(lists, which))
        return set(change(lists, own)) if which in kind.split() else set(own)

    return instead(capabilities.granted, changed)


def less_the_last(_: Any, own: list[int]) -> list[int]:
    return own[:-1]


def from_the_bounding(lists: Any, _: list[int]) -> set[int]:
    return granted(lists, "bounding")


def bounding_if_empty(lists: Any, own: list[int]) -> Any:
    return own or granted(lists, "bounding")


def all_there_are(_lists: Any, _own: list[int]) -> list[int]:
    return [number for name, number in capabilities.NUMBERS.items() if is_grantable(name)]


def without_names(*names: str) -> Change:
    return instead(capabilities.is_grantable, lambda name: name not in names and is_grantable(name))


def refuse_unknown(config: Any) -> None:
    for names in config["process"].get("capabilities", {}).values():
        if not set(names) <= capabilities.NUMBERS.keys():
            raise errors.InvalidConfig("process.capabilities", "unknown")


MUTANTS: Mutants = {
    # A set that the others rule out is refused by the kernel: that kills, too.
    "caps.effective": [of_set("effective", from_the_bounding), of_set("effective permitted", less_the_last)],
    "caps.bounding": [of_set("bounding", less_the_last)],
    "caps.inheritable": [of_set("inheritable", less_the_last)],
    "caps.permitted": [of_set("permitted", from_the_bounding), of_set("permitted effective", less_the_last)],
    "caps.ambient": [
        of_set("ambient", lambda lists, own: []),
        of_set("ambient", lambda lists, own: granted(lists, "inheritable")),
    ],
    "caps.effective.empty": [of_set("effective permitted bounding", all_there_are)],
    "caps.bounding.empty": [of_set("bounding", lambda lists, own: own or all_there_are(lists, own))],
    "caps.inheritable.empty": [of_set("inheritable", bounding_if_empty)],
    "caps.permitted.empty": [of_set("permitted", bounding_if_empty)],
    "caps.ambient.empty": [of_set("ambient", bounding_if_empty)],
    "caps.constants": [without_names("CAP_KILL", "CAP_SETGID")],
    "caps.unmappable-no-fail": [reading(refuse_unknown)],
    "old.caps.unmappable-error": [without(capabilities.refuse_unknown)],
    "nnp.true": [without(no_new_privileges.forbid)],
}
