"""RDMA devices of a test's own: in software, on a network device of this run's (rdma_rxe, rdma-link(8))."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from . import controllers, faults
from .network_devices import Pair


@pytest.fixture
def rdma_device(pair_of_devices: Callable[[], Pair]) -> Iterator[Callable[[], str]]:
    """Make an RDMA device: `rdma_device()` is its name."""
    if missing := controllers.lack("rdma"):
        raise faults.not_on_this_host(missing)
    made: list[str] = []

    def make() -> str:
        pair = pair_of_devices()
        name = f"rxe{os.getpid()}-{len(made)}"
        rdma("add", name, "type", "rxe", "netdev", pair.name)
        made.append(name)
        return name

    yield make
    for name in made:
        rdma("delete", name)


def rdma(*words: str) -> None:
    """`rdma link …`; not on this host where there is no such program, or where it cannot."""
    if (program := shutil.which("rdma")) is None:
        raise faults.not_on_this_host("the program rdma, to make an RDMA device")
    done = subprocess.run([program, "link", *words], capture_output=True, text=True)
    if done.returncode:
        raise faults.not_on_this_host(f"RDMA devices in software (rdma link: {done.stderr.strip()})")
