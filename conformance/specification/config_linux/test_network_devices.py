"""config-linux.md#configLinuxNetworkDevices, config-linux.md#namespace-lifecycle-and-container-termination"""

import os

import pytest

from conformance import eventually, generates_an_error, or_an_error, requirement
from conformance.harness import netlink
from conformance.harness.netlink import Address
from conformance.harness.network_devices import brought, inside, is_without_network, joins


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

    assert (seen, brought(devices_of(held).devices), pair.is_here) == ({pair.name}, {pair.name}, False)


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

    assert brought(devices.devices) == {pair.name}
    assert {address for address in devices.addresses(pair.name) if address.scope == netlink.GLOBAL} == set()


@requirement("netdev.available")
def test_without_a_namespace_to_move_it_to_it_is_there_or_an_error(config, container, pair):
    is_without_network(config)

    seen = or_an_error(lambda: pair.name in inside(container))

    assert seen in (True, "an error")
    assert pair.is_here


@requirement("netdev.available")
def test_in_the_runtimes_own_namespace_it_is_there_or_an_error(config, container, pair, same_kernel):
    is_without_network(config)
    config["linux"]["namespaces"] += [{"type": "network", "path": f"/proc/{os.getpid()}/ns/net"}]

    seen = or_an_error(lambda: pair.name in inside(container))

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
def test_a_value_that_does_not_fit_is_an_error(config, container, another, known_devices, pair, wrong):
    twin = another()
    config["linux"]["netDevices"] = wrong(pair.name)

    with generates_an_error():
        container.create()

    assert inside(twin) == {pair.name}


# --- and afterwards --------------------------------------------------------------------------------------------------


def as_left(stack, name):
    """What a device's owner has made of it: it is down, has another size, and another address."""
    stack.change(name, mtu=1234, flags={netlink.UP: False})
    stack.add_address(name, Address("198.51.100.9/24"))
    return stack.devices[name], stack.lasting_addresses(name)


@requirement("netdev.no-lifecycle")
def test_what_is_done_to_a_device_afterwards_lasts(container, pair, harbour_master):
    left = as_left(harbour_master, pair.name)

    seen = []
    for operation in (container.start, container.state, container.kill):
        operation()
        seen += [(harbour_master.devices.get(pair.name), harbour_master.lasting_addresses(pair.name))]

    assert seen == [left] * 3


@requirement("netdev.no-lifecycle")
def test_a_device_that_is_taken_away_is_no_matter(container, pair, harbour_master):
    harbour_master.remove(pair.name)

    container.start()
    container.kill()
    container.becomes("stopped")
    container.delete()

    assert (pair.is_here, brought(harbour_master.devices)) == (False, set())


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
