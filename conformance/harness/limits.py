"""The container's cgroups as the kernel has them, for tests of what is written into them."""

import os
from pathlib import Path

import pytest

from . import cgroups, controllers, faults
from .container import Config, Container, generates_an_error


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
        return self.directory_in(self.hierarchy(controller))

    def directory_in(self, hierarchy: cgroups.Hierarchy) -> Path:
        path = self.path_in(hierarchy)
        if path.startswith("/.."):
            raise faults.Fault("a cgroup below this host's topmost one", path)
        return hierarchy.mountpoint / path.lstrip("/")

    def path(self, controller: str) -> str:
        """The same from the hierarchy's top, as /proc/PID/cgroup tells it."""
        return self.path_in(self.hierarchy(controller))

    def path_in(self, hierarchy: cgroups.Hierarchy) -> str:
        return self.paths[str(hierarchy.mountpoint)]

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
        return controllers.place_of(controller)

    @property
    def paths(self) -> dict[str, str]:
        """Every hierarchy's mount point → where in it the container's process is."""
        return self.paths_of(self._container.process)

    @staticmethod
    def paths_of(process: Path) -> dict[str, str]:
        """The same of any process, a directory of /proc."""
        lines = [line.split(":", 2)[1:] for line in (process / "cgroup").read_text().splitlines()]
        told = {frozenset(names.split(",")): path for names, path in lines}
        return {str(each.mountpoint): told[frozenset(each.options.split(","))] for each in cgroups.hierarchies()}

    def owners(self, hierarchy: cgroups.Hierarchy) -> dict[str, int]:
        """The user to whom the container's cgroup belongs (`.`), and each of its files."""
        directory = self.directory_in(hierarchy)
        return {name: (directory / name).stat().st_uid for name in (".", *os.listdir(directory))}


def refused(container: Container) -> None:
    """create generates an error."""
    with generates_an_error():
        container.create()


@pytest.fixture
def cgroup(config: Config, container: Container) -> Cgroup:
    """A place of the test's own for the container's cgroups; `another` container of the config gets one of its own."""
    config["linux"]["cgroupsPath"] = f"/{container.id}"
    return Cgroup(container)


@pytest.fixture
def version_2() -> cgroups.Hierarchy:
    """The gate of tests about hosts that have version 2, and nothing beside it."""
    if cgroups.mode() != "v2":
        raise faults.not_on_this_host("cgroup version 2 alone")
    return cgroups.hierarchies()[0]


@pytest.fixture
def version_1() -> list[cgroups.Hierarchy]:
    """The gate of tests about hosts that have version 1, alone or beside version 2: all hierarchies."""
    if cgroups.mode() not in ("v1", "hybrid"):
        raise faults.not_on_this_host("cgroup version 1")
    return cgroups.hierarchies()
