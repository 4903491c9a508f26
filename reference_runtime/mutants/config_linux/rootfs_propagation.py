# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxRootfsMountPropagation"""

from __future__ import annotations

import os
from typing import Any

from ...config_linux import rootfs_propagation
from ...kernel import mounts
from ..ways import Change, Mutants, instead, reading

MOVE_MOUNT_SET_GROUP = 0x100
isolate = rootfs_propagation.isolate
set_propagation = rootfs_propagation.set_propagation


def taking(asked: str, given: str) -> Change:
    """One kind for another."""

    def change(config: Any) -> None:
        if config["linux"].get("rootfsPropagation") == asked:
            config["linux"]["rootfsPropagation"] = given

    return reading(change)


def forget_unknown(config: Any) -> None:
    if config["linux"].get("rootfsPropagation", "shared") not in rootfs_propagation.KINDS:
        del config["linux"]["rootfsPropagation"]


def stay_a_peer(config: Any, root: str) -> None:
    """Keep hold of the host's peer group, and have the container's root join it at the end."""
    host = mounts.clone_tree(root, recursive=False)
    isolate(config, root)

    def join(config: Any) -> None:
        set_propagation(config)
        if config["linux"].get("rootfsPropagation") == "shared":
            top = os.open("/", os.O_PATH | os.O_DIRECTORY)
            mounts.set_attributes(top, propagation=mounts.Mount.PRIVATE)
            flags = MOVE_MOUNT_SET_GROUP | mounts.MOVE_MOUNT_F_EMPTY_PATH | mounts.MOVE_MOUNT_T_EMPTY_PATH
            mounts._move_mount(host, b"", top, b"", flags)

    rootfs_propagation.set_propagation = join


MUTANTS: Mutants = {
    "rootprop.values": [reading(forget_unknown)],
    "rootprop.shared": [taking("shared", "private"), taking("shared", "slave")],
    "rootprop.slave": [taking("slave", "private"), taking("slave", "shared")],
    "rootprop.private": [taking("private", "slave"), taking("private", "shared")],
    "rootprop.unbindable": [taking("unbindable", "private"), taking("unbindable", "slave")],
    "rootprop.not-host": [instead(rootfs_propagation.isolate, stay_a_peer)],
}
