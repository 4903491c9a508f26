"""config-linux.md#configLinuxMemory"""

import mmap
from pathlib import Path

import pytest

from conformance import eventually, requirement
from conformance.harness import cgroups, faults, memory
from conformance.harness.limits import refused
from conformance.harness.memory import MIB

LIMIT = 64 * MIB
#: What a program fills with bytes, on top of what it needs for itself: well below the limit, and above it.
BENEATH, ABOVE = f"fill {16 * MIB}", f"fill {96 * MIB}"
#: Property → the file of either version.
FILES = {
    "limit": {"v1": "memory.limit_in_bytes", "v2": "memory.max"},
    "swap": {"v1": "memory.memsw.limit_in_bytes", "v2": "memory.swap.max"},
    "kernel": {"v1": "memory.kmem.limit_in_bytes", "v2": ""},
    "kernelTCP": {"v1": "memory.kmem.tcp.limit_in_bytes", "v2": ""},
    "swappiness": {"v1": "memory.swappiness", "v2": ""},
    "useHierarchy": {"v1": "memory.use_hierarchy", "v2": ""},
}


def asks_for(config, **properties):
    config["linux"].setdefault("resources", {})["memory"] = properties


def without_swap() -> dict[str, int]:
    """What keeps the kernel from swapping out instead: nothing, where there is nothing to swap to."""
    return {"swap": LIMIT} if has_swap() else {}


def has_swap() -> bool:
    return len(Path("/proc/swaps").read_text().splitlines()) > 1


def reservation(cgroup) -> set[str]:
    """The soft limits of the container's cgroup. Version 2 has two kinds, and the text does not say which it means."""
    if cgroup.version("memory") == 1:
        return {cgroup.value("memory", v1="memory.soft_limit_in_bytes", v2="")}
    return {cgroup.value("memory", v1="", v2=name) for name in ("memory.low", "memory.high")}


