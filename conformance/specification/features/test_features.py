"""features.md#features"""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.harness.features import comparable, is_empty, told_again, told_without_sight
from conformance.harness.trials import Filters, Trials


@requirement("feat.provide")
def test_the_runtime_tells_its_features(runtime):
    """By the name under which engines ask for them; the text has none."""
    assert runtime.call("features").exit == 0


@requirement("feat.json")
def test_the_features_are_one_json_object_and_nothing_else(features):
    assert isinstance(features.document, dict)


@requirement("feat.json")
def test_they_are_told_without_a_bundle_and_nothing_is_made(runtime, features, place):
    empty = place / "empty"
    empty.mkdir()

    elsewhere = told_again(runtime, cwd=empty)

    assert (comparable(elsewhere.document), list(empty.iterdir())) == (comparable(features.document), [])


@requirement("feat.host-independent")
def test_the_features_are_the_same_where_nothing_is_seen_of_the_host(runtime, features, place):
    assert told_without_sight(runtime, place) == comparable(features.document)


@requirement("feat.compile-time")
def test_the_features_are_the_same_in_another_environment(runtime, features, place):
    elsewhere = told_again(runtime, cwd=place, env={"PATH": "/nowhere", "HOME": str(place), "LANG": "tlh"})

    assert comparable(elsewhere.document) == comparable(features.document)


#: List → whether the commonest thing in it works.
COMMON: dict[str, Callable[[Trials, Filters], bool]] = {
    "hooks": lambda trials, _: trials.hooks("poststop") == {"poststop"},
    "mountOptions": lambda trials, _: trials.knows_option("nosuid"),
    "linux.namespaces": lambda trials, _: trials.namespaces("pid"),
    "linux.capabilities": lambda trials, _: trials.capabilities("CAP_CHOWN"),
    "linux.seccomp.actions": lambda _, filters: filters.actions("SCMP_ACT_ERRNO"),
    "linux.seccomp.operators": lambda _, filters: filters.operators("SCMP_CMP_EQ"),
    "linux.seccomp.archs": lambda _, filters: filters.architectures(),
    "linux.memoryPolicy.modes": lambda trials, _: trials.runs(memoryPolicy={"mode": "MPOL_DEFAULT"}),
}


@requirement("feat.null-not-empty")
@pytest.mark.parametrize(("path", "works"), [pytest.param(*entry, id=entry[0]) for entry in COMMON.items()])
def test_a_list_that_is_empty_is_of_a_thing_that_does_not_work(features, trials, filters, same_kernel, path, works):
    """What is not known is null, or left out."""
    empty = is_empty(features.names(*path.split(".")))

    assert (empty, empty and works(trials, filters)) in [(False, False), (True, False)]
