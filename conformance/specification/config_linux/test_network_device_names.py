"""config-linux.md#configLinuxNetworkDevices: what a device is called, and whether it can be moved"""

import re

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import netlink
from conformance.harness.network_devices import inside, joins


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
    before = pair.is_up_with("192.0.2.5/24")

    with generates_an_error():
        container.create()

    assert pair.condition == before


@pytest.mark.parametrize("first", [True, False], ids=["before it", "behind it"])
@requirement("netdev.possible")
def test_beside_one_that_cannot_be_moved_no_device_is(config, container, another, pair, first):
    twin = another()
    missing = f"{pair.name}q"
    config["linux"]["netDevices"] = {name: {} for name in sorted([missing, pair.name], reverse=first)}
    before = pair.is_up_with("192.0.2.5/24")

    with generates_an_error():
        container.create()

    assert pair.condition == before
    assert inside(twin) == {pair.name}


@pytest.mark.parametrize("renamed", [False, True], ids=["the name that it has", "another name"])
@requirement("err.rollback.create")
def test_a_create_that_fails_late_leaves_a_device_as_it_was(config, container, another, known_devices, pair, renamed):
    config["linux"]["netDevices"] = {pair.name: {"name": "pier7"} if renamed else {}}
    twin = another()
    config["linux"]["sysctl"] = {"net.ipv4.no_such_key": "1"}
    before = pair.is_up_with("192.0.2.5/24")

    with generates_an_error():
        container.create()

    assert pair.condition == before
    assert inside(twin) == {"pier7" if renamed else pair.name}
