"""config-linux.md#configLinuxControlGroups"""

from concurrent.futures import ThreadPoolExecutor

from conformance import requirement
from conformance.harness import faults
from conformance.harness.container import eventually

REFUSED, CREATED = "an error, and no container", "a container in that cgroup"


def outcome(container, cgroup, path, created):
    """Either is sound; anything else is told as it is."""
    try:
        created()
    except faults.OperationFailed as refusal:
        return "an error, and a container" if refusal.container_exists() else REFUSED
    return CREATED if path in cgroup.paths.values() else cgroup.paths


@requirement("cg.fitness-error")
def test_a_cgroup_with_a_process_is_used_or_is_an_error(config, container, cgroup, older_cgroup, tenant):
    """Whoever was there before is not asked to leave."""
    config["linux"]["cgroupsPath"] = older_cgroup.path

    happened = outcome(container, cgroup, older_cgroup.path, container.create)

    assert happened in (REFUSED, CREATED)
    assert tenant()


@requirement("cg.fitness-error")
def test_a_frozen_cgroup_is_used_or_is_an_error(config, container, runtime, cgroup, older_cgroup, freezer):
    """It thaws as soon as a process of the container is stuck in it."""
    config["linux"]["cgroupsPath"] = older_cgroup.path
    freezer.freeze()

    with ThreadPoolExecutor(1) as thread:
        create = thread.submit(container.create)
        eventually(lambda: create.done() or freezer.holds_somebody(), "a decision, or a process", runtime)
        freezer.thaw()
        happened = outcome(container, cgroup, older_cgroup.path, create.result)

    assert happened in (REFUSED, CREATED)
