"""config-linux.md#configLinuxNetworkDevices

And what becomes of them: config-linux.md#namespace-lifecycle-and-container-termination. Nothing is done about a device
once it has been moved: it belongs to its namespace, and shares its fate.
"""

from __future__ import annotations

import os
from contextlib import ExitStack

from .. import errors
from ..kernel import interfaces, namespaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Namespace, NetworkDevice
    from ..kernel.netlink import Address, Netlink

WHERE = "linux.netDevices"


def check(config: Config) -> None:
    refuse_impossible_names(config)
    refuse_one_name_for_two(config)
    refuse_loopbacks_name(config)
    refuse_without_namespace(config)


def refuse_impossible_names(config: Config) -> None:
    """A device on the host is never called as a template is."""
    for device in configured(config):
        for name in (device, name_inside(config, device)):
            if not is_possible(name) or (is_template(name) and name == device):
                raise errors.InvalidConfig(WHERE, f"no network device can be called {name!r}")


def refuse_one_name_for_two(config: Config) -> None:
    names = [name for device in configured(config) if not is_template(name := name_inside(config, device))]
    for name in names:
        if names.count(name) > 1:
            raise errors.InvalidConfig(WHERE, f"two devices are to be called {name!r}")


def refuse_loopbacks_name(config: Config) -> None:
    """A new namespace has a device of this name already."""
    new = any(entry["type"] == "network" and "path" not in entry for entry in namespaces_of(config))
    if new and any(name_inside(config, device) == "lo" for device in configured(config)):
        raise errors.InvalidConfig(WHERE, "a new network namespace has a device 'lo' already")


def refuse_without_namespace(config: Config) -> None:
    """Where the container is in the runtime's own network namespace, there is nowhere to move them."""
    if configured(config) and "network" not in [entry["type"] for entry in namespaces_of(config)]:
        raise errors.Unsupported(WHERE, "needs a network namespace")


def namespaces_of(config: Config) -> list[Namespace]:
    return config.get("linux", {}).get("namespaces", [])


def configured(config: Config) -> dict[str, NetworkDevice]:
    return config.get("linux", {}).get("netDevices", {})


def name_inside(config: Config, device: str) -> str:
    """The name that is configured, or else the one that the device has already."""
    return configured(config)[device].get("name", device)


def is_possible(name: str) -> bool:
    """What the kernel takes for a name, or for a template of one."""
    return interfaces.is_name(name.removesuffix("%d") + "00" if is_template(name) else name)


def is_template(name: str) -> bool:
    return name.endswith("%d")


class Move:
    """Devices on their way from the runtime's network namespace to that of a process."""

    def __init__(self, config: Config, pid: int) -> None:
        from ..kernel import netlink

        self.config = config
        self.place = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.outside, self.inside = netlink.Netlink(), netlink.Netlink(self.place)
        #: Device → its index outside.
        self.found: dict[str, int] = {}
        #: Device → its index inside, whether it was up, and the addresses that it had: what it takes to give it back.
        self.moved: dict[str, tuple[int, bool, list[Address]]] = {}

    def close(self) -> None:
        self.outside.close()
        self.inside.close()
        os.close(self.place)
        os.close(self.home)


def move_all(config: Config, pid: int) -> Move | None:
    """Into the network namespace of a process. What must not be is found out before the first device moves."""
    if not configured(config):
        return None
    move = Move(config, pid)
    try:
        refuse_same_namespace(move)
        refuse_missing(move)
        refuse_conflicts(move)
        for device in move.found:
            move_one(move, device)
    except BaseException:  # whatever ends this, a signal as well: the devices would be lost with the namespace
        give_back(move)
        raise
    return move


def refuse_same_namespace(move: Move) -> None:
    if namespaces.identity("/proc/self/ns/net") == (os.fstat(move.place).st_dev, os.fstat(move.place).st_ino):
        raise errors.InvalidConfig(WHERE, "the container's network namespace is the runtime's own")


def refuse_missing(move: Move) -> None:
    for device in configured(move.config):
        found = move.outside.find(device)
        if found is None:
            raise errors.InvalidConfig(WHERE, f"there is no network device {device!r}")
        move.found[device] = found[0]


def refuse_conflicts(move: Move) -> None:
    for device in configured(move.config):
        name = name_inside(move.config, device)
        if not is_template(name) and move.inside.find(name) is not None:
            raise errors.InvalidConfig(WHERE, f"the container's network namespace has a device {name!r} already")


def move_one(move: Move, device: str) -> None:
    """With all that it is: its addresses alone are not kept by the kernel."""
    index, flags = move.outside.find(device) or (move.found[device], 0)
    had = move.outside.addresses(index)
    inside = change_namespace(move.outside, index, move.place, move.inside)
    move.moved[device] = inside, bool(flags & 1), had
    move.inside.rename(inside, name_inside(move.config, device))
    keep_addresses(move.inside, inside, had)
    set_up(move.inside, inside)


def change_namespace(here: Netlink, index: int, namespace: int, there: Netlink) -> int:
    """By a name that nobody has: for a moment only, the one it has may be taken there. Its index there."""
    passing = f"moving-{os.getpid()}"
    here.move(index, namespace, passing)
    found = there.find(passing)
    assert found
    return found[0]


def keep_addresses(there: Netlink, index: int, had: list[Address]) -> None:
    for address in had:
        if is_lasting(address):
            add_address(there, index, address)


def is_lasting(address: Address) -> bool:
    """Not what holds for a time, nor what means something on its own link alone."""
    from ..kernel import netlink

    return bool(address.flags & netlink.IFA_F_PERMANENT) and address.scope == netlink.RT_SCOPE_UNIVERSE


def add_address(there: Netlink, index: int, address: Address) -> None:
    """Nobody else has got it meanwhile: there is no need to ask the link whether it is a duplicate."""
    from ..kernel import netlink

    address.flags |= netlink.IFA_F_NODAD
    # The kernel labels an address with its device's name, which may be another one now.
    address.attributes.pop(netlink.Local.LABEL, None)
    there.add_address(index, address)


def set_up(there: Netlink, index: int) -> None:
    there.set_up(index)


def give_back(move: Move | None) -> None:
    """The container has not come to be: its namespace would take the devices with it."""
    if move is None:
        return
    with ExitStack() as each:  # whatever becomes of the others
        each.callback(move.close)
        for device in move.moved:
            each.callback(give_one_back, move, device)


def give_one_back(move: Move, device: str) -> None:
    index, was_up, had = move.moved[device]
    outside = change_namespace(move.inside, index, move.home, move.outside)
    move.outside.rename(outside, device)
    keep_addresses(move.outside, outside, had)
    if was_up:
        move.outside.set_up(outside)


def let_go(move: Move | None) -> None:
    """The container has come to be: whoever kept its namespace open would keep its devices, too."""
    if move is not None:
        move.close()
