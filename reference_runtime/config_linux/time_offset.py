"""config-linux.md#configLinuxTimeOffset"""

from __future__ import annotations

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config

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
    new = any(entry["type"] == "time" and "path" not in entry for entry in linux.get("namespaces", []))
    if linux.get("timeOffsets") and not new:
        raise errors.InvalidConfig("linux.timeOffsets", "needs a new time namespace")


def set_offsets(config: Config) -> None:
    """After unshare and before the first process of the namespace is born: then the kernel closes the book."""
    for clock, offset in config.get("linux", {}).get("timeOffsets", {}).items():
        files.write("/proc/self/timens_offsets", f"{clock} {offset.get('secs', 0)} {offset.get('nanosecs', 0)}\n")
