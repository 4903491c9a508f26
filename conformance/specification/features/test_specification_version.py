"""features.md#featuresSpecificationVersion"""

from collections.abc import Iterator
from typing import Any

import pytest

from conformance import catalogue, requirement
from conformance.harness import semver
from conformance.harness.features import Config

VERSIONS = ("ociVersionMin", "ociVersionMax")
#: Release → the members that it added.
ADDED: dict[str, set[str]] = {
    "1.1.0": {
        *VERSIONS,
        "hooks",
        "mountOptions",
        "annotations",
        "linux",
        "linux.namespaces",
        "linux.capabilities",
        *(f"linux.cgroup{name}" for name in ("", ".v1", ".v2", ".systemd", ".systemdUser", ".rdma")),
        *(f"linux.seccomp{name}" for name in ("", ".enabled", ".actions", ".operators", ".archs")),
        *(f"linux.seccomp.{name}Flags" for name in ("known", "supported")),
        *(f"linux.{module}{name}" for module in ("apparmor", "selinux", "intelRdt") for name in ("", ".enabled")),
    },
    "1.2.0": {
        "potentiallyUnsafeConfigAnnotations",
        *(f"linux.mountExtensions{name}" for name in ("", ".idmap", ".idmap.enabled")),
    },
    "1.3.0": {
        *(f"linux.memoryPolicy{name}" for name in ("", ".modes", ".flags")),
        *(f"linux.intelRdt.{name}" for name in ("schemata", "monitoring")),
        *(f"linux.netDevices{name}" for name in ("", ".enabled")),
    },
}


def each_version(demand: str) -> Any:
    marks = [pytest.param(name, marks=requirement(f"feat.{name}.{demand}"), id=name) for name in VERSIONS]
    return pytest.mark.parametrize("version", marks)


@each_version("required")
def test_it_is_there_and_a_version(features, version):
    found = features.document.get(version)

    assert isinstance(found, str)
    assert semver.is_version(found)


@each_version("accepted")
def test_a_config_of_that_version_runs(config, container, features, version):
    config["ociVersion"] = features.names(version)

    assert container.run().facts.args == config["process"]["args"]


@requirement("feat.version-order")
def test_the_newest_version_is_not_older_than_the_oldest(features):
    oldest, newest = (semver.precedence(features.names(name)) for name in VERSIONS)

    assert oldest <= newest


@requirement("feat.no-newer-properties")
def test_every_member_is_one_of_the_newest_version(features):
    # Who stays with an older one has nothing else to go by than the first that had a structure.
    newest = max(semver.release(features.names("ociVersionMax")), (1, 1, 0))
    known = {name for release, names in ADDED.items() if semver.release(release) <= newest for name in names}

    # What a release beyond ours may have, we do not know.
    beyond = newest > semver.release(catalogue.RELEASES[-1])
    assert [name for name in members(features.document) if name not in known and not beyond] == []


def members(document: Config, place: str = "") -> Iterator[str]:
    """All of them by their paths; annotations are anybody's."""
    for name, value in document.items():
        yield f"{place}{name}"
        if isinstance(value, dict) and f"{place}{name}" != "annotations":
            yield from members(value, f"{place}{name}.")
