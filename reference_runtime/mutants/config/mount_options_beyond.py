# pyright: basic, reportPrivateUsage=false
"""config.md#configLinuxMountOptions: tmpcopyup, options as mount(8) has them, and options of file systems"""

from __future__ import annotations

import os
import stat
from typing import Any

from ...config import mount_options, tmpcopyup
from ..ways import Change, Mutants, given, instead, reading, without
from .mounts import further, leave_out

#: What mount(8) knows beyond the table.
CUSTOM = {"noauto", "nofail", "users"}


def copy_files_alone(source: int, target: int) -> None:
    for name in os.listdir(source):
        if stat.S_ISREG(os.stat(name, dir_fd=source, follow_symlinks=False).st_mode):
            tmpcopyup.copy_file(name, source, target)


def bind_instead(config: Any) -> None:
    """What is written there arrives in the root file system."""
    for entry in further(config):
        if "tmpcopyup" in entry.get("options", []):
            entry["source"], entry["options"] = os.path.join("rootfs", entry["destination"].lstrip("/")), ["bind"]


def changing_options(change: Any) -> Change:
    def change_all(config: Any) -> None:
        for entry in further(config):
            entry["options"] = change(entry.get("options", []))

    return reading(change_all)


def is_custom(entry: Any) -> bool:
    return bool(CUSTOM & set(entry.get("options", [])))


MUTANTS: Mutants = {
    "mntopt.tmpcopyup": [
        instead(tmpcopyup.copy_tree, copy_files_alone),
        without(tmpcopyup.copy_looks),
        reading(bind_instead),
    ],
    "mntopt.must-as-mount8": [
        given(mount_options.parse, lambda words: (sorted(words),)),
        given(mount_options.parse, lambda words: (words[::-1],)),
    ],
    "mntopt.custom-as-mount8": [
        reading(lambda config: leave_out(config, is_custom)),
        changing_options(lambda options: [option for option in options if option not in CUSTOM]),
    ],
    "mntopt.unknown-as-data": [
        changing_options(lambda options: [option for option in options if option != "bookends"]),
        changing_options(lambda options: [option.split(",")[0] for option in options if not option.startswith("uid")]),
    ],
}
