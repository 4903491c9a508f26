"""config-linux.md#configLinuxCPU"""

import os

import pytest

from conformance import eventually, requirement
from conformance.harness import cpus, faults
from conformance.harness.limits import Cgroup, refused

#: Microseconds, far from what is usual.
PERIOD, QUOTA, BURST = 40_000, 30_000, 20_000
FILES = {
    "shares": {"v1": "cpu.shares", "v2": "cpu.weight"},
    "burst": {"v1": "cpu.cfs_burst_us", "v2": "cpu.max.burst"},
    "realtimeRuntime": {"v1": "cpu.rt_runtime_us", "v2": ""},
    "realtimePeriod": {"v1": "cpu.rt_period_us", "v2": ""},
    "idle": {"v1": "cpu.idle", "v2": "cpu.idle"},
    "cpus": {"v1": "cpuset.cpus", "v2": "cpuset.cpus"},
    "mems": {"v1": "cpuset.mems", "v2": "cpuset.mems"},
}


def asks_for(config, **properties):
    config["linux"].setdefault("resources", {})["cpu"] = properties


def bandwidth(cgroup) -> tuple[str, str]:
    """Quota and period of the container's cgroup, in the words of version 2."""
    if cgroup.version("cpu") == 2:
        quota, period = cgroup.value("cpu", v1="", v2="cpu.max").split()
        return quota, period
    quota, period = (cgroup.value("cpu", v1=f"cpu.cfs_{name}_us", v2="") for name in ("quota", "period"))
    return quota.replace("-1", "max"), period


# --- time ------------------------------------------------------------------------------------------------------------


@requirement("cpu.shares")
def test_more_shares_are_more_time(config, another, cgroup):
    """Version 2 has weights instead, from 1 to 10000. How shares become weights is nowhere said, so order decides."""
    shares = [2, 512, 1024, 262144]

    seen = [int(value_of(config, another, cgroup, shares=each)) for each in shares]

    assert seen == (shares if cgroup.version("cpu") == 1 else sorted(set(seen)))


def value_of(config, another, cgroup, **asked: int) -> str:
    """What another container's cgroup has for its shares."""
    asks_for(config, **asked)
    container = another()
    container.create()
    return Cgroup(container).value("cpu", **FILES["shares"])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(
            {"quota": QUOTA}, (str(QUOTA), "100000"), marks=requirement("cpu.quota"), id="a quota of the usual period"
        ),
        pytest.param(
            {"quota": 250_000, "period": 50_000},
            ("250000", "50000"),
            marks=requirement("cpu.quota"),
            id="a quota of more than one processor",
        ),
        pytest.param(
            {"quota": 700_000, "period": 800_000}, ("700000", "800000"), marks=requirement("cpu.quota"), id="long times"
        ),
        pytest.param({"period": PERIOD}, ("max", str(PERIOD)), marks=requirement("cpu.period"), id="a period alone"),
        pytest.param(
            {"quota": QUOTA, "period": PERIOD},
            (str(QUOTA), str(PERIOD)),
            marks=requirement("cpu.period"),
            id="a period and its quota",
        ),
    ],
)
def test_quota_and_period_are_those_of_the_containers_cgroup(config, container, cgroup, asked, expected):
    asks_for(config, **asked)

    container.create()

    assert bandwidth(cgroup) == expected


@requirement("cpu.quota")
def test_who_has_used_the_quota_waits_for_the_next_period(config, container, another, cgroup):
    """A tenth of a processor is too little for a program that takes all it gets, even on a busy host.

    A hundred are not, even where the host of a virtual machine lets its clock stand still for some periods.
    """
    asks_for(config, quota=2_000_000, period=20_000)
    ample = another()
    asks_for(config, quota=2_000, period=20_000)

    eventually(lambda: throttled(container, cgroup), "a wait for the next period", container.runtime)

    assert not throttled(ample, Cgroup(ample))


def throttled(container, cgroup) -> int:
    """How often the kernel has made its program wait, once that has taken some time."""
    if not container.created:
        container.create("listen")
        container.start()
    container.ask("burn 10")
    return cpus.throttled(cgroup.file("cpu", v1="cpu.stat", v2="cpu.stat"))


@requirement("cpu.burst")
def test_the_burst_is_that_of_the_containers_cgroup(config, container, cgroup):
    asks_for(config, quota=QUOTA, period=PERIOD, burst=BURST)

    container.create()

    assert (bandwidth(cgroup), cgroup.value("cpu", **FILES["burst"])) == ((str(QUOTA), str(PERIOD)), str(BURST))


@requirement("cpu.burst.above-quota")
def test_a_burst_above_the_quota_is_an_error(config, container, another, cgroup):
    asks_for(config, quota=QUOTA, burst=QUOTA)
    another().create()
    asks_for(config, quota=QUOTA, burst=QUOTA + 1000)

    refused(container)


@requirement("cpu.idle")
@pytest.mark.parametrize("idle", [0, 1])
def test_whether_it_is_idle_is_that_of_the_containers_cgroup(config, container, cgroup, idle):
    asks_for(config, idle=idle)

    container.create()

    assert cgroup.value("cpu", **FILES["idle"]) == str(idle)


@requirement("cpu.idle.unknown")
@pytest.mark.parametrize("idle", [2, -1])
def test_another_value_than_0_and_1_is_an_error(config, container, another, cgroup, idle):
    asks_for(config, idle=1)
    another().create()
    asks_for(config, idle=idle)

    refused(container)


# --- real-time policies ----------------------------------------------------------------------------------------------


