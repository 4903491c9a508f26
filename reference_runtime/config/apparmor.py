"""config.md#configLinuxProcess: apparmorProfile"""

from __future__ import annotations

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config

ENABLED = "/sys/module/apparmor/parameters/enabled"
ATTRIBUTE, ATTRIBUTE_BEFORE_5_8 = "self/attr/apparmor/exec", "self/attr/exec"


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


def open_attribute(proc: int) -> int:
    """What will confine this process after its next execve; `proc` is a descriptor of a /proc that is trusted."""
    try:
        return files.open_to_write(ATTRIBUTE, proc)
    except FileNotFoundError:
        return files.open_to_write(ATTRIBUTE_BEFORE_5_8, proc)


def set_profile(profile: str, attribute: int) -> None:
    """From the next execve on; a profile that is not loaded is refused now."""
    files.put(attribute, f"exec {profile}", about=f"AppArmor profile {profile}")
