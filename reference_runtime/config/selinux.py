"""config.md#configLinuxProcess: selinuxLabel"""

from __future__ import annotations

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config


def check(config: Config) -> None:
    if config.get("process", {}).get("selinuxLabel"):
        refuse_without_selinux()


def refuse_without_selinux() -> None:
    if not is_enabled():
        raise errors.Unsupported("process.selinuxLabel", "this kernel runs without SELinux, or without a policy")


def is_enabled() -> bool:
    """Its file system is there only where SELinux runs; and without a policy everything is labelled `kernel`."""
    if "selinuxfs" not in files.read("/proc/filesystems").split():
        return False
    return files.read("/proc/self/attr/current").rstrip("\0\n") != "kernel"


def set_label(label: str, proc: int) -> None:
    """From the next execve on; a label that the policy does not know is refused now. `proc` is a descriptor of the
    host's /proc: the container's own, which may have none, is not to be trusted with this."""
    files.write("self/attr/exec", label, proc)
