"""config.md#configRoot"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import mounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config


def check(config: Config, bundle: str) -> None:
    refuse_missing(config)
    refuse_no_directory(config, bundle)


def refuse_missing(config: Config) -> None:
    if "root" not in config:
        raise errors.InvalidConfig("root", "is missing")


def refuse_no_directory(config: Config, bundle: str) -> None:
    """The path leads to a directory that is already there."""
    if not os.path.isdir(locate(config, bundle)):
        raise errors.InvalidConfig("root.path", f"no directory at {locate(config, bundle)}")


def locate(config: Config, bundle: str) -> str:
    """An absolute path stands for itself, a relative one starts at the bundle."""
    return os.path.realpath(os.path.join(bundle, config["root"]["path"]))


def clone(path: str) -> int:
    """Make the root file system a mount of its own, so that it can become `/`; a descriptor of that mount's top."""
    tree = mounts.clone_tree(path, recursive=True)
    # In a peer group of the host's, every mount made in here would show up out there.
    mounts.set_attributes(tree, propagation=mounts.Mount.SLAVE, about=path)
    return tree


def attach(tree: int, path: str) -> None:
    """Where it came from, on top of itself."""
    place = os.open(path, os.O_PATH | os.O_DIRECTORY)
    mounts.attach(tree, place, path)
    os.close(place)


def pivot(tree: int) -> None:
    """Make the tree `/` and let go of the old root, so that not even root gets back to it."""
    old = os.open("/", os.O_PATH | os.O_DIRECTORY)
    os.fchdir(tree)
    mounts.pivot_root(".", ".")
    os.fchdir(old)
    # The umount below is for this mount table: a shared mount would pass it on to the host.
    mounts.set_propagation(".", mounts.Mount.SLAVE | mounts.Mount.REC)
    mounts.umount(".", mounts.MNT_DETACH)
    os.chdir("/")
    os.close(old)


def move(tree: int) -> None:
    """What pivot_root cannot do on an initial ramfs: move the tree over `/` (--no-pivot)."""
    os.fchdir(tree)
    mounts.mount(".", "/", None, mounts.Mount.MOVE)
    enter(tree)


def enter(tree: int) -> None:
    """In a mount table that is not the container's alone, only the process's own root may change."""
    os.fchdir(tree)
    os.chroot(".")
    os.chdir("/")


def make_readonly(config: Config) -> None:
    """The root file system cannot be written to; what is mounted below it is a matter of its own options."""
    if config["root"].get("readonly"):
        top = os.open("/", os.O_PATH | os.O_DIRECTORY)
        mounts.set_attributes(top, mounts.Attribute.RDONLY, about="/")
        os.close(top)


def detach(mount_id: str, path: str) -> None:
    """Take the tree away, with all that is mounted in it, from a mount table that outlives the container.

    Somebody may have done so before, and the kernel gives the numbers of mounts anew: the place decides too.
    """
    if path in mounts.mountpoints(mount_id):
        mounts.umount(path, mounts.MNT_DETACH)