@requirement("cpu.realtimeRuntime")
def test_the_time_for_real_time_policies_is_that_of_the_containers_cgroup(config, container, realtime, cgroup):
    asks_for(config, realtimeRuntime=23_000)

    container.create()

    assert cgroup.value("cpu", **FILES["realtimeRuntime"]) == "23000"


@requirement("cpu.realtimePeriod")
def test_the_period_of_real_time_policies_is_that_of_the_containers_cgroup(config, container, realtime, cgroup):
    asks_for(config, realtimeRuntime=11_000, realtimePeriod=500_000)

    container.create()

    names = ("realtimeRuntime", "realtimePeriod")
    assert [cgroup.value("cpu", **FILES[name]) for name in names] == ["11000", "500000"]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"realtimeRuntime": 23_000}, marks=requirement("cpu.realtimeRuntime"), id="runtime"),
        pytest.param({"realtimePeriod": 500_000}, marks=requirement("cpu.realtimePeriod"), id="period"),
    ],
)
def test_real_time_policies_cannot_be_rationed_where_the_kernel_does_not(config, container, another, cgroup, asked):
    asks_for(config, shares=512)
    another().create()
    asks_for(config, shares=512, **asked)
    container.is_beyond_this_host()

    refused(container)


# --- processors and memory nodes -------------------------------------------------------------------------------------


@pytest.fixture
def two_processors() -> tuple[int, int]:
    """The first and the last that this run may use."""
    found = sorted(os.sched_getaffinity(0))
    if len(found) < 2:
        raise faults.not_on_this_host("a second processor")
    return found[0], found[-1]


@requirement("cpu.cpus")
def test_the_program_runs_on_these_processors_alone(config, container, cgroup, two_processors):
    """And cannot be made to run on another one."""
    another_one, the_one = two_processors
    asks_for(config, cpus=str(the_one))
    container.create("affinity", f"confine {another_one}", f"confine {the_one}")
    value = cgroup.value("cpuset", **FILES["cpus"])

    container.start()
    report = container.report()

    assert (value, report.answers["affinity"]) == (str(the_one), [the_one])
    assert report.attempts == {"affinity": None, f"confine {another_one}": "EINVAL", f"confine {the_one}": None}


#: Which number nothing has → the number.
MISSING = {"the next one": cpus.first_missing, "more than any kernel counts": lambda name: 70_000}


@pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=requirement(f"cpu.{name}"), id=name) for name in ("cpus", "mems")],
)
def test_what_does_not_exist_is_an_error(config, container, another, cgroup, name, missing):
    asks_for(config, **{name: cpus.allowed(name)})
    another().create()
    asks_for(config, **{name: str(missing(name))})

    refused(container)


@requirement("cpu.cpus.format")
@pytest.mark.parametrize("form", ["{0},{1}", "{1},{0}", "{0}-{0},{1}"])
def test_processors_are_listed_with_commas(config, container, cgroup, two_processors, form):
    asks_for(config, cpus=form.format(*two_processors))

    report = container.run("affinity")

    assert report.answers["affinity"] == list(two_processors)


@requirement("cpu.cpus.format")
@pytest.mark.parametrize("form", ["{0}-{1}", "{1}-{1}"], ids=["two", "one"])
def test_a_dash_makes_a_range_of_processors(config, container, cgroup, form):
    """One processor alone is told from no limit by hosts that have no more than two."""
    found = cpus.neighbours(sorted(os.sched_getaffinity(0)))
    if found is None:
        raise faults.not_on_this_host("two processors, one numbered after the other")
    asks_for(config, cpus=form.format(*found))

    report = container.run("affinity")

    assert report.answers["affinity"] == (list(found) if form == "{0}-{1}" else [found[1]])


MALFORMED = ["0-", "-0", "0-0-0", "1-0", "a", "0;0"]


@pytest.mark.parametrize("text", MALFORMED)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=requirement(f"cpu.{name}.format"), id=name) for name in ("cpus", "mems")],
)
def test_a_text_that_is_no_list_is_an_error(config, container, another, cgroup, name, text):
    asks_for(config, **{name: cpus.allowed(name)})
    another().create()
    asks_for(config, **{name: text})

    refused(container)


@pytest.fixture
def two_nodes() -> tuple[int, int]:
    """Two memory nodes that this run may use, with nothing between them."""
    found = cpus.neighbours(cpus.numbers(cpus.allowed("mems")))
    if found is None:
        raise faults.not_on_this_host("a second memory node, numbered after another")
    return found


def nodes(report) -> list[int]:
    """The memory nodes that the kernel lets the program use."""
    lines = report.answers["read /proc/self/status"].splitlines()
    return cpus.numbers(next(line for line in lines if line.startswith("Mems_allowed_list")).split()[1])


@requirement("cpu.mems")
def test_the_program_has_memory_of_these_nodes_alone(config, container, cgroup, two_nodes):
    asks_for(config, mems=str(two_nodes[1]))
    container.create("read /proc/self/status")
    value = cgroup.value("cpuset", **FILES["mems"])

    container.start()

    assert (value, nodes(container.report())) == (str(two_nodes[1]), [two_nodes[1]])


@requirement("cpu.mems.format")
@pytest.mark.parametrize("form", ["{0}-{1}", "{0},{1}", "{1},{0}"])
def test_nodes_are_listed_with_commas_and_dashes(config, container, cgroup, two_nodes, form):
    asks_for(config, mems=form.format(*two_nodes))

    report = container.run("read /proc/self/status")

    assert nodes(report) == list(two_nodes)


@requirement("cpu.mems.format")
def test_one_node_is_a_list_too(config, container, cgroup):
    first = cpus.numbers(cpus.allowed("mems"))[0]
    asks_for(config, mems=f"{first},{first}")

    container.create()

    assert cgroup.value("cpuset", **FILES["mems"]) == str(first)
