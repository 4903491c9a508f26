# pyright: basic
"""config-linux.md#configLinuxDefaultFilesystems, #configLinuxMaskedPaths, #configLinuxReadonlyPaths,
#configLinuxRootfsMountPropagation"""

from __future__ import annotations

import os
from typing import Any

from ...config_linux import default_filesystems, masked_paths, readonly_paths, rootfs_propagation
from ...kernel import mounts
from ...kernel.mounts import Mount
from ..ways import Change, Mutants, given, instead, reading, without

is_provided = default_filesystems.is_provided
mask = masked_paths.mask
make_readonly = readonly_paths.make_readonly


def leave_to_the_config(path: str) -> Change:
    return instead(
        default_filesystems.is_provided, lambda configured, default: default == path or is_provided(configured, default)
    )


def lock(path: str) -> None:
    """Permissions, which root need not heed."""
    try:
        os.chmod(path, 0)
    except OSError:
        mask(path)


def bind_writable(path: str) -> None:
    mounts.mount(path, path, None, Mount.BIND | Mount.REC)


def forgive_propagation(config: Any) -> None:
    linux = config.get("linux", {})
    if linux.get("rootfsPropagation") not in (None, *rootfs_propagation.KINDS):
        del linux["rootfsPropagation"]


def taken_for(asked: str, done: str) -> Change:
    def change(config: Any) -> None:
        if config.get("linux", {}).get("rootfsPropagation") == asked:
            config["linux"]["rootfsPropagation"] = done

    return reading(change)


def fail_on_missing(listed: Any, act: Any) -> Any:
    def strictly(config: Any) -> None:
        for path in listed(config):
            if path.startswith(("/proc", "/sys")) and not os.path.exists(path):
                continue  # What the ordinary bundle lists is not on every kernel.
            os.stat(path)
            act(path)

    return strictly


MUTANTS: Mutants = {
    "defaultfs.proc": [leave_to_the_config("/proc")],
    "defaultfs.sys": [leave_to_the_config("/sys")],
    "defaultfs.dev.pts": [leave_to_the_config("/dev/pts")],
    "defaultfs.dev.shm": [leave_to_the_config("/dev/shm")],
    "masked.unreadable": [instead(masked_paths.mask, lock), without(masked_paths.mask_all)],
    "masked.no-write-through": [instead(masked_paths.mask, lambda path: None)],
    "masked.absolute": [without(masked_paths.refuse_relative)],
    "masked.nonexistent": [instead(masked_paths.mask_all, fail_on_missing(masked_paths.listed, mask))],
    "readonly.set": [instead(readonly_paths.make_readonly, bind_writable)],
    "readonly.absolute": [without(readonly_paths.refuse_relative)],
    "readonly.nonexistent": [
        instead(readonly_paths.make_all_readonly, fail_on_missing(readonly_paths.listed, make_readonly))
    ],
    "rootprop.values": [reading(forgive_propagation)],
    "rootprop.slave": [taken_for("slave", "private")],
    "rootprop.private": [taken_for("private", "slave")],
    "rootprop.shared": [taken_for("shared", "private")],
    "rootprop.unbindable": [taken_for("unbindable", "private")],
    "rootprop.not-host": [
        given(rootfs_propagation.leave_peers, lambda tree, config: (tree, {"linux": {"rootfsPropagation": "slave"}}))
    ],
}
