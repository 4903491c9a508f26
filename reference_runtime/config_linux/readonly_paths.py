"""config-linux.md#configLinuxReadonlyPaths"""

from __future__ import annotations

import os

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
            raise errors.InvalidConfig("linux.readonlyPaths", f"{path!r} is not an absolute path")


def listed(config: Config) -> list[str]:
    return config.get("linux", {}).get("readonlyPaths", [])


def make_all_readonly(config: Config) -> None:
    top = os.open("/", os.O_PATH | os.O_DIRECTORY)
    for path in listed(config):
        if (place := files.open_existing(top, path)) is not None:
            if os.path.sameopenfile(top, place):
                make_root_readonly(place)
            else:
                make_readonly(place, path)
            os.close(place)
    os.close(top)


def make_root_readonly(top: int) -> None:
    """Whoever is in a root would not see what is mounted onto it."""
    mounts.set_attributes(top, Attribute.RDONLY, recursive=True, about="/")


def make_readonly(place: int, path: str) -> None:
    """A mount of the path onto itself, read-only with all that is mounted below it."""
    tree = mounts.clone_opened(place, recursive=True, about=path)
    mounts.set_attributes(tree, Attribute.RDONLY, recursive=True, about=path)
    mounts.attach(tree, place, path)
    os.close(tree)
