"""features-linux.md#linuxFeaturesCapabilities"""

from conformance import requirement
from conformance.harness import host
from conformance.harness.capabilities import NAMES
from conformance.harness.features import not_taken


def is_grantable(name):
    """Whether this host can give it away."""
    return host.has_capability(NAMES.index(name))


@requirement("feat.linux.capabilities")
def test_every_name_that_is_listed_is_granted(features, trials):
    listed = [name for name in features.names("linux", "capabilities") if name not in NAMES or is_grantable(name)]

    assert not_taken(listed, lambda names: trials.capabilities(*names)) == []


@requirement("feat.linux.capabilities.complete")
def test_no_name_that_is_not_listed_is_granted(features, trials):
    unlisted = [name for name in NAMES if name not in features.names("linux", "capabilities")]

    assert [name for name in unlisted if is_grantable(name) and trials.capabilities(name)] == []
