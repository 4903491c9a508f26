"""The container's cgroups as the kernel has them, for tests of what is written into them."""

from pathlib import Path

import pytest

from . import cgroups, controllers, faults
from .container import Config, Container


class Cgroup:
    """The real place of a created container's process in each hierarchy: the truth, and not the config's wish.

    Controllers go by the name that version 1 has for them (`blkio`); `unified` is the hierarchy of version 2 itself.
    """

    def __init__(self, container: Container) -> None:
        self._container = container

    def version(self, controller: str) -> int:
        """Which version of cgroups this host has the controller in; not on this host where in none."""
        return self.hierarchy(controller).version

    def directory(self, controller: str) -> Path:
        """The cgroup of the container's process, in the hierarchy that has the controller."""
        path = self.path(controller)
        if path.startswith("/.."):
            raise faults.Fault("a cgroup below this host's topmost one", path)
        return self.hierarchy(controller).mountpoint / path.lstrip("/")

    def path(self, controller: str) -> str:
        """The same from the hierarchy's top, as /proc/PID/cgroup tells it."""
        hierarchy = self.hierarchy(controller)
        for line in (self._container.process / "cgroup").read_text().splitlines():
            names, path = line.split(":", 2)[1:]
            if names == ("" if hierarchy.version == 2 else hierarchy.options):
                return path
        raise LookupError(f"{hierarchy.mountpoint} is not in the process' /proc/PID/cgroup")

    def value(self, controller: str, *, v1: str, v2: str) -> str:
        """The text of one of its files, which has another name in each version; the runtime's fault if not there.

        A host on which no cgroup has the file is told from the config: see host.LOOKS.
        """
        file = self.file(controller, v1=v1, v2=v2)
        try:
            return file.read_text().strip()
        except FileNotFoundError:
            raise faults.Fault(f"{file.name} in the container's cgroup", f"no such file: {file}") from None

    def file(self, controller: str, *, v1: str, v2: str) -> Path:
        return self.directory(controller) / (v1 if self.version(controller) == 1 else v2)

    def hierarchy(self, controller: str) -> cgroups.Hierarchy:
        if controller == "unified":
            found = next((each for each in cgroups.hierarchies() if each.version == 2), None)
        else:
            found = controllers.hierarchy_of(controller)
        if found is None:
            raise faults.not_on_this_host("cgroup version 2" if controller == "unified" else f"controller {controller}")
        return found


@pytest.fixture
def cgroup(config: Config, container: Container) -> Cgroup:
    """A place of the test's own for the container's cgroups; `another` container of the config gets one of its own."""
    config["linux"]["cgroupsPath"] = f"/{container.id}"
    return Cgroup(container)
