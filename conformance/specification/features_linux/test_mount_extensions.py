"""features-linux.md#linuxFeaturesMountExtensions"""

import os

import pytest

from conformance import requirement
from conformance.harness import support
from conformance.harness.features import APPLIED, PASSED_OVER, REFUSED, due, in_order, outcome
from conformance.harness.trials import SWAP

USER_NAMESPACE = [{"containerID": 0, "hostID": 1005, "size": 1}, {"containerID": 1, "hostID": 100001, "size": 65535}]


@pytest.fixture
def mapped(another, rootfs, shelf):
    """What comes of mappings: of some of the mount's own, and of those of the container's user namespace."""
    (rootfs / "shelf").mkdir()
    (shelf / "book").touch()
    os.chown(shelf / "book", 1005, 1005)

    def attempt(mappings, *namespaces):
        container = another()
        container.config["linux"]["namespaces"] += namespaces
        if namespaces:
            container.config["linux"] |= {"uidMappings": mappings, "gidMappings": mappings}
        entry = {"destination": "/shelf", "source": str(shelf), "options": ["bind", "idmap"]}
        container.config["mounts"] += [entry | {"uidMappings": mappings, "gidMappings": mappings}]
        return container

    return attempt


def seen(container, uid: int) -> str:
    look = "stat /shelf/book"
    return outcome(container, lambda: (container.report().answers[look] or {}).get("uid") == uid, look)


def best(mapped) -> str:
    """The most that comes of it: an implementation may be partial."""
    found = {seen(mapped(SWAP), 0), seen(mapped(USER_NAMESPACE, {"type": "user"}), 1005)}
    return next(each for each in (APPLIED, PASSED_OVER, REFUSED) if each in found)


@requirement("feat.linux.mountExtensions")
def test_it_is_the_same_where_nothing_is_seen_of_the_host(features, told_there):
    assert told_there("linux", "mountExtensions") == in_order(features.member("linux", "mountExtensions"))


@requirement("feat.linux.idmap")
def test_mappings_are_applied_or_refused_as_it_says(features, mapped, same_kernel):
    enabled = features.says("linux", "mountExtensions", "idmap", "enabled")

    assert best(mapped) == due(enabled)


@requirement("feat.linux.idmap.partial")
def test_where_any_mappings_are_applied_it_is_said(features, mapped, same_kernel):
    """Nothing less than true will do: not null, and not silence."""
    extensions = support.section(support.section(features.document, "linux"), "mountExtensions")

    enabled = support.section(extensions, "idmap").get("enabled")

    assert enabled is True or best(mapped) != APPLIED
