"""features-linux.md#linuxFeaturesCapabilities"""

from conformance import requirement
from conformance.harness import host
from conformance.harness.capabilities import NAMES
from conformance.harness.features import not_taken


@requirement("feat.linux.capabilities")
def test_every_name_that_is_listed_is_granted(features, trials):
    listed = features.names("linux", "capabilities")

    assert not_taken(listed, lambda names: trials.capabilities(*names)) == []


@requirement("feat.linux.capabilities.complete")
def test_no_name_that_is_not_listed_is_granted(features, trials):
    unlisted = [name for name in NAMES if name not in features.names("linux", "capabilities")]
    grantable = [name for name in unlisted if host.has_capability(NAMES.index(name))]

    assert [name for name in grantable if trials.capabilities(name)] == []
