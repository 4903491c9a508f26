"""config.md#configSpecificationVersion"""

import pytest

from conformance import generates_an_error, requirement
from conformance.catalogue import RELEASES


@requirement("cfg.ociVersion.required")
def test_a_config_without_ociversion_is_an_error(config, container):
    del config["ociVersion"]

    with generates_an_error():
        container.create()


@requirement("cfg.ociVersion.compat-forward")
def test_configs_of_earlier_versions_are_run(config, another, spec_version):
    until_now = RELEASES[: RELEASES.index(spec_version) + 1]
    newest_of_each_minor = {release.rpartition(".")[0]: release for release in until_now}
    seen: dict[str, str] = {}

    for release in newest_of_each_minor.values():
        config |= {"ociVersion": release, "hostname": f"of-{release}"}
        seen[release] = another().run().facts.hostname

    assert seen == {release: f"of-{release}" for release in newest_of_each_minor.values()}


@requirement("cfg.ociVersion.semver")
@pytest.mark.parametrize("version", ["", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-01", "newest"])
def test_a_version_that_is_not_semver_is_an_error(config, container, version):
    config["ociVersion"] = version

    with generates_an_error():
        container.create()


@requirement("cfg.ociVersion.unsupported")
def test_a_config_of_an_unknown_major_version_is_an_error(config, container):
    config["ociVersion"] = "99.0.0"

    with generates_an_error():
        container.create()
