"""features-linux.md#linuxFeaturesSeccomp"""

import pytest

from conformance import requirement
from conformance.harness import support
from conformance.harness.features import due, in_order, not_taken, told_without_sight
from conformance.harness.trials import BIG_ENDIAN, YOUNG

#: Not all of those that there are: libraries differ.
ARCHITECTURES = {f"SCMP_ARCH_{name}" for name in ("AARCH64", "ARM", "RISCV64", "X32", "X86", "X86_64")}


@pytest.fixture
def listed(features):
    """The names in a list of the features about seccomp."""
    return lambda name: features.names("linux", "seccomp", name)


@requirement("feat.linux.seccomp")
def test_it_is_the_same_where_nothing_is_seen_of_the_kernel(runtime, features, place):
    elsewhere = told_without_sight(runtime, place)

    seen = support.section(support.section(elsewhere, "linux"), "seccomp")
    told = {name: value for name, value in features.member("linux", "seccomp").items() if name != "supportedFlags"}
    assert seen == in_order(told)


@requirement("feat.linux.seccomp.enabled")
def test_filters_are_applied_or_refused_as_it_says(features, filters):
    enabled = features.says("linux", "seccomp", "enabled")

    assert filters.work() == due(enabled)


@requirement("feat.linux.seccomp.actions")
def test_every_action_that_is_listed_is_taken(listed, filters):
    assert not_taken(listed("actions"), lambda names: filters.actions(*names)) == []


@requirement("feat.linux.seccomp.actions.complete")
def test_no_action_that_is_not_listed_is_taken(listed, filters):
    unlisted = support.ACTIONS.difference(listed("actions"))

    assert [name for name in sorted(unlisted) if filters.actions(name)] == []


@requirement("feat.linux.seccomp.operators")
def test_every_operator_that_is_listed_is_taken(listed, filters):
    assert not_taken(listed("operators"), lambda names: filters.operators(*names)) == []


@requirement("feat.linux.seccomp.operators.complete")
def test_no_operator_that_is_not_listed_is_taken(listed, filters):
    unlisted = support.OPERATORS.difference(listed("operators"))

    assert [name for name in sorted(unlisted) if filters.operators(name)] == []


@requirement("feat.linux.seccomp.archs")
def test_every_architecture_that_is_listed_is_taken(listed, filters):
    """With this one in the same filter; those of the other byte order cannot be in it."""
    together = set(listed("archs")) - BIG_ENDIAN - YOUNG

    assert not_taken(together, lambda names: filters.architectures(*names)) == []


@requirement("feat.linux.seccomp.archs.complete")
def test_no_architecture_that_is_not_listed_is_taken(listed, filters):
    unlisted = ARCHITECTURES.difference(listed("archs"))

    assert [name for name in sorted(unlisted) if filters.architectures(name)] == []


@requirement("feat.linux.seccomp.knownFlags")
def test_every_flag_that_is_known_is_taken_unless_it_is_not_supported(features, filters):
    known = features.names("linux", "seccomp", "knownFlags")
    supported = features.document["linux"]["seccomp"].get("supportedFlags")
    expected = known if supported is None else set(known) & set(supported)

    assert not_taken(expected, lambda names: filters.flags(*names)) == []


@requirement("feat.linux.seccomp.knownFlags.complete")
def test_no_flag_that_is_not_known_is_taken(listed, filters):
    unlisted = support.FLAGS.difference(listed("knownFlags"))

    assert [name for name in sorted(unlisted) if filters.flags(name)] == []


@requirement("feat.linux.seccomp.supportedFlags")
def test_every_flag_that_is_supported_is_taken(listed, filters):
    assert not_taken(listed("supportedFlags"), lambda names: filters.flags(*names)) == []


@requirement("feat.linux.seccomp.supportedFlags.complete")
def test_no_flag_that_is_not_supported_is_taken(listed, filters):
    unlisted = support.FLAGS.difference(listed("supportedFlags"))

    assert [name for name in sorted(unlisted) if filters.flags(name)] == []


@requirement("feat.linux.seccomp.subset")
def test_every_flag_that_is_supported_is_known(listed):
    assert sorted(set(listed("supportedFlags")).difference(listed("knownFlags"))) == []
