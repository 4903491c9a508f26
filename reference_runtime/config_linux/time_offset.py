"""config-linux.md#configLinuxTimeOffset"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, TimeOffset

CLOCKS = ("monotonic", "boottime")


def check(config: Config) -> None:
    refuse_unknown_clock(config)
    refuse_without_namespace(config)


def refuse_unknown_clock(config: Config) -> None:
    for clock in config.get("linux", {}).get("timeOffsets", {}):
        if clock not in CLOCKS:
            raise errors.InvalidConfig("linux.timeOffsets", f"{clock!r} is no clock of time_namespaces(7)")


def refuse_without_namespace(config: Config) -> None:
    linux = config.get("linux", {})
    listed = [entry for entry in linux.get("namespaces", []) if entry["type"] == "time"]
    if linux.get("timeOffsets") and not listed:
        raise errors.InvalidConfig("linux.timeOffsets", "needs a new time namespace")
    if linux.get("timeOffsets") and any("path" in entry for entry in listed):
        raise errors.Unsupported("linux.timeOffsets", "a namespace that is there has its own")


def configured(config: Config) -> dict[str, TimeOffset]:
    return config.get("linux", {}).get("timeOffsets", {})


def open_offsets(config: Config) -> int | None:
    """Early: a process that has changed its user may no longer open its own file in /proc."""
    return os.open("/proc/self/timens_offsets", os.O_WRONLY) if configured(config) else None


def set_offsets(descriptor: int | None, config: Config) -> None:
    """After unshare and before the first process of the namespace is born: then the kernel closes the book."""
    if descriptor is None:
        return
    for clock, offset in configured(config).items():
        line = f"{clock} {offset.get('secs', 0)} {offset.get('nanosecs', 0)}\n"
        files.put(descriptor, line, about=f"config.json: linux.timeOffsets.{clock}")
    os.close(descriptor)
