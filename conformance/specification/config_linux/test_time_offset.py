"""config-linux.md#configLinuxTimeOffset"""

import time

import pytest

from conformance import generates_an_error, or_an_error, requirement

CLOCKS = {"monotonic": time.CLOCK_MONOTONIC, "boottime": time.CLOCK_BOOTTIME}
SECOND = 1_000_000_000


@pytest.fixture
def offsets(config, container, same_kernel):
    """Start a container whose program waits, with these offsets: how far each of its clocks is ahead, in nanoseconds.

    The host's clock is read before and after the container's, so that what is seen is a span.
    """

    def ahead(configured):
        config["linux"]["namespaces"] += [{"type": "time"}]
        config["linux"]["timeOffsets"] = configured
        container.create("listen")
        container.start()
        container.heard("ready")
        return {name: span(container, name) for name in CLOCKS}

    return ahead


def span(container, name):
    before = time.clock_gettime_ns(CLOCKS[name])
    inside = container.ask(f"clock {name}")[1]
    after = time.clock_gettime_ns(CLOCKS[name])
    return inside - after, inside - before


def within(spans, **expected):
    """Whether each clock is ahead by what is expected, as far as that can be told from outside."""
    return {name: spans[name][0] <= expected.get(name, 0) <= spans[name][1] for name in spans}


BOTH = {"monotonic": True, "boottime": True}


@requirement("timeOffsets.applied")
def test_both_clocks_of_the_program_are_set_off(offsets):
    seen = offsets({"monotonic": {"secs": 5_000, "nanosecs": 7}, "boottime": {"secs": 9_000_000, "nanosecs": 11}})

    assert within(seen, monotonic=5_000 * SECOND + 7, boottime=9_000_000 * SECOND + 11) == BOTH


@requirement("timeOffsets.applied")
def test_the_clocks_of_a_child_are_set_off_too(offsets, container):
    offsets({"monotonic": {"secs": 5_000}, "boottime": {"secs": 7_000}})

    _, child = container.ask("spawn")
    lines = (container.ask(f"read /proc/{child}/timens_offsets")[1] or "").splitlines()

    assert {line.split()[0]: line.split()[1:] for line in lines} == {
        "monotonic": ["5000", "0"],
        "boottime": ["7000", "0"],
    }


@pytest.mark.parametrize("name", CLOCKS)
@requirement("timeOffsets.clock")
def test_the_clock_that_is_not_named_is_the_hosts(offsets, name):
    seen = offsets({name: {"secs": 4_000}})

    assert within(seen, **{name: 4_000 * SECOND}) == BOTH


@requirement("timeOffsets.clock")
def test_without_offsets_no_clock_is_set_off(offsets):
    assert within(offsets({})) == BOTH


@pytest.mark.parametrize("name", CLOCKS)
@requirement("timeOffsets.secs")
def test_a_clock_is_set_back(offsets, name):
    """No further than a host has been up that has come as far as this."""
    seen = offsets({name: {"secs": -3}})

    assert within(seen, **{name: -3 * SECOND}) == BOTH


@pytest.mark.parametrize("name", CLOCKS)
@requirement("timeOffsets.secs")
def test_a_clock_is_set_forward_by_whole_seconds(offsets, name):
    seen = offsets({name: {"secs": 1}})

    assert within(seen, **{name: SECOND}) == BOTH


@pytest.mark.parametrize("name", CLOCKS)
@requirement("timeOffsets.nanosecs")
def test_a_clock_is_set_forward_by_less_than_a_second(offsets, name):
    seen = offsets({name: {"nanosecs": 987_654_321}})

    assert within(seen, **{name: 987_654_321}) == BOTH


@requirement("timeOffsets.nanosecs")
def test_nanoseconds_are_added_to_seconds_that_go_back(offsets):
    """As struct timespec has it: the second part always counts forwards."""
    seen = offsets({"monotonic": {"secs": -3, "nanosecs": 250_000_000}})

    assert within(seen, monotonic=-3 * SECOND + 250_000_000) == BOTH


@requirement("timeOffsets.nanosecs")
def test_a_second_and_more_in_nanoseconds_is_added_or_an_error(offsets):
    seen = or_an_error(
        lambda: within(offsets({"boottime": {"secs": 10, "nanosecs": 3_500_000_000}}), boottime=13_500_000_000)
    )

    assert seen in (BOTH, "an error")


# --- what cannot be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", ["realtime", "tai", "shelf", "MONOTONIC"])
@requirement("timeOffsets.clock.unknown")
def test_a_clock_that_has_no_offset_is_an_error(config, container, another, clock):
    config["linux"]["namespaces"] += [{"type": "time"}]
    config["linux"]["timeOffsets"] = {"monotonic": {"secs": 7}}
    another().create()
    config["linux"]["timeOffsets"][clock] = {"secs": 7}

    with generates_an_error():
        container.create()


@pytest.mark.parametrize("clock", CLOCKS)
@requirement("timeOffsets.unreachable")
def test_an_offset_to_before_the_beginning_is_an_error(config, container, another, clock):
    """A clock that counts from the start cannot be below 0."""
    config["linux"]["namespaces"] += [{"type": "time"}]
    config["linux"]["timeOffsets"] = {clock: {"secs": -1}}
    another().create()
    config["linux"]["timeOffsets"] = {clock: {"secs": -(10**9)}}

    with generates_an_error():
        container.create()


@requirement("timeOffsets.unreachable")
def test_an_offset_beyond_what_a_clock_counts_is_an_error(config, container, another):
    config["linux"]["namespaces"] += [{"type": "time"}]
    config["linux"]["timeOffsets"] = {"boottime": {"secs": 10**9}}
    another().create()
    config["linux"]["timeOffsets"] = {"boottime": {"secs": 2**63 - 1}}

    with generates_an_error():
        container.create()


@requirement("timeOffsets.without-ns")
def test_offsets_without_a_time_namespace_are_an_error(config, container, another):
    config["linux"]["namespaces"] += [{"type": "time"}]
    config["linux"]["timeOffsets"] = {"boottime": {"secs": 7}}
    another().create()
    config["linux"]["namespaces"].remove({"type": "time"})

    with generates_an_error():
        container.create()


@requirement("timeOffsets.joined")
def test_offsets_that_a_namespace_that_is_joined_has_not_are_an_error(config, container, another, namespace_of):
    config["linux"]["namespaces"] += [{"type": "time", "path": namespace_of("time").path}]
    another().create()
    config["linux"]["timeOffsets"] = {"boottime": {"secs": 7_000}}

    with generates_an_error():
        container.create()
