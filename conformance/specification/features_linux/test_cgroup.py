"""features-linux.md#linuxFeaturesCgroup"""

import pytest

from conformance import requirement
from conformance.harness import controllers, faults, limits
from conformance.harness.features import APPLIED, PASSED_OVER, REFUSED, due, in_order, is_started, told_without_sight


@requirement("feat.linux.cgroup")
def test_it_is_the_same_where_nothing_is_seen_of_the_hosts_cgroups(runtime, features, place):
    elsewhere = told_without_sight(runtime, place).get("linux", {}).get("cgroup")

    assert elsewhere == in_order(features.member("linux", "cgroup"))


def limited(container) -> str:
    """What comes of a limit, in a cgroup of the config's choice."""
    container.config["linux"] |= {"cgroupsPath": f"/{container.id}"}
    container.config["linux"]["resources"] |= {"pids": {"limit": 77}}
    if not is_started(container, "linger"):
        return REFUSED
    cgroup = limits.Cgroup(container)
    seen = (cgroup.path("pids").endswith(f"/{container.id}"), cgroup.value("pids", v1="pids.max", v2="pids.max"))
    return APPLIED if seen == (True, "77") else PASSED_OVER


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

    if is_started(container, "linger"):
        limit = limits.Cgroup(container).value("rdma", v1="rdma.max", v2="rdma.max")
        seen = APPLIED if f"{device} hca_handle=7" in limit else PASSED_OVER
    else:
        seen = REFUSED

    assert seen == due(features.says("linux", "cgroup", "rdma"))
