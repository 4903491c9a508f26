"""What both sides of the command line read: the JSON Schemas of the three documents, and one ordinary config."""

import functools
import json
import pathlib
from typing import Any

HERE = pathlib.Path(__file__).parent


@functools.cache
def text(name: str) -> str:
    """The text of one file of this package."""
    return (HERE / name).read_text(encoding="utf-8")


def ordinary() -> dict[str, Any]:
    """A fresh copy of the config that every test starts from."""
    return json.loads(text("ordinary.json"))


def schema(name: str) -> dict[str, Any]:
    """The schema of a document: config, state or features."""
    return json.loads(text(f"{name}.schema.json"))
