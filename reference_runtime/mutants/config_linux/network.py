# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxNetwork"""

from __future__ import annotations

import os
from typing import Any

from ...kernel import files, namespaces
from ..ways import Mutants, instead, reading

write = files.write


def asked(config: Any) -> dict[str, Any]:
    return config.get("linux", {}).get("resources", {}).get("network", {})


def keep(config: Any, entries: Any) -> None:
    if "priorities" in asked(config):
        asked(config)["priorities"][:] = entries


def complete(config: Any) -> list[Any]:
    return [entry for entry in asked(config).get("priorities", []) if {"name", "priority"} <= entry.keys()]


def known(config: Any) -> list[Any]:
    return [entry for entry in asked(config).get("priorities", []) if os.path.exists(f"/sys/class/net/{entry['name']}")]


def write_from_elsewhere(file: str, text: str, *more: Any) -> None:
    """By a process in a network namespace of its own, as the container's would."""
    if not file.endswith("net_prio.ifpriomap"):
        return write(file, text, *more)
    child = os.fork()
    if child == 0:
        namespaces.unshare(namespaces.Clone.NEWNET)
        write(file, text, *more)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise OSError(19, "No such device", file)
    return None


MUTANTS: Mutants = {
    "net.classID": [
        reading(lambda config: asked(config).pop("classID", None)),
        reading(lambda config: asked(config).update({"classID": 1}) if "classID" in asked(config) else None),
    ],
    "net.priorities": [
        reading(lambda config: asked(config).pop("priorities", None)),
        reading(lambda config: keep(config, asked(config)["priorities"][-1:])),
    ],
    "net.priorities.runtime-namespace": [
        reading(lambda config: keep(config, known(config))),
        instead(files.write, write_from_elsewhere),
    ],
    "net.priorities.name": [reading(lambda config: keep(config, complete(config)))],
    "net.priorities.priority": [reading(lambda config: keep(config, complete(config)))],
}
