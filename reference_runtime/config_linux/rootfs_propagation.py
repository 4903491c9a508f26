"""config-linux.md#configLinuxRootfsMountPropagation"""

from __future__ import annotations

import os

from ..kernel import files, mounts
from ..kernel.mounts import Mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config

KINDS = {
    "shared": Mount.SHARED,
    "slave": Mount.SLAVE,
    "private": Mount.PRIVATE,
    "unbindable": Mount.UNBINDABLE,
}


def configured(config: Config) -> Mount:
    return KINDS[config.get("linux", {}).get("rootfsPropagation", "private")]


def isolate(config: Config, root: str) -> None:
    """Before the first mount in the new table: nothing that is done here may reach the host.

    Host mounts stay masters where they can be of use: for a slave root, and for volumes that are slaves.
    """
    asked_for = config.get("linux", {}).get("rootfsPropagation")
    if asked_for == "shared":
        isolate_parent(root)
    else:
        private = asked_for in ("private", "unbindable")
        mounts.set_propagation("/", (Mount.PRIVATE if private else Mount.SLAVE) | Mount.REC)


def isolate_parent(root: str) -> None:
    """Volumes may stay shared with the host, but not the mount that the new root is going to be attached to."""
    place = os.open(root, os.O_PATH | os.O_DIRECTORY)
    for mountpoint in mounts.mountpoints(files.mount_of(place)):
        mounts.set_propagation(mountpoint, Mount.PRIVATE)
    os.close(place)


def leave_peers(tree: int, config: Config) -> None:
    """The root's own mount stops hearing from the host, unless it is to be the host's slave."""
    if configured(config) != Mount.SLAVE:
        mounts.set_attributes(tree, propagation=Mount.PRIVATE)


def set_propagation(config: Config) -> None:
    """The kind that is asked for, once nothing is left to be mounted: an unbindable root cannot be bound."""
    top = os.open("/", os.O_PATH | os.O_DIRECTORY)
    if configured(config) in (Mount.SHARED, Mount.UNBINDABLE):
        mounts.set_attributes(top, propagation=configured(config))
    os.close(top)
