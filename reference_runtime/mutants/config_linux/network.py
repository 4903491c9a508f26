# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxNetwork"""

from __future__ import annotations

import os
from typing import Any

from ..ways import Mutants, reading


def asked(config: Any) -> dict[str, Any]:
    return config.get("linux", {}).get("resources", {}).get("network", {})


def keep(config: Any, entries: Any) -> None:
    if "priorities" in asked(config):
        asked(config)["priorities"][:] = entries


def complete(config: Any) -> list[Any]:
    return [entry for entry in asked(config).get("priorities", []) if {"name", "priority"} <= entry.keys()]


def known(config: Any) -> list[Any]:
    return [entry for entry in asked(config).get("priorities", []) if os.path.exists(f"/sys/class/net/{entry['name']}")]


MUTANTS: Mutants = {
    "net.classID": [
        reading(lambda config: asked(config).pop("classID", None)),
        reading(lambda config: asked(config).update({"classID": 1}) if "classID" in asked(config) else None),
    ],
    "net.priorities": [
        reading(lambda config: asked(config).pop("priorities", None)),
        reading(lambda config: keep(config, asked(config).get("priorities", [])[-1:])),
    ],
    "net.priorities.runtime-namespace": [reading(lambda config: keep(config, known(config)))],
    "net.priorities.name": [reading(lambda config: keep(config, complete(config)))],
    "net.priorities.priority": [reading(lambda config: keep(config, complete(config)))],
}
