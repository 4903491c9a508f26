"""config-linux.md#configLinuxBlockIO"""

from __future__ import annotations

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..config_types import BlockIO, Config, ThrottleDevice, WeightDevice

WHERE = "linux.resources.blockIO"
CONTROLLERS = ("blkio",)
#: The file of version 1, and the word for it in io.max of version 2.
THROTTLES = {
    "throttleReadBpsDevice": ("blkio.throttle.read_bps_device", "rbps"),
    "throttleWriteBpsDevice": ("blkio.throttle.write_bps_device", "wbps"),
    "throttleReadIOPSDevice": ("blkio.throttle.read_iops_device", "riops"),
    "throttleWriteIOPSDevice": ("blkio.throttle.write_iops_device", "wiops"),
}


def check(config: Config) -> None:
    for index, entry in enumerate(configured(config).get("weightDevice", [])):
        refuse_without_weight(f"linux.resources.blockIO.weightDevice[{index}]", entry)
    for name in ("weightDevice", *THROTTLES):
        refuse_impossible_numbers(f"linux.resources.blockIO.{name}", throttles(configured(config), name))


def refuse_without_weight(path: str, entry: WeightDevice) -> None:
    if not {"weight", "leafWeight"} & entry.keys():
        raise errors.InvalidConfig(path, "has neither weight nor leafWeight")


def refuse_impossible_numbers(path: str, entries: list[ThrottleDevice]) -> None:
    """Whether there is a device of the others is the kernel's to say."""
    for entry in entries:
        if not (0 <= entry["major"] <= files.HIGHEST["major"] and 0 <= entry["minor"] <= files.HIGHEST["minor"]):
            raise errors.InvalidConfig(path, f"no device is {device(entry)}")


def configured(config: Config) -> BlockIO:
    return config.get("linux", {}).get("resources", {}).get("blockIO", {})


def v1(config: Config) -> dict[str, str]:
    """Weights are the I/O scheduler's: CFQ's until Linux 5.0, which had leaves too, BFQ's since."""
    block_io = configured(config)
    settings = {
        "blkio.bfq.weight|blkio.weight": weight(block_io, "weight"),
        "blkio.leaf_weight": weight(block_io, "leafWeight"),
        "blkio.bfq.weight_device|blkio.weight_device": device_weights(block_io, "weight"),
        "blkio.leaf_weight_device": device_weights(block_io, "leafWeight"),
    }
    for name, (file, _) in THROTTLES.items():
        settings[file] = lines(f"{device(entry)} {entry['rate']}" for entry in throttles(block_io, name))
    return {file: text for file, text in settings.items() if text}


def v2(config: Config) -> dict[str, str]:
    """BFQ's weights are those of version 1; of io.weight, which is another scheme, it is not said what it should be."""
    block_io = configured(config)
    refuse_leaves(block_io)
    settings = {
        "io.bfq.weight": lines([weight(block_io, "weight"), device_weights(block_io, "weight")]),
        "io.max": lines(
            f"{device(entry)} {word}={entry['rate']}"
            for name, (_, word) in THROTTLES.items()
            for entry in throttles(block_io, name)
        ),
    }
    return {file: text for file, text in settings.items() if text}


def refuse_leaves(block_io: BlockIO) -> None:
    if "leafWeight" in block_io or any("leafWeight" in entry for entry in block_io.get("weightDevice", [])):
        raise errors.Unsupported("linux.resources.blockIO", "cgroup version 2 has no leafWeight")


def weight(block_io: BlockIO, name: str) -> str:
    found: dict[str, Any] = {**block_io}
    return str(found[name]) if name in found else ""


def device_weights(block_io: BlockIO, name: str) -> str:
    entries: list[Any] = [entry for entry in block_io.get("weightDevice", []) if name in entry]
    return lines(f"{device(entry)} {entry[name]}" for entry in entries)


def throttles(block_io: BlockIO, name: str) -> list[ThrottleDevice]:
    found: dict[str, Any] = {**block_io}
    return found.get(name, [])


def device(entry: WeightDevice | ThrottleDevice) -> str:
    return f"{entry['major']}:{entry['minor']}"


def lines(texts: Iterable[str]) -> str:
    return "\n".join(text for text in texts if text)
