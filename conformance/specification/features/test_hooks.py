"""features.md#featuresHooks"""

from conformance import requirement
from conformance.harness import hooks


@requirement("feat.hooks")
def test_a_hook_of_every_kind_that_is_listed_is_executed(features, trials):
    listed = set(features.names("hooks"))

    assert trials.hooks(*listed) == listed


@requirement("feat.hooks.complete")
def test_no_hook_of_a_kind_that_is_not_listed_is_executed(features, trials):
    unlisted = set(hooks.KINDS).difference(features.names("hooks"))

    assert {kind for kind in unlisted if trials.hooks(kind)} == set()
