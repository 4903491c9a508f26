"""config-linux.md#configLinuxNetworkDevices, config-linux.md#namespace-lifecycle-and-container-termination"""

import os
import re
import socket

import pytest

from conformance import eventually, generates_an_error, requirement
from conformance.harness import faults, netlink
from conformance.harness.netlink import Address


def inside(container):
    """The names of the devices that the container's program sees, but for its loopback."""
    look = "read /proc/net/dev"
    lines = (container.run(look).answers[look] or "").splitlines()[2:]
    return {line.partition(":")[0].strip() for line in lines} - {"lo"}


def is_without_network(config):
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "network"]


def joins(config, held):
    is_without_network(config)
    config["linux"]["namespaces"] += [{"type": "network", "path": held.path}]


@pytest.fixture
def pair(config, pair_of_devices):
    """Two devices with a wire between them, of which the config gives the container one."""
    made = pair_of_devices()
    config["linux"]["netDevices"] = {made.name: {}}
    return made


@pytest.fixture
def harbour_master(pair, config, container, namespace_of, devices_of):
    """The devices of a network namespace that is not the container's own, into which it takes its device."""
    held = namespace_of("network")
    joins(config, held)
    container.create()
    return devices_of(held)


# --- available -------------------------------------------------------------------------------------------------------


@requirement("netdev.available")
def test_a_device_is_in_the_container_and_no_longer_outside(container, pair):
    assert (inside(container), pair.is_here) == ({pair.name}, False)


@requirement("netdev.available")
def test_several_devices_are_in_the_container(config, container, pair, pair_of_devices):
    second, third = pair_of_devices(), pair_of_devices()
    config["linux"]["netDevices"] |= {second.name: {"name": "second"}, third.name: {"name": pair.name}}
    config["linux"]["netDevices"][pair.name] = {"name": third.name}

    seen = inside(container)

    assert seen == {"second", pair.name, third.name}
    assert (pair.is_here, second.is_here, third.is_here) == (False, False, False)


@requirement("netdev.available")
def test_a_device_goes_into_a_namespace_that_is_joined(config, container, pair, namespace_of, devices_of):
    held = namespace_of("network")
    joins(config, held)

    seen = inside(container)

    assert (seen, set(devices_of(held).devices) - {"lo"}, pair.is_here) == ({pair.name}, {pair.name}, False)


@requirement("netdev.available")
def test_a_device_goes_into_a_namespace_that_a_new_user_namespace_owns(config, container, pair):
    mapping = {"containerID": 0, "hostID": 100000, "size": 65536}
    config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}

    assert (inside(container), pair.is_here) == ({pair.name}, False)


@requirement("netdev.name.key")
def test_only_the_device_that_is_named_goes(container, pair, pair_of_devices):
    other = pair_of_devices()

    seen = inside(container)

    assert (seen, pair.is_here, other.is_here) == ({pair.name}, False, True)


@requirement("netdev.moves-existing")
def test_it_is_that_very_device(config, container, pair, devices_of):
    """The kernel gives no other one its address, nor the other end of its wire."""
    pair.stack.change(pair.name, address="02:00:5e:10:20:30")
    container.create()

    devices = devices_of(container)
    devices.change(pair.name, flags={netlink.UP: True})
    pair.stack.change(pair.peer, flags={netlink.UP: True})

    assert devices.devices[pair.name].address == "02:00:5e:10:20:30"
    eventually(lambda: pair.stack.devices[pair.peer].connected, "a signal on the wire", container.runtime)


@requirement("netdev.moves-existing")
def test_a_device_that_does_not_exist_is_an_error(config, container, another, pair):
    twin = another()
    config["linux"]["netDevices"] = {f"{pair.name}q": {}}

    with generates_an_error():
        container.create()

    assert inside(twin) == {pair.name}


@requirement("netdev.moves-existing")
def test_no_other_device_is_made_and_no_address_given(container, pair, devices_of):
    container.create()

    devices = devices_of(container)

    assert set(devices.devices) == {"lo", pair.name}
    assert {address for address in devices.addresses(pair.name) if address.scope == netlink.GLOBAL} == set()


@requirement("netdev.available")
def test_without_a_namespace_to_move_it_to_it_is_there_or_an_error(config, container, pair):
    is_without_network(config)

    try:
        seen = pair.name in inside(container)
    except faults.OperationFailed:
        seen = "an error"

    assert seen in (True, "an error")
    assert pair.is_here


