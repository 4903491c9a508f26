"""The RDMA devices of this host: none is made, for Linux does not survive the end of one that had limits.

Removing a cgroup forgets to take its limits off their devices, and unregistering a device then writes to memory that is
gone (rdmacg_unregister_device, seen with 6.12). In a machine of one's own:

    ip link add v0 type veth peer name v1
    rdma link add rxe0 type rxe netdev v0
    rdma link add rxe1 type rxe netdev v1
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from . import controllers, faults
from .container import Container

DEVICES = Path("/sys/class/infiniband")


@pytest.fixture
def rdma_devices(container: Container, another: Callable[..., Container]) -> Iterator[list[str]]:
    """Their names; whatever a container of the test was given to limit them by is taken back while it is there."""
    if missing := controllers.lack("rdma"):
        raise faults.not_on_this_host(missing)
    if not (names := sorted(device.name for device in DEVICES.glob("*"))):
        raise faults.not_on_this_host("an RDMA device")
    yield names
    hierarchy = controllers.hierarchy_of("rdma")
    assert hierarchy
    for directory, _, files in os.walk(hierarchy.mountpoint):
        if container.id in directory and "rdma.max" in files:
            lift(Path(directory, "rdma.max"), names)


def lift(file: Path, names: list[str]) -> None:
    """Take the limits of these devices back, in an rdma.max."""
    for name in names:
        with suppress(OSError):  # gone, and with it what was to be taken back
            file.write_text(f"{name} hca_handle=max hca_object=max")
