# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeOperations: operations that take other words, or none"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ... import command_line, errors
from ...runtime import record
from ..ways import Change, Mutants, instead

refuse_wrong_count = command_line.Words.refuse_wrong_count
CARRIED_OUT_BY = command_line.CARRIED_OUT_BY


def operation(name: str, replacement: Callable[[Any], int]) -> Change:
    """Another operation under its name."""
    return command_line, "CARRIED_OUT_BY", {**CARRIED_OUT_BY, name: replacement}


def without_operation(name: str) -> Change:
    return command_line, "OPERATIONS", {known: how for known, how in command_line.OPERATIONS.items() if known != name}


def ids_below(root: str) -> list[str]:
    return [name for name in sorted(os.listdir(root)) if not name.startswith(".")] if os.path.isdir(root) else []


def invent_id(name: str) -> Change:
    """Without an ID the operation takes the first container that there is."""

    def take_any(words: Any, expected: str) -> None:
        if words.operation == name and not any(words.arguments[:1]):
            words.arguments[:1] = ids_below(command_line.root(words))[:1]
        refuse_wrong_count(words, expected)

    return instead(command_line.Words.refuse_wrong_count, take_any)


def on_another(name: str) -> Change:
    """The operation is carried out on another container than the one that was named, where there is one."""

    def carry_out(words: Any) -> int:
        others = [id for id in ids_below(command_line.root(words)) if id != words.arguments[0]]
        words.arguments[:1] = others[:1] or words.arguments[:1]
        return CARRIED_OUT_BY[name](words)

    return operation(name, carry_out)


def also_on_nobody(name: str) -> Change:
    """The operation succeeds where there is no such container."""

    def carry_out(words: Any) -> int:
        try:
            return CARRIED_OUT_BY[name](words)
        except errors.NoSuchContainer:
            return 0

    return operation(name, carry_out)


def root_of_this_directory(words: Any) -> str:
    """Who comes from another directory finds another set of containers."""
    given = words.options.get("--root") or record.DEFAULT_ROOT
    return os.path.join(os.path.abspath(given), os.path.basename(os.getcwd()) or "top")


OPERATIONS = ("state", "create", "start", "kill", "delete")
#: There is no ordinary container without them.
FATAL = {f"op.supported.{name}" for name in OPERATIONS}
MUTANTS: Mutants = {
    **{f"op.supported.{name}": [without_operation(name)] for name in OPERATIONS},
    "rt.scope.creator-operates": [instead(command_line.root, root_of_this_directory)],
}