def unlimited(cgroup) -> str:
    """What the files say of no limit: in version 1 the highest number of bytes that the kernel counts, in pages."""
    return "max" if cgroup.version("memory") == 2 else str((2**63 - 1) // mmap.PAGESIZE * mmap.PAGESIZE)


@pytest.fixture
def only_in_version_1(cgroup):
    if cgroup.version("memory") == 2:
        raise faults.not_on_this_host("cgroup version 1 of controller memory")


# --- limits ----------------------------------------------------------------------------------------------------------


@requirement("mem.limit")
def test_the_limit_is_that_of_the_containers_cgroup(config, container, cgroup):
    asks_for(config, limit=LIMIT)

    container.create()

    assert cgroup.value("memory", **FILES["limit"]) == str(LIMIT)


@requirement("mem.limit")
def test_the_container_cannot_use_more_than_the_limit(config, container, another, cgroup):
    another().run(ABOVE)
    asks_for(config, limit=LIMIT, **without_swap())
    container.create(BENEATH, ABOVE)
    directory = cgroup.directory("memory")

    container.start()
    container.becomes("stopped")

    assert memory.kills(directory) > 0


@requirement("mem.reservation")
def test_the_reservation_is_the_soft_limit_of_the_containers_cgroup(config, container, cgroup):
    asks_for(config, limit=LIMIT, reservation=40 * MIB)

    container.create()

    assert str(40 * MIB) in reservation(cgroup)
    assert cgroup.value("memory", **FILES["limit"]) == str(LIMIT)


@requirement("mem.swap")
@pytest.mark.parametrize("more", [0, 24 * MIB], ids=["no swap", "some swap"])
def test_swap_counts_together_with_memory(config, container, cgroup, more):
    """Version 2 counts swap by itself."""
    asks_for(config, limit=LIMIT, swap=LIMIT + more)

    container.create()

    swap = cgroup.value("memory", **FILES["swap"])
    assert swap == str(more if cgroup.version("memory") == 2 else LIMIT + more)


@requirement("mem.swap")
def test_less_memory_and_swap_than_memory_alone_is_an_error(config, container, another, cgroup):
    asks_for(config, limit=LIMIT, swap=LIMIT)
    another().create()
    asks_for(config, limit=LIMIT, swap=LIMIT - MIB)

    refused(container)


@requirement("mem.unlimited")
@pytest.mark.parametrize("name", ["limit", "reservation", "swap"])
def test_minus_one_is_no_limit(config, container, cgroup, name):
    asks_for(config, **{name: -1})

    container.create()

    seen = reservation(cgroup) if name == "reservation" else {cgroup.value("memory", **FILES[name])}
    # As a protection, all there is is "max"; as a limit, none is.
    assert unlimited(cgroup) in seen


@requirement("mem.unlimited")
def test_minus_one_takes_away_the_limit_of_a_cgroup_that_is_there(config, container, cgroup, existing_cgroup):
    directory = existing_cgroup("memory")
    (directory / FILES["limit"][f"v{cgroup.version('memory')}"]).write_text(str(LIMIT))
    asks_for(config, limit=-1)

    container.create()

    assert cgroup.directory("memory") == directory
    assert cgroup.value("memory", **FILES["limit"]) == unlimited(cgroup)


@requirement("mem.unlimited")
def test_the_kernels_memory_without_limit_can_be_asked_for(config, container, another, cgroup):
    asks_for(config, limit=LIMIT)
    another().create()
    asks_for(config, limit=LIMIT, kernel=-1, kernelTCP=-1)

    if not takes_words_of_version_1(container, cgroup):
        return

    assert cgroup.value("memory", **FILES["limit"]) == str(LIMIT)


def takes_words_of_version_1(container, cgroup, *commands):
    """Create it. Where version 2 does by itself what they ask for a runtime may refuse them all the same, for it MAY
    convert them."""
    try:
        container.create(*commands)
    except faults.OperationFailed:
        if cgroup.version("memory") == 1:
            raise
        return False
    return True


@requirement("mem.unlimited")
@pytest.mark.parametrize("name", ["limit", "reservation"])
def test_another_negative_number_is_an_error(config, container, another, cgroup, name):
    asks_for(config, **{name: -1})
    another().create()
    asks_for(config, **{name: -2})

    refused(container)


@requirement("mem.unlimited")
def test_zero_bytes_are_not_taken_for_no_limit(config, container, another, cgroup):
    """Nothing can run with that: whether create is an error, or its process is killed, is the runtime's choice."""
    asks_for(config, limit=LIMIT)
    another().create()
    asks_for(config, limit=0)

    try:
        container.create()
        seen = container.current_status()
    except faults.OperationFailed:
        seen = "an error"

    if seen == "created":
        assert cgroup.value("memory", **FILES["limit"]) == "0"
    else:
        assert seen in {"an error", "stopped"}


# --- what not every host has -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("kernel", LIMIT, marks=requirement("mem.kernel"), id="kernel"),
        pytest.param("kernelTCP", LIMIT, marks=requirement("mem.kernelTCP"), id="kernelTCP"),
        pytest.param("swappiness", 0, marks=requirement("mem.swappiness"), id="swappiness of 0"),
        pytest.param("swappiness", 37, marks=requirement("mem.swappiness"), id="swappiness of 37"),
        pytest.param("swappiness", 100, marks=requirement("mem.swappiness"), id="swappiness of 100"),
        pytest.param("useHierarchy", False, marks=requirement("mem.useHierarchy.false"), id="useHierarchy false"),
    ],
)
def test_what_version_1_has_is_that_of_the_containers_cgroup(config, container, only_in_version_1, cgroup, name, value):
    asks_for(config, **{name: value})

    container.create()

    assert cgroup.value("memory", **FILES[name]) == str(int(value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("kernel", LIMIT, marks=requirement("mem.kernel"), id="kernel"),
        pytest.param("kernelTCP", LIMIT, marks=requirement("mem.kernelTCP"), id="kernelTCP"),
        pytest.param("swappiness", 37, marks=requirement("mem.swappiness"), id="swappiness"),
        pytest.param("disableOOMKiller", True, marks=requirement("mem.disableOOMKiller"), id="disableOOMKiller"),
        pytest.param("useHierarchy", False, marks=requirement("mem.useHierarchy.false"), id="useHierarchy"),
    ],
)
def test_what_this_host_cannot_do_is_an_error(config, container, another, cgroup, name, value):
    asks_for(config, limit=LIMIT)
    another().create()
    asks_for(config, limit=LIMIT, **{name: value})
    container.is_beyond_this_host()

    refused(container)


@requirement("mem.swappiness.range")
def test_a_swappiness_above_100_is_an_error(config, container, another, cgroup):
    asks_for(config, swappiness=100)
    another().create()
    asks_for(config, swappiness=101)

    refused(container)


# --- the OOM killer --------------------------------------------------------------------------------------------------


