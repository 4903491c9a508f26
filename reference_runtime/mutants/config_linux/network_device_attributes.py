# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxNetworkDevices: what a device is like"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from ...config_linux import network_devices
from ...kernel import netlink
from ...kernel.netlink import Flag, Message, Netlink
from ..ways import Change, Mutants, giving, instead, without

keep_addresses = network_devices.keep_addresses
move_one = network_devices.move_one
set_up = network_devices.set_up

#: Attributes of a device.
ADDRESS, MTU, QUEUE, ALIAS = 1, 4, 13, 20


def changing(change: Callable[[Netlink, int], None]) -> Change:
    """Something about the device is another afterwards."""

    def moving(move: Any, device: str) -> None:
        move_one(move, device)
        change(move.inside, move.moved[device][0])

    return instead(network_devices.move_one, moving)


def setting(kind: int, value: bytes) -> Callable[[Netlink, int], None]:
    def change(there: Netlink, index: int) -> None:
        there.ask(Message.SETLINK, Flag.ACK, netlink.link(index) + netlink.attribute(kind, value))

    return change


def flagging(flag: int) -> Callable[[Netlink, int], None]:
    def change(there: Netlink, index: int) -> None:
        there.ask(Message.SETLINK, Flag.ACK, netlink.link(index, 0, flag))

    return change


def keeping(wanted: Callable[[Any], bool]) -> Change:
    def keep(there: Netlink, index: int, had: Any) -> None:
        keep_addresses(there, index, [address for address in had if wanted(address)])

    return instead(network_devices.keep_addresses, keep)


def without_family(family: int) -> Change:
    return keeping(lambda address: address.family != family)


def first_of_family(family: int) -> Change:
    def keep(there: Netlink, index: int, had: Any) -> None:
        of_family = [address for address in had if address.family == family and address.scope == 0]
        dropped = of_family[1:]
        keep_addresses(there, index, [address for address in had if address not in dropped])

    return instead(network_devices.keep_addresses, keep)


def as_hosts(family: int) -> Change:
    """Without the length of its network."""

    def keep(there: Netlink, index: int, had: Any) -> None:
        for address in had:
            if address.family == family:
                address.length = 32 if family == socket.AF_INET else 128
        keep_addresses(there, index, had)

    return instead(network_devices.keep_addresses, keep)


def only_when_up(family: int) -> Change:
    def moving(move: Any, device: str) -> None:
        up = (move.outside.find(device) or (0, 0))[1] & netlink.IFF_UP
        network_devices.keep_addresses = lambda there, index, had: keep_addresses(
            there, index, [address for address in had if up or address.family != family]
        )
        move_one(move, device)

    return instead(network_devices.move_one, moving)


def as_it_was(move: Any, device: str) -> None:
    """Up only if it was up before."""
    up = (move.outside.find(device) or (0, 0))[1] & netlink.IFF_UP
    network_devices.set_up = set_up if up else lambda *_: None
    move_one(move, device)


def first_up(there: Netlink, index: int) -> None:
    set_up(there, index)
    network_devices.set_up = lambda *_: None


MUTANTS: Mutants = {
    "netdev.preserve-attributes": [
        changing(setting(MTU, b"\x00\x05\x00\x00")),
        changing(setting(ADDRESS, b"\x02\x00\x00\x00\x00\x01")),
        changing(setting(QUEUE, b"\x00\x05\x00\x00")),
        changing(setting(ALIAS, b"")),
        changing(flagging(0x80)),
    ],
    "netdev.preserve-addr.ipv4": [
        without(network_devices.keep_addresses),
        without_family(socket.AF_INET),
        first_of_family(socket.AF_INET),
        as_hosts(socket.AF_INET),
        only_when_up(socket.AF_INET),
    ],
    "netdev.preserve-addr.ipv6": [
        without_family(socket.AF_INET6),
        first_of_family(socket.AF_INET6),
        as_hosts(socket.AF_INET6),
        only_when_up(socket.AF_INET6),
    ],
    "netdev.addr-not-transferred": [giving(network_devices.is_lasting, lambda _: True)],
    "netdev.up": [
        without(network_devices.set_up),
        instead(network_devices.move_one, as_it_was),
        instead(network_devices.set_up, first_up),
    ],
}
