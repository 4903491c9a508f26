"""config-linux.md#configLinuxDefaultFilesystems"""

from __future__ import annotations

from ...config_linux import default_filesystems
from ..ways import Change, Mutants, giving


def leaving_out(path: str) -> Change:
    """The default of this path is not among those that complete the config's mounts."""
    default = next(entry for entry in default_filesystems.DEFAULTS if entry["destination"] == path)
    return giving(default_filesystems.complete, lambda found: [entry for entry in found if entry is not default])


MUTANTS: Mutants = {
    "defaultfs.proc": [leaving_out("/proc")],
    "defaultfs.sys": [leaving_out("/sys")],
    "defaultfs.dev.pts": [leaving_out("/dev/pts")],
    "defaultfs.dev.shm": [leaving_out("/dev/shm")],
}