@requirement("netdev.available")
def test_in_the_runtimes_own_namespace_it_is_there_or_an_error(config, container, pair, same_kernel):
    is_without_network(config)
    config["linux"]["namespaces"] += [{"type": "network", "path": f"/proc/{os.getpid()}/ns/net"}]

    try:
        seen = pair.name in inside(container)
    except faults.OperationFailed:
        seen = "an error"

    assert seen in (True, "an error")
    assert pair.is_here


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda device: [device], id="an array"),
        pytest.param(lambda device: {device: "pier7"}, id="a name alone"),
        pytest.param(lambda device: {device: {"name": 7}}, id="a number as a name"),
    ],
)
@requirement("valid.error")
def test_a_value_that_does_not_fit_is_an_error(config, container, another, pair, wrong):
    twin = another()
    config["linux"]["netDevices"] = wrong(pair.name)

    with generates_an_error():
        container.create()

    assert inside(twin) == {pair.name}


# --- names -----------------------------------------------------------------------------------------------------------


@requirement("netdev.name.rename")
def test_the_configured_name_is_the_one_inside(config, container, pair):
    config["linux"]["netDevices"][pair.name] = {"name": "pier7"}

    assert (inside(container), pair.is_here) == ({"pier7"}, False)


@requirement("netdev.name.default")
def test_without_a_name_it_is_called_as_before(container, pair):
    assert inside(container) == {pair.name}


@requirement("netdev.name.rename")
def test_a_device_that_is_up_is_renamed_too(config, container, pair):
    pair.stack.change(pair.name, flags={netlink.UP: True})
    config["linux"]["netDevices"][pair.name] = {"name": "pier7"}

    assert inside(container) == {"pier7"}


@pytest.mark.parametrize("renamed", [True, False], ids=["the configured name", "the name that it has"])
@requirement("netdev.name.conflict")
def test_a_name_that_is_taken_inside_is_an_error(config, container, pair, harbour_with, renamed):
    config["linux"]["netDevices"] = {pair.name: {"name": "pier7"} if renamed else {}}
    harbour_with("pier7" if renamed else pair.name)

    with generates_an_error():
        container.create()


@pytest.fixture
def harbour_with(config, container, another, pair_of_devices, namespace_of, devices_of):
    """Have the config join a namespace in which a name is taken; one in which it is not, is good enough for a twin."""

    def join(name):
        other, held = pair_of_devices(), namespace_of("network")
        twin = another()
        twin.config["linux"]["netDevices"] = {other.name: {"name": name}}
        twin.create()
        joins(config, held)
        stack = devices_of(held)
        stack.make_pair(name, "other")
        return stack

    return join


@requirement("netdev.name.conflict")
def test_only_the_name_inside_matters(config, container, pair, namespace_of, devices_of):
    """What it is called outside may be taken inside, if it is to have another name there."""
    held = namespace_of("network")
    joins(config, held)
    config["linux"]["netDevices"] = {pair.name: {"name": "pier7"}}
    devices_of(held).make_pair(pair.name, "other")

    assert inside(container) == {pair.name, "other", "pier7"}


@requirement("netdev.name.conflict")
def test_one_name_for_two_devices_is_an_error(config, container, another, pair, pair_of_devices):
    second, third, fourth = pair_of_devices(), pair_of_devices(), pair_of_devices()
    twin = another()
    twin.config["linux"]["netDevices"] = {third.name: {"name": "pier7"}, fourth.name: {"name": "pier8"}}
    config["linux"]["netDevices"] = {pair.name: {"name": "pier7"}, second.name: {"name": "pier7"}}

    with generates_an_error():
        container.create()

    assert inside(twin) == {"pier7", "pier8"}


@requirement("netdev.name.template")
def test_a_template_gets_a_number_that_is_free(config, container, pair, namespace_of, devices_of):
    held = namespace_of("network")
    joins(config, held)
    config["linux"]["netDevices"] = {pair.name: {"name": "pier%d"}}
    devices_of(held).make_pair("pier0", "pier1")

    seen = inside(container) - {"pier0", "pier1"}

    assert [re.sub(r"\d+", "N", name) for name in seen] == ["pierN"]
    assert not pair.is_here


@requirement("netdev.name.template")
def test_a_template_may_serve_several_devices(config, container, pair, pair_of_devices):
    second = pair_of_devices()
    config["linux"]["netDevices"] = {pair.name: {"name": "pier%d"}, second.name: {"name": "pier%d"}}

    seen = inside(container)

    assert [re.sub(r"\d+", "N", name) for name in seen] == ["pierN", "pierN"]


# --- whether it can be -----------------------------------------------------------------------------------------------


@requirement("netdev.possible")
def test_a_device_that_the_kernel_does_not_let_go_is_an_error(config, container, another, here, pair):
    """The loopback belongs to its namespace."""
    config["linux"]["netDevices"] = {pair.name: {"name": "loop"}}
    twin = another()
    config["linux"]["netDevices"] = {"lo": {"name": "loop"}}

    with generates_an_error():
        container.create()

    assert "lo" in here.devices
    assert inside(twin) == {"loop"}


