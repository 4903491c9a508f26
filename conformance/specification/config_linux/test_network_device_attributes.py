"""config-linux.md#configLinuxNetworkDevices: what a device is like once it has been moved"""

import socket

import pytest

from conformance import eventually, requirement
from conformance.harness import netlink
from conformance.harness.netlink import Address
from conformance.harness.network_devices import brought, joins


@requirement("netdev.preserve-attributes")
def test_a_device_is_like_before(container, pair, devices_of):
    flags = {netlink.ALLMULTI: True, netlink.NOARP: True, netlink.MULTICAST: False}
    pair.stack.change(pair.name, address="02:00:5e:10:20:30", mtu=1371, queue=37, group=7, flags=flags)
    pair.stack.change(pair.name, alias="the harbour's")
    before = pair.device
    container.create()

    seen = devices_of(container).devices.get(pair.name)

    assert seen is not None
    assert (seen.address, seen.mtu, seen.queue, seen.alias, seen.group) == (
        before.address,
        before.mtu,
        before.queue,
        before.alias,
        before.group,
    )
    assert {flag: seen.has(flag) for flag in flags} == flags


@requirement("netdev.preserve-attributes")
def test_a_device_that_is_renamed_is_like_before(config, container, pair):
    config["linux"]["netDevices"][pair.name] = {"name": "pier7"}
    pair.stack.change(pair.name, address="02:00:5e:10:20:30", mtu=1371)

    looks = "read /sys/class/net/pier7/address", "read /sys/class/net/pier7/mtu"
    answers = container.run(*looks).answers

    assert [str(answers[look]).strip() for look in looks] == ["02:00:5e:10:20:30", "1371"]


FAMILIES = {
    "ipv4": ["192.0.2.5/24", "192.0.2.6/24", "198.51.100.7/32"],
    "ipv6": ["2001:db8::5/64", "2001:db8::6/64", "2001:db8:1::7/128"],
}


def each_family():
    return pytest.mark.parametrize(
        "addresses",
        [
            pytest.param(addresses, marks=requirement(f"netdev.preserve-addr.{family}"), id=family)
            for family, addresses in FAMILIES.items()
        ],
    )


@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
@each_family()
def test_lasting_global_addresses_go_with_a_device(container, pair, devices_of, addresses, up):
    pair.stack.change(pair.name, flags={netlink.UP: up})
    pair.has(*addresses)
    container.create()

    seen = devices_of(container).lasting_addresses(pair.name)

    assert seen == {Address(address) for address in addresses}


@each_family()
def test_addresses_go_with_a_device_that_is_renamed(config, container, pair, namespace_of, devices_of, addresses):
    held = namespace_of("network")
    joins(config, held)
    config["linux"]["netDevices"][pair.name] = {"name": "pier7"}
    pair.has(*addresses)
    container.create()

    seen = devices_of(held).lasting_addresses("pier7")

    assert seen == {Address(address) for address in addresses}


@requirement("netdev.addr-not-transferred")
def test_addresses_that_do_not_last_and_those_of_the_link_stay_behind(container, pair, devices_of):
    pair.has("192.0.2.5/24", "2001:db8::5/64")
    for address in (
        Address("169.254.7.7/16", scope=netlink.LINK),
        Address("198.51.100.7/24", lasting=False),
        Address("2001:db8:1::7/64", lasting=False),
    ):
        pair.stack.add_address(pair.name, address)
    container.create()

    seen = {address.text for address in devices_of(container).addresses(pair.name)}

    assert {text for text in seen if not text.startswith("fe80:")} == {"192.0.2.5/24", "2001:db8::5/64"}


@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
@requirement("netdev.up")
def test_a_device_is_up_afterwards(container, pair, devices_of, up):
    pair.stack.change(pair.name, flags={netlink.UP: up})
    container.create()

    seen = devices_of(container).devices.get(pair.name)

    assert seen is not None
    assert seen.is_up


@requirement("netdev.up")
def test_all_of_several_devices_are_up(config, container, pair, pair_of_devices, devices_of):
    second = pair_of_devices()
    config["linux"]["netDevices"] |= {second.name: {"name": "pier7"}}
    container.create()

    devices = devices_of(container).devices

    assert {name: devices[name].is_up for name in brought(devices)} == {pair.name: True, "pier7": True}


@pytest.mark.parametrize(
    ("family", "far", "near"),
    [
        pytest.param(socket.AF_INET, "192.0.2.1/24", "192.0.2.5/24", id="ipv4"),
        pytest.param(socket.AF_INET6, "2001:db8::1/64", "2001:db8::5/64", id="ipv6"),
    ],
)
@requirement("netdev.up")
def test_what_the_program_sends_goes_through_the_device(container, pair, family, far, near):
    heard = pair.listens(far, family)
    pair.has(near)
    container.create("listen")
    container.start()
    send = f"datagram {far.partition('/')[0]} {heard.getsockname()[1]} ahoy"

    def arrives():
        # Again and again: at first the device may ask its link whether its address is a duplicate.
        container.ask(send)
        return near.partition("/")[0] in senders(heard)

    assert eventually(arrives, "a datagram from the container", container.runtime)


def senders(heard):
    """Who has sent something, after a moment for it to arrive."""
    heard.settimeout(0.05)
    try:
        return {heard.recvfrom(64)[1][0]}
    except TimeoutError:
        return set()
