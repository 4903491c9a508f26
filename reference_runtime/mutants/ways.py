"""The ways to break a function: each makes a change, which `apply` carries out in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .. import bundle
from ..config_types import Config

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
    return instead(original, lambda *_, **__: None)


def given(original: Callable[..., Any], change: Callable[..., tuple[Any, ...]]) -> Change:
    """It is done with other arguments."""
    return instead(original, lambda *arguments: original(*change(*arguments)))


def giving(original: Callable[..., Any], change: Callable[[Any], Any]) -> Change:
    """What comes out of it is changed."""
    return instead(original, lambda *arguments: change(original(*arguments)))


def reading(change: Callable[[Config], Any]) -> Change:
    """The config is changed, in place, before anything looks at it."""

    def changed(config: Config) -> Config:
        change(config)
        return config

    return giving(bundle.read, changed)


def apply(change: Change) -> None:
    setattr(*change)
