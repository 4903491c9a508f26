"""config-linux.md#configLinuxMaskedPaths"""

from __future__ import annotations

import os
import stat

from .. import errors
from ..kernel import files, mounts
from ..kernel.mounts import Attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config


def check(config: Config) -> None:
    refuse_relative(config)


def refuse_relative(config: Config) -> None:
    for path in listed(config):
        if not path.startswith("/"):
            raise errors.InvalidConfig("linux.maskedPaths", f"{path!r} is not an absolute path")


def listed(config: Config) -> list[str]:
    return config.get("linux", {}).get("maskedPaths", [])


def mask_all(config: Config) -> None:
    top = os.open("/", os.O_PATH | os.O_DIRECTORY)
    for path in listed(config):
        if (place := files.open_existing(top, path)) is not None:
            refuse_root(top, place, path)
            mask(place, path)
            os.close(place)
    os.close(top)


def refuse_root(top: int, place: int, path: str) -> None:
    """Whoever is in a root would not see what is mounted onto it."""
    if os.path.sameopenfile(top, place):
        raise errors.Unsupported("linux.maskedPaths", f"{path!r} is the root file system itself")


def mask(place: int, path: str) -> None:
    """Cover it: a directory with an empty one, a file with /dev/null. Not even root reads what is below."""
    cover = empty_directory() if files.is_directory(place) else null_device()
    mounts.attach(cover, place, path)
    os.close(cover)


def empty_directory() -> int:
    tree = mounts.new_filesystem("tmpfs", "tmpfs", ["ro", "size=0k", "mode=755"])
    mounts.set_attributes(tree, Attribute.RDONLY | Attribute.NOSUID | Attribute.NODEV | Attribute.NOEXEC)
    return tree


def null_device() -> int:
    """The device and nothing else: the root file system might have a link of that name, to be shown as the mask."""
    found = os.open("/dev/null", os.O_PATH | os.O_NOFOLLOW)
    looks = os.fstat(found)
    if not stat.S_ISCHR(looks.st_mode) or looks.st_rdev != os.makedev(1, 3):
        raise errors.Unsupported("linux.maskedPaths", "/dev/null is not the null device")
    tree = mounts.clone_opened(found, recursive=False, about="/dev/null")
    os.close(found)
    return tree
