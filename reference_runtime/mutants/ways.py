"""The ways to break a function: each makes a change, which `apply` carries out in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .. import bundle

#: The object to be changed, the attribute's name, and what it becomes.
Change = tuple[Any, str, Any]
Mutants = dict[str, list[Change]]


def instead(original: Callable[..., Any], replacement: Callable[..., Any]) -> Change:
    """Another function in its place."""
    *owners, name = original.__qualname__.split(".")
    place: Any = sys.modules[original.__module__]
    for owner in owners:
        place = getattr(place, owner)
    return place, name, replacement


def without(original: Callable[..., Any]) -> Change:
    """Nothing is done."""

    def nothing(*_: Any, **__: Any) -> None:
        pass

    return instead(original, nothing)


def given(original: Callable[..., Any], change: Callable[..., Any]) -> Change:
    """It is done with other arguments."""

    def changed(*arguments: Any) -> Any:
        return original(*change(*arguments))

    return instead(original, changed)


def giving(original: Callable[..., Any], change: Callable[[Any], Any]) -> Change:
    """What comes out of it is changed."""

    def changed(*arguments: Any) -> Any:
        return change(original(*arguments))

    return instead(original, changed)


def reading(change: Callable[[Any], Any]) -> Change:
    """The config is changed, in place, before anything looks at it."""

    def changed(config: Any) -> Any:
        change(config)
        return config

    return giving(bundle.read, changed)


def apply(change: Change) -> None:
    setattr(*change)