@pytest.mark.parametrize("name", ["a/b", "a b", "..", "sixteen-letters-", "a:b"])
@requirement("netdev.possible")
def test_a_name_that_no_device_can_have_is_an_error(config, container, another, pair, name):
    config["linux"]["netDevices"] = {pair.name: {"name": "fifteen-letters"}}
    twin = another()
    config["linux"]["netDevices"] = {pair.name: {"name": name}}

    with generates_an_error():
        container.create()

    assert pair.is_here
    assert inside(twin) == {"fifteen-letters"}


@requirement("netdev.possible")
def test_a_device_whose_name_is_taken_stays_what_it_was(config, container, pair, harbour_with):
    config["linux"]["netDevices"] = {pair.name: {"name": "pier7"}}
    harbour_with("pier7")
    before = up_with(pair, "192.0.2.5/24")

    with generates_an_error():
        container.create()

    assert condition(pair) == before


@pytest.mark.parametrize("first", [True, False], ids=["before it", "behind it"])
@requirement("netdev.possible")
def test_beside_one_that_cannot_be_moved_no_device_is(config, container, another, pair, first):
    twin = another()
    missing = f"{pair.name}q"
    config["linux"]["netDevices"] = {name: {} for name in sorted([missing, pair.name], reverse=first)}
    before = up_with(pair, "192.0.2.5/24")

    with generates_an_error():
        container.create()

    assert condition(pair) == before
    assert inside(twin) == {pair.name}


def up_with(pair, address):
    pair.has(address)
    pair.stack.change(pair.name, flags={netlink.UP: True})
    return condition(pair)


def condition(pair):
    """Whether it is there, and what it is like: its lasting addresses too."""
    return pair.is_here, pair.stack.devices.get(pair.name), lasting(pair.stack, pair.name)


# --- what it is like -------------------------------------------------------------------------------------------------


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


def lasting(stack, name):
    """The global addresses of a device: the kernel gives it others for its own link."""
    return {address for address in stack.addresses(name) if address.scope == netlink.GLOBAL}


@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
@each_family()
def test_lasting_global_addresses_go_with_a_device(container, pair, devices_of, addresses, up):
    pair.stack.change(pair.name, flags={netlink.UP: up})
    pair.has(*addresses)
    container.create()

    seen = lasting(devices_of(container), pair.name)

    assert seen == {Address(address) for address in addresses}


@each_family()
def test_addresses_go_with_a_device_that_is_renamed(config, container, pair, namespace_of, devices_of, addresses):
    held = namespace_of("network")
    joins(config, held)
    config["linux"]["netDevices"][pair.name] = {"name": "pier7"}
    pair.has(*addresses)
    container.create()

    seen = lasting(devices_of(held), "pier7")

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

    assert {name: devices[name].is_up for name in devices if name != "lo"} == {pair.name: True, "pier7": True}


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


# --- and afterwards --------------------------------------------------------------------------------------------------


def as_left(stack, name):
    """What a device's owner has made of it: it is down, has another size, and another address."""
    stack.change(name, mtu=1234, flags={netlink.UP: False})
    stack.add_address(name, Address("198.51.100.9/24"))
    return stack.devices[name], lasting(stack, name)


@requirement("netdev.no-lifecycle")
def test_what_is_done_to_a_device_afterwards_lasts(container, pair, harbour_master):
    left = as_left(harbour_master, pair.name)

    seen = []
    for operation in (container.start, container.state, container.kill):
        operation()
        seen += [(harbour_master.devices.get(pair.name), lasting(harbour_master, pair.name))]

    assert seen == [left] * 3


@requirement("netdev.no-lifecycle")
def test_a_device_that_is_taken_away_is_no_matter(container, pair, harbour_master):
    harbour_master.remove(pair.name)

    container.start()
    container.kill()
    container.becomes("stopped")
    container.delete()

    assert (pair.is_here, set(harbour_master.devices)) == (False, {"lo"})


@requirement("netdev.no-move-back")
def test_after_delete_a_device_is_where_it_was(container, pair, harbour_master):
    container.start()
    container.kill()
    container.becomes("stopped")
    before = harbour_master.devices

    container.delete()

    assert (pair.is_here, harbour_master.devices) == (False, before)
    assert pair.name in before


@requirement("netdev.kernel-cleanup")
def test_a_device_ends_with_the_containers_own_namespace(container, pair):
    container.create()
    container.start()
    assert not pair.is_here

    container.kill()
    container.becomes("stopped")
    container.delete()

    # The other end of the wire tells, which the kernel takes away with this one.
    eventually(lambda: pair.peer not in pair.stack.devices, "the end of the namespace", container.runtime)
    assert not pair.is_here
