"""config-linux.md#configLinuxMountLabel"""

from __future__ import annotations

from .. import errors
from ..kernel import security

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Mount

#: File systems that are labelled by the policy, path for path, or that all their mounts share.
LABELLED_BY_POLICY = frozenset(("proc", "sysfs", "cgroup", "cgroup2", "mqueue"))


def check(config: Config) -> None:
    if config.get("linux", {}).get("mountLabel"):
        refuse_without_selinux()


def refuse_without_selinux() -> None:
    if not security.has_selinux():
        raise errors.Unsupported("linux.mountLabel", "this kernel runs without SELinux, or without a policy")


def label(config: Config, entry: Mount, options: list[str]) -> list[str]:
    """The file system's options with its label; one that the entry names itself comes first."""
    context = config.get("linux", {}).get("mountLabel")
    if not context or entry.get("type") in LABELLED_BY_POLICY or any(is_context(option) for option in options):
        return options
    return [*options, f'context="{context}"']


def is_context(option: str) -> bool:
    return option.partition("=")[0] in ("context", "fscontext", "defcontext", "rootcontext")
