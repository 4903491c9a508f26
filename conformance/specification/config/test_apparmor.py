"""config.md#configLinuxProcess: apparmorProfile"""

import pytest

from conformance import generates_an_error, requirement

CURRENT = "read /proc/self/attr/current"


@requirement("apparmor.applied")
@pytest.mark.parametrize("uid", [0, 1000])
def test_the_program_runs_under_its_profile(config, container, apparmor_profile, uid):
    config["process"]["user"]["uid"] = uid
    config["process"]["apparmorProfile"] = apparmor_profile

    name, *_ = (container.run(CURRENT).answers[CURRENT] or "").split(" ")

    assert name == apparmor_profile


@requirement("apparmor.not-loaded")
def test_a_profile_that_is_not_loaded_is_an_error(config, container):
    """Nor is any where the kernel has no AppArmor; without the profile the ordinary config is accepted."""
    config["process"]["apparmorProfile"] = "oci-conformance-is-not-loaded"

    with generates_an_error():
        container.create()
        container.start()


@requirement("apparmor.not-loaded")
def test_only_the_profile_that_is_not_loaded_is_refused(config, container, another, apparmor_profile):
    config["process"]["apparmorProfile"] = apparmor_profile
    accepted = another()
    accepted.create()
    accepted.start()

    config["process"]["apparmorProfile"] = f"{apparmor_profile}-not"

    with generates_an_error():
        container.create()
        container.start()
