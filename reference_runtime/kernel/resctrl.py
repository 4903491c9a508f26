"""The resctrl file system: shares of caches and of memory bandwidth, each class of service a directory."""

from __future__ import annotations

import os

from . import files

MON_GROUPS = "mon_groups"


def mountpoint() -> str | None:
    """Where it is mounted, at the mount that is on top; None where it is not."""
    found = None
    for line in files.read("/proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("resctrl "):
            found = files.unescape(before.split(" ")[4])
    return found


def make(group: str) -> bool:
    """Whether the group had to be made: the kernel has only so many."""
    try:
        os.mkdir(group, 0o755)
    except FileExistsError:
        return False
    return True


def remove(group: str) -> None:
    """Its processes become the default group's, or those of the class that a monitoring group is in."""
    os.rmdir(group)


def assign(group: str, pid: int) -> None:
    files.write(os.path.join(group, "tasks"), str(pid))


def write_schemata(group: str, schema: str) -> None:
    """One write, which may have several lines, each of another resource."""
    files.write(os.path.join(group, "schemata"), schema.rstrip("\n") + "\n")


def schemata(group: str) -> dict[str, dict[str, str]]:
    """Resource → domain → what is written of it."""
    return parse(files.read(os.path.join(group, "schemata")))


def parse(schema: str) -> dict[str, dict[str, str]]:
    """The lines of a schemata file, or of what is to be written to one."""
    found: dict[str, dict[str, str]] = {}
    for line in filter(str.strip, schema.splitlines()):
        resource, _, settings = line.partition(":")
        pairs = (setting.partition("=") for setting in settings.split(";"))
        found[resource.strip()] = {domain.strip(): value.strip() for domain, _, value in pairs}
    return found
