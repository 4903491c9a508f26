"""config-linux.md#configLinuxDefaultFilesystems"""

from __future__ import annotations

from typing import Any

from ...config_linux import default_filesystems
from ..ways import Change, Mutants, giving, reading


def leaving_out(path: str) -> Change:
    """The default of this path is not among those that complete the config's mounts."""
    default = next(entry for entry in default_filesystems.DEFAULTS if entry["destination"] == path)
    return giving(default_filesystems.complete, lambda found: [entry for entry in found if entry is not default])


def of_another_type(path: str) -> Change:
    """What is listed for this path becomes a file system that is none of the four."""

    def change(config: Any) -> None:
        for entry in config.get("mounts", []):
            if entry["destination"] == path:
                entry |= {"type": "ramfs", "source": "ramfs", "options": []}

    return reading(change)


MUTANTS: Mutants = {
    "defaultfs.proc": [leaving_out("/proc")],
    "defaultfs.sys": [leaving_out("/sys"), of_another_type("/sys")],
    "defaultfs.dev.pts": [leaving_out("/dev/pts"), of_another_type("/dev/pts")],
    "defaultfs.dev.shm": [leaving_out("/dev/shm"), of_another_type("/dev/shm")],
}
