"""The documents in samples/, read fresh each time."""

import json
import pathlib
from typing import Any

HERE = pathlib.Path(__file__).with_name("samples")


def sample(name: str) -> dict[str, Any]:
    return json.loads((HERE / name).read_text(encoding="utf-8"))
