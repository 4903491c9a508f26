"""config.md#configLinuxProcess: selinuxLabel"""

from __future__ import annotations

from .. import errors
from ..kernel import files, security

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config


def check(config: Config) -> None:
    if config.get("process", {}).get("selinuxLabel"):
        refuse_without_selinux()


def refuse_without_selinux() -> None:
    if not security.has_selinux():
        raise errors.Unsupported("process.selinuxLabel", "this kernel runs without SELinux, or without a policy")


def open_attribute(proc: int) -> int:
    """What this process will be labelled after its next execve; `proc` is a descriptor of a /proc that is trusted."""
    return files.open_to_write("self/attr/exec", proc)


def set_label(label: str, attribute: int) -> None:
    """From the next execve on; a label that the policy does not know is refused now."""
    files.put(attribute, label, about=f"SELinux label {label}")
