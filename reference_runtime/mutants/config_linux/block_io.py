# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxBlockIO"""

from __future__ import annotations

import contextlib
from typing import Any

from ...config_linux import block_io
from ...kernel import files
from ..ways import Mutants, instead, reading, without

write = files.write
OPPOSITES = {
    "throttleReadBpsDevice": "throttleWriteBpsDevice",
    "throttleWriteBpsDevice": "throttleReadBpsDevice",
    "throttleReadIOPSDevice": "throttleWriteIOPSDevice",
    "throttleWriteIOPSDevice": "throttleReadIOPSDevice",
}


def asked(config: Any) -> dict[str, Any]:
    return config.get("linux", {}).get("resources", {}).get("blockIO", {})


def exchange(config: Any, name: str) -> None:
    """What is asked for reading is done to writing, and the other way round."""
    there = asked(config)
    found = {OPPOSITES[each]: there.pop(each) for each in (name, OPPOSITES[name]) if each in there}
    there |= found


def keep_last(config: Any, name: str) -> None:
    if name in asked(config):
        asked(config)[name] = asked(config)[name][-1:]


def drop_incomplete(config: Any, name: str, *members: str) -> None:
    """An entry that lacks something is passed over."""
    if name in asked(config):
        asked(config)[name] = [entry for entry in asked(config)[name] if {*members} <= entry.keys()]


def let_devices_prevail(config: Any) -> None:
    if "weightDevice" in asked(config):
        asked(config).pop("weight", None)


def take_leaves_for_trees(config: Any) -> None:
    for holder in (asked(config), *asked(config).get("weightDevice", [])):
        if "leafWeight" in holder:
            holder["weight"] = holder.pop("leafWeight")


def drop_leaves_of_devices(config: Any) -> None:
    for entry in asked(config).get("weightDevice", []):
        if "weight" in entry:
            entry.pop("leafWeight", None)


def write_what_goes(file: str, text: str, *more: Any) -> None:
    """What the kernel does not take for a device is left out."""
    with contextlib.suppress(*[OSError] if "blkio." in file or "io." in file else []):
        write(file, text, *more)


def of(throttle: str) -> Mutants:
    return {
        f"blkio.{throttle}": [
            reading(lambda config: asked(config).pop(throttle, None)),
            reading(lambda config: exchange(config, throttle)),
            reading(lambda config: keep_last(config, throttle)),
        ],
        f"blkio.{throttle}.majmin": [reading(lambda config: drop_incomplete(config, throttle, "major", "minor"))],
        f"blkio.{throttle}.rate": [reading(lambda config: drop_incomplete(config, throttle, "rate"))],
    }


MUTANTS: Mutants = {id: changes for throttle in block_io.THROTTLES for id, changes in of(throttle).items()} | {
    "blkio.weight": [reading(lambda config: asked(config).pop("weight", None))],
    "blkio.weight.overridden": [
        reading(let_devices_prevail),
        reading(lambda config: asked(config).pop("weightDevice", None)),
    ],
    "blkio.leafWeight": [reading(take_leaves_for_trees), reading(lambda config: asked(config).pop("leafWeight", None))],
    "blkio.weightDevice": [
        reading(lambda config: keep_last(config, "weightDevice")),
        instead(files.write, write_what_goes),
    ],
    "blkio.weightDevice.majmin": [reading(lambda config: drop_incomplete(config, "weightDevice", "major", "minor"))],
    "blkio.weightDevice.leafWeight": [reading(drop_leaves_of_devices)],
    "blkio.weightDevice.one-of": [without(block_io.refuse_without_weight)],
    "blkio.device.nonexistent": [instead(files.write, write_what_goes)],
}
