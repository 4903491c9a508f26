"""config-linux.md#configLinuxControlGroups: the container's cgroups, in every hierarchy that is mounted."""

from __future__ import annotations

import os
import signal

from ..config_linux import cgroups_path, device_allowedlist
from ..kernel import cgroups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import Container


def create(container: Container) -> None:
    """Each directory is noted as soon as it is there, so that `remove` can undo the half of it too."""
    path = cgroups_path.locate(container.config, container.id)
    for hierarchy in cgroups.hierarchies():
        container.cgroups.append(hierarchy.directory(path))
        container.made.append([])
        container.made[-1] += cgroups_path.create(hierarchy, path)
        device_allowedlist.apply(hierarchy, path, container.config)


def join(container: Container) -> None:
    for directory in container.cgroups:
        cgroups.enter(directory)


def members(container: Container) -> set[int]:
    """The processes in the cgroups that are the container's own."""
    own = [made[-1] for made in container.made if made and os.path.isdir(made[-1])]
    return {pid for directory in own for pid in cgroups.members(directory)}


def remove(container: Container) -> None:
    """End what is left of the container in there, and remove what was made."""
    for pid in members(container):
        kill(pid)
    for made in container.made:
        if made:
            cgroups_path.remove(made)


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
