"""Cgroups that are there before the container that is to be put into them."""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import cgroups, controllers, faults
from .container import Config, Container


@pytest.fixture
def existing_cgroup(config: Config, container: Container) -> Iterator[Callable[[str], Path]]:
    """Make the config's cgroup in the hierarchy of a controller (version 1's name): `existing_cgroup("memory")`.

    Its directory is below one that is the test's own: that outlives a runtime which removes what it was given.
    """
    name = f"existing-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{secrets.token_hex(4)}"

    def make(controller: str) -> Path:
        hierarchy = controllers.hierarchy_of(controller)
        if hierarchy is None:
            raise faults.not_on_this_host(f"cgroup controller {controller}")
        config["linux"]["cgroupsPath"] = f"/{name}/container"
        directory = hierarchy.mountpoint / name / "container"
        directory.mkdir(parents=True)
        if hierarchy.version == 2:
            cgroups.enable(hierarchy.mountpoint)
            cgroups.enable(hierarchy.mountpoint / name)
        return directory

    yield make
    try:
        container.remove()
    finally:
        container.abandon()
        for hierarchy in cgroups.hierarchies():
            cgroups.sweep(hierarchy.mountpoint / name)
