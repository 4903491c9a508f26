"""config-linux.md#configLinuxDefaultFilesystems"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Mount

DEFAULTS: list[Mount] = [
    {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
    {
        "destination": "/dev/pts",
        "type": "devpts",
        "source": "devpts",
        "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
    },
    {
        "destination": "/dev/shm",
        "type": "tmpfs",
        "source": "shm",
        "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
    },
]


def complete(config: Config) -> list[Mount]:
    """The configured mounts, and those of the defaults that they leave out."""
    configured = config.get("mounts", [])
    complete = list(configured)
    for default in DEFAULTS:
        if not is_provided(configured, default["destination"]) and may_mount(config, default):
            complete.insert(place(complete, default["destination"]), default)
    return complete


def is_provided(configured: list[Mount], path: str) -> bool:
    """By an entry of its own, or by a bind mount that brings what lies below it."""
    return any(
        destination(entry) == path or (is_above(destination(entry), path) and "rbind" in entry.get("options", []))
        for entry in configured
    )


def may_mount(config: Config, default: Mount) -> bool:
    """In a user namespace, proc and sysfs come with a pid and a network namespace that are its own. Of namespaces that
    are joined nobody knows whose they are; the runtime's are not those of a user namespace that is joined."""
    entries = config.get("linux", {}).get("namespaces", [])
    listed, new = ({entry["type"] for entry in some} for some in (entries, [e for e in entries if "path" not in e]))
    needed = {"proc": "pid", "sysfs": "network"}.get(default.get("type", ""))
    return "user" not in listed or needed is None or needed in (new if "user" in new else listed)


def place(mounts: list[Mount], path: str) -> int:
    """After the last mount that would cover it, and before those that may lie on it."""
    above = [index for index, entry in enumerate(mounts) if is_above(destination(entry), path)]
    return above[-1] + 1 if above else 0


def destination(entry: Mount) -> str:
    return os.path.normpath("/" + entry["destination"].lstrip("/"))


def is_above(path: str, below: str) -> bool:
    return below.startswith(path.rstrip("/") + "/")
