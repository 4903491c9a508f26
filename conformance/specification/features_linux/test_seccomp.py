"""features-linux.md#linuxFeaturesSeccomp"""

import pytest

from conformance import requirement
from conformance.harness import support
from conformance.harness.features import due, in_order, not_taken
from conformance.harness.trials import BIG_ENDIAN, YOUNG

#: Not all of those that there are: libraries differ.
ARCHITECTURES = {f"SCMP_ARCH_{name}" for name in ("AARCH64", "ARM", "RISCV64", "X32", "X86", "X86_64")}
#: List → the names that could be in it, and what tries some of them.
LISTS = {
    "actions": (support.ACTIONS, "actions"),
    "operators": (support.OPERATORS, "operators"),
    "archs": (ARCHITECTURES, "architectures"),
    "knownFlags": (support.FLAGS, "flags"),
    "supportedFlags": (support.FLAGS, "flags"),
}


def each(lists, requirement_id: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=requirement(requirement_id.format(name)), id=name) for name in lists]
    )


@pytest.fixture
def listed(features):
    """The names in a list of the features about seccomp."""
    return lambda name: features.names("linux", "seccomp", name)


@requirement("feat.linux.seccomp")
def test_it_is_the_same_where_nothing_is_seen_of_the_kernel(features, told_there):
    told = {name: value for name, value in features.member("linux", "seccomp").items() if name != "supportedFlags"}

    assert told_there("linux", "seccomp") == in_order(told)


@requirement("feat.linux.seccomp.enabled")
def test_filters_are_applied_or_refused_as_it_says(features, filters):
    enabled = features.says("linux", "seccomp", "enabled")

    assert filters.work() == due(enabled)


@each(("actions", "operators", "supportedFlags"), "feat.linux.seccomp.{}")
def test_everything_that_is_listed_is_taken(listed, filters, name):
    tries = getattr(filters, LISTS[name][1])

    assert not_taken(listed(name), lambda names: tries(*names)) == []


@each(LISTS, "feat.linux.seccomp.{}.complete")
def test_nothing_that_is_not_listed_is_taken(listed, filters, name):
    names, tries = LISTS[name]

    unlisted = names.difference(listed(name))

    assert [one for one in sorted(unlisted) if getattr(filters, tries)(one)] == []


@requirement("feat.linux.seccomp.archs")
def test_every_architecture_that_is_listed_is_taken(listed, filters):
    """With this one in the same filter; those of the other byte order cannot be in it."""
    together = set(listed("archs")) - BIG_ENDIAN - YOUNG

    assert not_taken(together, lambda names: filters.architectures(*names)) == []


@requirement("feat.linux.seccomp.knownFlags")
def test_every_flag_that_is_known_is_taken_unless_it_is_not_supported(features, filters):
    known = features.names("linux", "seccomp", "knownFlags")
    supported = features.document["linux"]["seccomp"].get("supportedFlags")
    expected = known if supported is None else set(known) & set(supported)

    assert not_taken(expected, lambda names: filters.flags(*names)) == []


@requirement("feat.linux.seccomp.subset")
def test_every_flag_that_is_supported_is_known(listed):
    assert sorted(set(listed("supportedFlags")).difference(listed("knownFlags"))) == []