@requirement("mem.oomKiller.enabled")
@pytest.mark.parametrize("said", [{}, {"disableOOMKiller": False}], ids=["missing", "false"])
def test_who_wants_more_than_the_limit_is_killed(config, container, another, cgroup, said):
    asks_for(config, limit=LIMIT, **said, **without_swap())
    beneath = another().run(BENEATH)
    container.create(ABOVE)
    directory = cgroup.directory("memory")

    container.start()
    container.becomes("stopped")

    assert (beneath.attempts, memory.kills(directory)) == ({BENEATH: None}, 1)


@requirement("mem.disableOOMKiller")
def test_without_the_killer_who_wants_more_than_the_limit_waits(config, container, cgroup):
    """Until there is more."""
    asks_for(config, limit=LIMIT, disableOOMKiller=True, **without_swap())
    container.create(ABOVE)
    directory = cgroup.directory("memory")
    container.start()

    eventually(
        lambda: memory.is_waiting(directory) or container.current_status() == "stopped",
        "a wait for memory",
        container.runtime,
    )
    for name in ("memory.memsw.limit_in_bytes", "memory.limit_in_bytes"):
        if (directory / name).exists():
            (directory / name).write_text("-1")

    assert (container.report().attempts, memory.kills(directory)) == ({ABOVE: None}, 0)


# --- hierarchy -------------------------------------------------------------------------------------------------------


@pytest.fixture
def below(container, cgroup):
    """Make a cgroup below the container's, and put its process there; both are gone before the container is."""
    made = []

    def put() -> Path:
        directory = cgroup.directory("memory") / "below"
        directory.mkdir()
        made.append(directory)
        (directory / "cgroup.procs").write_text(str(container.pid))
        return directory

    yield put
    for directory in made:
        if container.current_status() == "running":
            container.kill()
        cgroups.sweep(directory)


@requirement("mem.useHierarchy")
def test_the_limit_is_that_of_the_cgroups_below_too(config, container, another, cgroup, below):
    asks_for(config, limit=LIMIT, **without_swap())
    another().create()
    asks_for(config, limit=LIMIT, useHierarchy=True, **without_swap())
    if not takes_words_of_version_1(container, cgroup, "trap USR1", BENEATH, ABOVE):
        return
    directory = cgroup.directory("memory")
    container.start()
    container.heard("ready")
    below()

    container.kill("USR1")
    container.becomes("stopped")

    assert memory.kills(directory) == 1


@requirement("mem.useHierarchy")
def test_hierarchy_is_that_of_the_containers_cgroup(config, container, only_in_version_1, cgroup):
    asks_for(config, useHierarchy=True)

    container.create()

    assert cgroup.value("memory", **FILES["useHierarchy"]) == "1"


# --- a limit below what is used already ------------------------------------------------------------------------------


@requirement("mem.checkBeforeUpdate.reject")
def test_a_limit_below_what_is_used_is_rejected_or_in_force(config, container, cgroup, existing_cgroup, place):
    """Version 1's kernel rejects it, if it cannot make the usage less by swapping out. In version 2 the runtime need
    not have looked: then the limit is what it is."""
    memory.use(existing_cgroup("memory"), place / "used", 32 * MIB)
    asks_for(config, limit=16 * MIB, checkBeforeUpdate=True)

    try:
        container.create()
        seen = cgroup.value("memory", **FILES["limit"])
    except faults.OperationFailed:
        seen = "an error"

    in_force = [str(16 * MIB)] if cgroup.version("memory") == 2 or has_swap() else []
    assert seen in {"an error", *in_force}


@requirement("mem.checkBeforeUpdate.may")
def test_a_limit_is_held_against_what_is_used(config, container, cgroup, existing_cgroup, place):
    """And the error is not that the OOM killer has taken the container's process."""
    if cgroup.version("memory") == 1:
        raise faults.not_on_this_host("cgroup version 2 of controller memory: version 1's kernel holds it against that")
    directory = existing_cgroup("memory")
    memory.use(directory, place / "used", 32 * MIB)
    asks_for(config, limit=16 * MIB, checkBeforeUpdate=True)

    refused(container)

    assert memory.kills(directory.parent) == 0


@requirement("mem.checkBeforeUpdate.reject")
def test_a_limit_above_what_is_used_is_none_to_reject(config, container, cgroup, existing_cgroup, place):
    memory.use(existing_cgroup("memory"), place / "used", 32 * MIB)
    asks_for(config, limit=4 * LIMIT, checkBeforeUpdate=True)

    container.create()

    assert cgroup.value("memory", **FILES["limit"]) == str(4 * LIMIT)
