"""features-linux.md#linuxFeaturesNetDevices"""

from conformance import requirement
from conformance.harness.features import (
    APPLIED,
    PASSED_OVER,
    REFUSED,
    due,
    in_order,
    is_started,
    told_without_sight,
)


@requirement("feat.linux.netDevices")
def test_it_is_the_same_where_nothing_is_seen_of_the_host(runtime, features, place):
    elsewhere = told_without_sight(runtime, place).get("linux", {}).get("netDevices")

    assert elsewhere == in_order(features.member("linux", "netDevices"))


def outcome(container, pair, devices_of) -> str:
    container.config["linux"]["netDevices"] = {pair.name: {}}
    if not is_started(container, "linger"):
        return REFUSED
    return APPLIED if pair.name in devices_of(container).devices else PASSED_OVER


@requirement("feat.linux.netDevices.enabled")
def test_a_device_is_moved_or_it_is_an_error_as_it_says(features, container, pair_of_devices, devices_of):
    enabled = features.says("linux", "netDevices", "enabled")

    assert outcome(container, pair_of_devices(), devices_of) == due(enabled)
