"""bundle.md, glossary.md#glossaryJson: from a directory to the config that everything else is made from."""

from __future__ import annotations

import json
import os

from . import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from .config_types import Config

#: The one name that the configuration has.
CONFIG = "config.json"


def locate(directory: str) -> str:
    """The bundle's absolute path, which is also what the state shows."""
    if not os.path.isdir(directory):
        raise errors.Refusal(f"{directory}: no such bundle")
    return os.path.abspath(directory)


def read(bundle: str) -> Config:
    """The configuration at the top of the bundle."""
    try:
        with open(config_path(bundle), "rb") as file:
            return parse(decode(file.read()))
    except OSError as error:
        raise errors.Refusal(f"{bundle}: the bundle has no {CONFIG} to read: {error.strerror}") from error


def config_path(bundle: str) -> str:
    return os.path.join(bundle, CONFIG)


def decode(content: bytes) -> str:
    """glossary.md#glossaryJson: JSON is UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise errors.Refusal(f"{CONFIG}: not UTF-8: byte {error.start}: {error.reason}") from error


def parse(text: str) -> Config:
    try:
        config = json.loads(text, object_pairs_hook=refuse_duplicates, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise errors.Refusal(f"{CONFIG}: not JSON: {error}") from error
    if not isinstance(config, dict):
        raise errors.Refusal(f"{CONFIG}: not a JSON object")
    return config  # pyright: ignore[reportUnknownVariableType, reportReturnType] - check.config() is about to prove it


def refuse_duplicates(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """glossary.md#glossaryJson: a name is used once in an object; two values leave open which one is meant."""
    names = dict(members)
    if len(names) < len(members):
        seen: set[str] = set()
        twice = next(name for name, _ in members if name in seen or seen.add(name))
        raise errors.Refusal(f"{CONFIG}: the name {json.dumps(twice)} is used twice in one object")
    return names


def refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity are Python's, not JSON's."""
    raise errors.Refusal(f"{CONFIG}: {name} is not JSON")
