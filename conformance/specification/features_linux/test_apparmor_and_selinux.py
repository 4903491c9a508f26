"""features-linux.md#linuxFeaturesApparmor"""

import os

import pytest

from conformance import requirement
from conformance.harness import apparmor, faults, selinux
from conformance.harness.features import due, in_order, outcome

CURRENT = "read /proc/self/attr/current"


@pytest.mark.parametrize(
    "module",
    [
        pytest.param("apparmor", marks=requirement("feat.linux.apparmor"), id="apparmor"),
        pytest.param("selinux", marks=requirement("feat.linux.selinux"), id="selinux"),
    ],
)
def test_it_is_the_same_where_nothing_is_seen_of_the_hosts_security_modules(features, told_there, module):
    assert told_there("linux", module) == in_order(features.member("linux", module))


def confined(container, member: str, value: str) -> str:
    """What comes of a profile or a label."""
    container.config["process"][member] = value
    return outcome(container, lambda: value in (container.report().answers[CURRENT] or ""), CURRENT)


@requirement("feat.linux.apparmor.enabled")
def test_a_profile_is_applied_or_refused_as_it_says(features, container, same_kernel):
    if missing := apparmor.lack():
        raise faults.not_on_this_host(missing)

    profile = f"oci-conformance-features-{os.getpid()}"
    with apparmor.loaded(profile):
        seen = confined(container, "apparmorProfile", profile)
        container.remove()

    assert seen == due(features.says("linux", "apparmor", "enabled"))


@requirement("feat.linux.selinux.enabled")
def test_a_label_is_applied_or_refused_as_it_says(features, container, same_kernel):
    if missing := selinux.lack() or (None if selinux.label() else selinux.NO_POLICY):
        raise faults.not_on_this_host(missing)

    seen = confined(container, "selinuxLabel", str(selinux.label()))

    assert seen == due(features.says("linux", "selinux", "enabled"))
