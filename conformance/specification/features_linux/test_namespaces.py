"""features-linux.md#linuxFeaturesNamespaces"""

import os

from conformance import requirement
from conformance.harness import host
from conformance.harness.features import not_taken


def possible(types):
    """Those that this kernel has, and those that nobody has."""
    return [
        type
        for type in types
        if type not in host.NAMESPACES or os.path.exists(f"/proc/self/ns/{host.NAMESPACES[type]}")
    ]


@requirement("feat.linux.namespaces")
def test_every_type_that_is_listed_is_made(features, trials, same_kernel):
    listed = possible(features.names("linux", "namespaces"))

    assert not_taken(listed, lambda types: trials.namespaces(*types)) == []


@requirement("feat.linux.namespaces.complete")
def test_no_type_that_is_not_listed_is_made(features, trials, same_kernel):
    unlisted = possible(host.NAMESPACES.keys() - set(features.names("linux", "namespaces")))

    assert [type for type in sorted(unlisted) if trials.namespaces(type)] == []
