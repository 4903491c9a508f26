"""config-linux.md#configLinuxMaskedPaths"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import mounts
from ..kernel.mounts import Mount

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
    for path in listed(config):
        if os.path.exists(path):
            mask(path)


def mask(path: str) -> None:
    """Cover it: a directory with an empty one, a file with /dev/null. Not even root reads what is below."""
    if os.path.isdir(path):
        flags = Mount.RDONLY | Mount.NOSUID | Mount.NODEV | Mount.NOEXEC
        mounts.mount("tmpfs", path, "tmpfs", flags, "size=0k,mode=755")
    else:
        mounts.mount("/dev/null", path, None, Mount.BIND)
