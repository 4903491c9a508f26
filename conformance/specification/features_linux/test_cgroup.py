"""features-linux.md#linuxFeaturesCgroup"""

import pytest

from conformance import requirement
from conformance.harness import controllers, faults, limits
from conformance.harness.features import due, in_order, outcome


@requirement("feat.linux.cgroup")
def test_it_is_the_same_where_nothing_is_seen_of_the_hosts_cgroups(features, told_there):
    assert told_there("linux", "cgroup") == in_order(features.member("linux", "cgroup"))


def limited(container) -> str:
    """What comes of a limit, in a cgroup of the config's choice."""
    container.config["linux"] |= {"cgroupsPath": f"/{container.id}"}
    container.config["linux"]["resources"] |= {"pids": {"limit": 77}}
    cgroup = limits.Cgroup(container)

    def is_applied() -> bool:
        there = cgroup.path("pids").endswith(f"/{container.id}")
        return there and cgroup.value("pids", v1="pids.max", v2="pids.max") == "77"

    return outcome(container, is_applied, "linger")


@pytest.mark.parametrize(
    ("version", "number"),
    [
        pytest.param("v1", 1, marks=requirement("feat.linux.cgroup.v1"), id="v1"),
        pytest.param("v2", 2, marks=requirement("feat.linux.cgroup.v2"), id="v2"),
    ],
)
def test_limits_are_applied_or_refused_as_it_says(features, container, same_kernel, version, number):
    hierarchy = controllers.hierarchy_of("pids")
    if hierarchy is None or hierarchy.version != number:
        raise faults.not_on_this_host(f"controller pids in cgroup version {number}")

    assert limited(container) == due(features.says("linux", "cgroup", version))


@requirement("feat.linux.cgroup.rdma")
def test_limits_of_rdma_are_applied_or_refused_as_it_says(features, container, same_kernel, rdma_devices):
    device = rdma_devices[0]
    container.config["linux"]["cgroupsPath"] = f"/{container.id}"
    container.config["linux"]["resources"]["rdma"] = {device: {"hcaHandles": 7}}

    cgroup = limits.Cgroup(container)
    limit = f"{device} hca_handle=7"
    seen = outcome(container, lambda: limit in cgroup.value("rdma", v1="rdma.max", v2="rdma.max"), "linger")

    assert seen == due(features.says("linux", "cgroup", "rdma"))
