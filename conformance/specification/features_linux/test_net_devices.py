"""features-linux.md#linuxFeaturesNetDevices"""

from conformance import requirement
from conformance.harness.features import due, in_order, outcome


@requirement("feat.linux.netDevices")
def test_it_is_the_same_where_nothing_is_seen_of_the_host(features, told_there):
    assert told_there("linux", "netDevices") == in_order(features.member("linux", "netDevices"))


@requirement("feat.linux.netDevices.enabled")
def test_a_device_is_moved_or_it_is_an_error_as_it_says(features, container, pair_of_devices, devices_of):
    enabled = features.says("linux", "netDevices", "enabled")
    name = pair_of_devices().name
    container.config["linux"]["netDevices"] = {name: {}}

    seen = outcome(container, lambda: name in devices_of(container).devices, "linger")

    assert seen == due(enabled)
