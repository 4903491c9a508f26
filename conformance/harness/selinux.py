"""Whether this kernel knows SELinux's labels, and one that a process can be given."""

import os
from pathlib import Path

from . import libc

ATTRIBUTES = Path("/proc/thread-self/attr")
#: Categories that nobody has by default.
LEVEL = "s0:c124,c675"
NO_POLICY = "a policy of SELinux"
CONTAINER = f"system_u:system_r:container_t:{LEVEL}"
FILES = f"system_u:object_r:container_file_t:{LEVEL}"


def lack() -> str | None:
    """Why nothing can be labelled here; None where it can. Without a policy there are no labels."""
    if "selinuxfs" not in Path("/proc/filesystems").read_text().split():
        return "SELinux, in the running kernel"
    return NO_POLICY if own() == "kernel" else None


def own() -> str:
    return (ATTRIBUTES / "current").read_text().rstrip("\0\n")


def label() -> str | None:
    """A label that the policy knows and this process does not have: its own with another level, or a container's."""
    candidates = [":".join([*own().split(":")[:3], LEVEL]), CONTAINER]
    return next((each for each in candidates if each != own() and is_known(each)), None)


def label_of_files(place: Path) -> str | None:
    """A label that the policy lets a mount have and that this directory has not; `place` is an empty directory."""
    candidates = [FILES, ":".join([*own_of(place).split(":")[:3], LEVEL]), "system_u:object_r:tmp_t:s0"]
    return next((each for each in candidates if each != own_of(place) and can_be_mounted(each, place)), None)


def own_of(path: Path) -> str:
    return os.getxattr(path, "security.selinux").decode().rstrip("\0")


def can_be_mounted(wanted: str, place: Path) -> bool:
    try:
        libc.mount("trial", str(place), "tmpfs", data=f'context="{wanted}"')
    except OSError:
        return False
    libc.umount(str(place))
    return True


def is_known(wanted: str) -> bool:
    return libc.refusal(lambda: (ATTRIBUTES / "exec").write_text(wanted)) is None
