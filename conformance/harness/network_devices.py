"""Fixtures that own network devices: pairs, of which a container is given one and this run keeps the other."""

import itertools
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from . import faults, netlink
from .container import Container
from .netlink import Address, Device, Stack
from .resources import HeldNamespace
from .runtime import Runtime

NUMBERS = itertools.count(1)


class Pair:
    """Two devices of this run's network namespace, with a wire between them: `name` is the one to be moved."""

    def __init__(self, stack: Stack) -> None:
        # No other worker's, and no other run's on this host.
        self.name = f"oci{os.getpid()}-{next(NUMBERS)}"
        self.peer = f"{self.name}p"
        self.stack = stack
        self._heard: list[socket.socket] = []
        try:
            stack.make_pair(self.name, self.peer)
        except OSError as problem:
            raise faults.not_on_this_host(f"pairs of network devices, veth ({problem.strerror})") from None

    @property
    def device(self) -> Device:
        """What the one to be moved is like."""
        return self.stack.devices[self.name]

    @property
    def is_here(self) -> bool:
        return self.name in self.stack.devices

    def has(self, *addresses: str) -> None:
        for address in addresses:
            self.stack.add_address(self.name, Address(address))

    def listens(self, address: str, family: int) -> socket.socket:
        """Bring the end that stays here up, with an address; what is sent to that address arrives at the socket."""
        self.stack.add_address(self.peer, Address(address))
        self.stack.change(self.peer, flags={netlink.UP: True})
        heard = socket.socket(family, socket.SOCK_DGRAM)
        heard.bind((address.partition("/")[0], 0))
        self._heard.append(heard)
        return heard

    def remove(self) -> None:
        """Both of them, wherever the other one is."""
        for heard in self._heard:
            heard.close()
        self.stack.remove(self.peer)


@pytest.fixture
def here() -> Iterator[Stack]:
    """The devices of this run's own network namespace, which is the runtime's too."""
    stack = Stack()
    yield stack
    stack.close()


@pytest.fixture
def pair_of_devices(here: Stack, runtime: Runtime, same_kernel: None) -> Iterator[Callable[[], Pair]]:
    """Make a pair of devices: `pair_of_devices()`, each removed after the test."""
    made: list[Pair] = []

    def make() -> Pair:
        made.append(Pair(here))
        return made[-1]

    yield make
    for pair in made:
        pair.remove()


@pytest.fixture
def devices_of() -> Iterator[Callable[[Container | HeldNamespace], Stack]]:
    """The devices of a container's network namespace, or of one that is held, as seen from outside."""
    with ExitStack() as opened:

        def look(owner: Container | HeldNamespace) -> Stack:
            path = owner.path if isinstance(owner, HeldNamespace) else str(owner.process / "ns" / "net")
            stack = Stack(path)
            opened.callback(stack.close)
            return stack

        yield look
