"""Fixtures that own network devices: pairs, of which a container is given one and this run keeps the other."""

import errno
import functools
import itertools
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress

import pytest

from . import controllers, faults, netlink
from .container import Config, Container
from .netlink import Address, Device, Stack
from .resources import HeldNamespace
from .runtime import Runtime

NUMBERS = itertools.count(1)


#: What a kernel without IPv6 says of an address, and one in which it is switched off.
NO_IPV6 = (errno.EOPNOTSUPP, errno.EAFNOSUPPORT, errno.EACCES)


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
            self._give(self.name, address)

    def _give(self, name: str, address: str) -> None:
        try:
            self.stack.add_address(name, Address(address))
        except OSError as problem:
            if ":" not in address or problem.errno not in NO_IPV6:
                raise
            raise faults.not_on_this_host(f"IPv6, for an address of a device ({problem.strerror})") from None

    def is_up_with(self, address: str) -> object:
        """Bring it up, with an address; its condition then."""
        self.has(address)
        self.stack.change(self.name, flags={netlink.UP: True})
        return self.condition

    @property
    def condition(self) -> object:
        """Whether it is here, and what it is like: its lasting addresses too."""
        return self.is_here, self.stack.devices.get(self.name), self.stack.lasting_addresses(self.name)

    def listens(self, address: str, family: int) -> socket.socket:
        """Bring the end that stays here up, with an address; what is sent to that address arrives at the socket."""
        self._give(self.peer, address)
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
def two_interfaces(here: Stack) -> Iterator[list[str]]:
    """Two names that there are in the runtime's network namespace and in the initial one: only there Linux looks for
    interfaces to give them priorities."""
    if (hierarchy := controllers.hierarchy_of("net_prio")) is None:
        raise faults.not_on_this_host("cgroup controller net_prio")
    initial = [line.split()[0] for line in (hierarchy.mountpoint / "net_prio.ifpriomap").read_text().splitlines()]
    if len(initial) < 2:
        raise faults.not_on_this_host("a second interface in the initial network namespace")
    missing = [name for name in initial[:2] if name not in here.devices]
    for number, name in enumerate(missing):
        with suppress(FileExistsError):  # another worker's, of that name too
            here.make_pair(name, f"oci{os.getpid()}-i{number}")
    yield initial[:2]
    for name in missing:
        with suppress(OSError):  # of whoever was the last to need it
            here.remove(name)


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


@pytest.fixture
def known_devices(spec_version: str) -> None:
    """A runtime of an older release ignores netDevices."""
    faults.needs_release("1.3.0", spec_version, "netDevices came with 1.3.0")


@pytest.fixture
def pair(config: Config, pair_of_devices: Callable[[], Pair]) -> Pair:
    """Two devices with a wire between them, of which the config gives the container one."""
    made = pair_of_devices()
    config["linux"]["netDevices"] = {made.name: {}}
    return made


@pytest.fixture
def harbour_master(
    pair: Pair,
    config: Config,
    container: Container,
    namespace_of: Callable[[str], HeldNamespace],
    devices_of: Callable[[HeldNamespace], Stack],
) -> Stack:
    """The devices of a network namespace that is not the container's own, into which it has taken its device."""
    held = namespace_of("network")
    joins(config, held)
    container.create()
    return devices_of(held)


def inside(container: Container) -> set[str]:
    """Run the container: the names of the devices that its program sees, but for those that any namespace has."""
    look = "read /proc/net/dev"
    lines = (container.run(look).answers[look] or "").splitlines()[2:]
    return brought({line.partition(":")[0].strip() for line in lines})


def brought(names: Iterable[str]) -> set[str]:
    """Less those of the devices that a new network namespace has by itself."""
    return set(names) - native()


@functools.cache
def native() -> frozenset[str]:
    """Of every new network namespace: the loopback, and where drivers of tunnels are loaded what they add (sit0)."""
    held = HeldNamespace("network")
    try:
        stack = Stack(held.path)
        try:
            return frozenset(stack.devices)
        finally:
            stack.close()
    finally:
        held.release()


def is_without_network(config: Config) -> None:
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "network"]


def joins(config: Config, held: HeldNamespace) -> None:
    is_without_network(config)
    config["linux"]["namespaces"] += [{"type": "network", "path": held.path}]
