"""config-linux.md#configLinuxPIDS"""

from conformance import requirement
from conformance.harness.limits import refused

#: A runtime brings the container up in the cgroup, and may need threads for that.
LIMIT = 24
BENEATH, ABOVE = f"breed {LIMIT // 2}", f"breed {LIMIT}"
FILE = {"v1": "pids.max", "v2": "pids.max"}


def asks_for(config, **properties):
    config["linux"].setdefault("resources", {})["pids"] = properties


@requirement("pids.limit")
def test_the_limit_is_that_of_the_containers_cgroup(config, container, cgroup):
    asks_for(config, limit=LIMIT)

    container.create()

    assert cgroup.value("pids", **FILE) == str(LIMIT)


@requirement("pids.limit")
def test_there_cannot_be_more_tasks_than_the_limit(config, container, another, cgroup):
    """The program itself is one of them."""
    free = another().run(ABOVE)
    asks_for(config, limit=LIMIT)

    bound = container.run(BENEATH, ABOVE)

    assert (free.attempts, bound.attempts) == ({ABOVE: None}, {BENEATH: None, ABOVE: "EAGAIN"})


@requirement("pids.limit.unlimited")
def test_minus_one_is_no_limit(config, container, cgroup):
    asks_for(config, limit=-1)

    container.create()

    assert cgroup.value("pids", **FILE) == "max"


@requirement("pids.limit.unlimited")
def test_minus_one_takes_away_the_limit_of_a_cgroup_that_is_there(config, container, cgroup, existing_cgroup):
    directory = existing_cgroup("pids")
    (directory / "pids.max").write_text(str(LIMIT))
    asks_for(config, limit=-1)

    container.create()

    assert (cgroup.directory("pids"), cgroup.value("pids", **FILE)) == (directory, "max")


@requirement("pids.limit.zero")
def test_with_a_limit_of_zero_nothing_can_fork(config, container, another, cgroup):
    """The kernel counts the container's own process, which is there already: 1 comes to the same."""
    asks_for(config, limit=LIMIT)
    free = another().run("breed 1")
    asks_for(config, limit=0)

    bound = container.run("breed 1")

    assert (free.attempts, bound.attempts) == ({"breed 1": None}, {"breed 1": "EAGAIN"})


@requirement("pids.limit.optional")
def test_without_a_limit_there_is_none(config, container, cgroup):
    asks_for(config)

    report = container.run(ABOVE)

    assert report.attempts == {ABOVE: None}


@requirement("pids.limit.optional")
def test_without_a_limit_that_of_a_cgroup_which_is_there_stays(config, container, cgroup, existing_cgroup):
    (existing_cgroup("pids") / "pids.max").write_text(str(LIMIT))
    asks_for(config)

    container.create()

    assert cgroup.value("pids", **FILE) == str(LIMIT)


@requirement("old.pids.limit.required")
def test_a_missing_limit_is_an_error(config, container, another, cgroup):
    asks_for(config, limit=LIMIT)
    another().create()
    asks_for(config)

    refused(container)
