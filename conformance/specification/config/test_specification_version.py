"""config.md#configSpecificationVersion"""

import pytest

from conformance import generates_an_error, requirement
from conformance.catalogue import RELEASES

MALFORMED = ["", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "1.0.0\n", " 1.0.0", "newest"]


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
@pytest.mark.parametrize("version", MALFORMED)
def test_a_version_that_is_not_semver_is_an_error(config, container, version):
    config["ociVersion"] = version

    with generates_an_error():
        container.create()


@requirement("cfg.ociVersion.semver")
def test_a_version_with_build_metadata_is_semver(config, container, spec_version):
    # Metadata have no part in precedence: it is this release.
    config["ociVersion"] = f"{spec_version}+build.5"

    assert container.run().facts.hostname == config["hostname"]


@requirement("cfg.ociVersion.prerelease")
@pytest.mark.parametrize("suffix", ["-dev", "-rc.1"])
def test_a_config_of_a_prerelease_is_run(config, container, spec_version, suffix):
    config["ociVersion"] = f"{spec_version}{suffix}"

    assert container.run().facts.hostname == config["hostname"]


@requirement("cfg.ociVersion.newer")
@pytest.mark.parametrize("part", ["minor", "patch"])
def test_a_config_of_a_later_release_is_run(config, container, spec_version, part):
    major, minor, _ = spec_version.split(".")
    config["ociVersion"] = f"{major}.99.0" if part == "minor" else f"{major}.{minor}.99"

    assert container.run().facts.hostname == config["hostname"]


@requirement("cfg.ociVersion.unsupported")
def test_a_config_of_an_unknown_major_version_is_an_error(config, container):
    config["ociVersion"] = "99.0.0"

    with generates_an_error():
        container.create()
