"""The documents in samples/, read fresh each time, and what becomes of everything.json by one change."""

import json
import pathlib
from typing import Any

from bundles import patch, pointer

HERE = pathlib.Path(__file__).with_name("samples")


def sample(name: str) -> dict[str, Any]:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def without(place: str) -> dict[str, Any]:
    return patch.apply(sample("everything.json"), [{"op": "remove", "path": place}])


def having(place: str, value: Any) -> dict[str, Any]:
    operation = "replace" if _stands(place) else "add"
    return patch.apply(sample("everything.json"), [{"op": operation, "path": place, "value": value}])


def _stands(place: str) -> bool:
    value: Any = sample("everything.json")
    for part in pointer.split(place):
        if isinstance(value, list):
            if not part.isdigit():
                return False
            value = value[int(part)]
        elif part in value:
            value = value[part]
        else:
            return False
    return True
