"""features-linux.md#linuxFeaturesMemoryPolicy"""

import pytest

from conformance import requirement
from conformance.harness import faults, memory_policies
from conformance.harness.features import in_order

#: Modes that take no nodes.
WITHOUT_NODES = ("MPOL_DEFAULT", "MPOL_LOCAL")
#: What a policy is in which a name of the list stands.
ASKING = {
    "modes": lambda mode: {"mode": mode} | ({} if mode in WITHOUT_NODES else {"nodes": "0"}),
    "flags": lambda flag: {"mode": "MPOL_BIND", "nodes": "0", "flags": [flag]},
}
NAMES = {"modes": memory_policies.MODES.keys(), "flags": memory_policies.FLAGS.keys()}


def each_list(requirement_id: str) -> pytest.MarkDecorator:
    lists = [pytest.param(name, marks=requirement(requirement_id.format(name)), id=name) for name in NAMES]
    return pytest.mark.parametrize("name", lists)


@pytest.fixture
def taken(trials):
    """Those of some names whose policies are taken; the kernel takes the policies of `possible` ones."""
    return lambda name, values: {value for value in values if trials.runs(memoryPolicy=ASKING[name](value))}


def possible(name, values):
    """Those that this kernel has, and those that no kernel has."""
    if not memory_policies.has_numa():
        raise faults.not_on_this_host("NUMA, in the running kernel")
    return {
        value for value in values if value not in NAMES[name] or memory_policies.refusal(ASKING[name](value)) is None
    }


@requirement("feat.linux.memoryPolicy")
def test_it_is_the_same_where_nothing_is_seen_of_the_host(features, told_there):
    assert told_there("linux", "memoryPolicy") == in_order(features.member("linux", "memoryPolicy"))


@each_list("feat.linux.memoryPolicy.{}")
def test_everything_that_is_listed_is_taken(features, taken, name):
    listed = possible(name, features.names("linux", "memoryPolicy", name))

    assert taken(name, listed) == listed


@each_list("feat.linux.memoryPolicy.{}.complete")
def test_nothing_that_is_not_listed_is_taken(features, taken, name):
    unlisted = possible(name, NAMES[name] - set(features.names("linux", "memoryPolicy", name)))

    assert taken(name, unlisted) == set()
