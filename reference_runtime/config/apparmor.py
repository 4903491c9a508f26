"""config.md#configLinuxProcess: apparmorProfile"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config

ENABLED = "/sys/module/apparmor/parameters/enabled"
#: In the order of preference: the second is whose security module is the first one of the kernel's (before Linux 5.8).
ATTRIBUTES = ("self/attr/apparmor/exec", "self/attr/exec")


def check(config: Config) -> None:
    if config.get("process", {}).get("apparmorProfile"):
        refuse_without_apparmor()


def refuse_without_apparmor() -> None:
    if not is_enabled():
        raise errors.Unsupported("process.apparmorProfile", "this kernel runs without AppArmor")


def is_enabled() -> bool:
    try:
        return files.read(ENABLED).strip() == "Y"
    except FileNotFoundError:
        return False


def set_profile(profile: str, proc: int) -> None:
    """From the next execve on; a profile that is not loaded is refused now. `proc` is a descriptor of the host's /proc:
    the container's own, which may have none, is not to be trusted with this."""
    attribute = next(path for path in ATTRIBUTES if exists(path, proc))
    files.write(attribute, f"exec {profile}", proc)


def exists(path: str, proc: int) -> bool:
    return os.access(path, os.F_OK, dir_fd=proc)
