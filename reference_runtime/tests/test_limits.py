"""Block I/O, huge pages, packets and RDMA: what comes of them in the words of each version of cgroups."""

from __future__ import annotations

from typing import Any

import pytest

from reference_runtime import errors
from reference_runtime.config_linux import block_io, hugepage_limits, network, rdma, sysctl

DISK = {"major": 8, "minor": 16}


def config(**resources: Any) -> Any:
    return {"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "linux": {"resources": resources}}


def test_each_rate_is_a_line_for_its_device():
    other = {"major": 7, "minor": 0, "rate": 300}
    asked = config(
        blockIO={"throttleReadBpsDevice": [{**DISK, "rate": 600}, other], "throttleWriteIOPSDevice": [other]}
    )

    assert block_io.v1(asked) == {
        "blkio.throttle.read_bps_device": "8:16 600\n7:0 300",
        "blkio.throttle.write_iops_device": "7:0 300",
    }
    assert block_io.v2(asked) == {"io.max": "8:16 rbps=600\n7:0 rbps=300\n7:0 wiops=300"}


def test_weights_of_devices_stand_beside_the_one_of_all_others():
    asked = config(blockIO={"weight": 100, "weightDevice": [{**DISK, "weight": 500}]})

    assert block_io.v1(asked) == {
        "blkio.bfq.weight|blkio.weight": "100",
        "blkio.bfq.weight_device|blkio.weight_device": "8:16 500",
    }
    assert block_io.v2(asked) == {"io.bfq.weight": "100\n8:16 500"}


@pytest.mark.parametrize("weights", [{"leafWeight": 300}, {"weightDevice": [{**DISK, "weight": 1, "leafWeight": 2}]}])
def test_version_2_has_no_leaf_weights(weights: Any):
    with pytest.raises(errors.Unsupported):
        block_io.v2(config(blockIO=weights))


def test_reservations_are_limited_where_they_are_counted_and_use_everywhere():
    asked = config(hugepageLimits=[{"pageSize": "2MB", "limit": 4194304}])

    assert list(hugepage_limits.v2(asked)) == ["hugetlb.2MB.rsvd.max|hugetlb.2MB.max", "hugetlb.2MB.max"]
    assert set(hugepage_limits.v2(asked).values()) == {"4194304"}


@pytest.mark.parametrize("size", ["2M", "2mb", "MB", "2048", "", "../2MB", "2.0MB", "²MB"])
def test_what_is_no_page_size_is_part_of_no_files_name(size: str):
    with pytest.raises(errors.InvalidConfig):
        hugepage_limits.check(config(hugepageLimits=[{"pageSize": size, "limit": 0}]))


def test_packets_have_a_class_and_each_interface_a_priority():
    asked = config(
        network={"classID": 0, "priorities": [{"name": "lo", "priority": 5}, {"name": "eth0", "priority": 7}]}
    )

    assert network.v1(asked) == {"net_cls.classid": "0", "net_prio.ifpriomap": "lo 5\neth0 7"}


def test_of_an_rdma_device_only_what_is_named_is_limited():
    asked = config(rdma={"mlx5_1": {"hcaHandles": 3, "hcaObjects": 0}, "rxe3": {"hcaObjects": 9}})

    assert rdma.v1(asked) == {"rdma.max": "mlx5_1 hca_handle=3 hca_object=0\nrxe3 hca_object=9"}


@pytest.mark.parametrize("entry", [None, {"type": "network", "path": "/proc/self/ns/net"}])
def test_a_parameter_of_the_runtimes_own_namespace_is_refused(entry: Any):
    asked = config()
    asked["linux"] |= {"sysctl": {"net.core.somaxconn": "17"}, "namespaces": [{"type": "network"}]}
    sysctl.check(asked)
    asked["linux"]["namespaces"] = [entry] if entry else []

    with pytest.raises(errors.InvalidConfig):
        sysctl.check(asked)
