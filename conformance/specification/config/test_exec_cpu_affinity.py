"""config.md#configLinuxProcess: execCPUAffinity"""

import os

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import faults

STATUS = "read /proc/self/status"


def affinity(container) -> list[str]:
    status = container.run(STATUS).answers[STATUS] or ""
    return [line for line in status.splitlines() if line.startswith("Cpus_allowed_list")]


@requirement("execaff.not-init")
@pytest.mark.parametrize("member", ["initial", "final"])
def test_the_containers_own_process_keeps_its_processors(config, container, another, member):
    first, *others = sorted(os.sched_getaffinity(0))
    if not others:
        raise faults.not_on_this_host("a second processor")
    usual = affinity(another())

    config["process"]["execCPUAffinity"] = {member: str(first)}

    assert affinity(container) == usual


@requirement("execaff.format")
@pytest.mark.parametrize(
    ("member", "cpus"), [("initial", "0"), ("initial", "0,0-0"), ("final", "0-0,0"), ("final", "")]
)
def test_a_list_of_processors_is_accepted(config, container, member, cpus):
    """Of the first one only, which every machine has: a runtime may look."""
    config["process"]["execCPUAffinity"] = {member: cpus}

    container.create()

    assert container.status == "created"


@requirement("execaff.format.invalid")
@pytest.mark.parametrize("cpus", ["shelf", "0-", "1-0", "0;1"])
@pytest.mark.parametrize("member", ["initial", "final"])
def test_what_is_no_list_of_processors_is_an_error(config, container, another, member, cpus):
    config["process"]["execCPUAffinity"] = {member: "0"}
    another().create()

    config["process"]["execCPUAffinity"][member] = cpus

    with generates_an_error():
        container.create()
        container.start()
