"""config-linux.md#configLinuxRDMA"""

import pytest

from conformance import generates_an_error, requirement

UNLIMITED = {"hca_handle": "max", "hca_object": "max"}


def asks_for(config, devices):
    config["linux"]["resources"]["rdma"] = devices


def limits(cgroup):
    """Device → what the kernel has for it."""
    text = cgroup.value("rdma", v1="rdma.max", v2="rdma.max")
    return {name: dict(each.split("=") for each in words) for name, *words in map(str.split, text.splitlines())}


@requirement("rdma.key")
def test_a_device_is_limited_by_its_name_and_no_other(config, container, cgroup, rdma_devices):
    """All but the first, where there are several."""
    limited = rdma_devices[1:] or rdma_devices
    numbers = {name: (3 + place, 100 + place) for place, name in enumerate(limited)}
    asks_for(
        config, {name: {"hcaHandles": handles, "hcaObjects": objects} for name, (handles, objects) in numbers.items()}
    )

    container.create()

    assert limits(cgroup) == dict.fromkeys(rdma_devices, UNLIMITED) | {
        name: {"hca_handle": f"{handles}", "hca_object": f"{objects}"} for name, (handles, objects) in numbers.items()
    }


@requirement("rdma.key")
def test_a_device_that_does_not_exist_is_an_error(config, container, another, rdma_devices):
    asks_for(config, {rdma_devices[0]: {"hcaHandles": 3}})
    another().create()
    asks_for(config, {"shelf0": {"hcaHandles": 3}})

    with generates_an_error():
        container.create()


@requirement("rdma.key")
def test_a_limit_is_an_error_where_there_is_no_controller(config, container):
    asks_for(config, {"shelf0": {"hcaHandles": 3}})
    container.is_beyond_this_host()

    with generates_an_error():
        container.create()


@pytest.mark.parametrize(
    ("member", "word"),
    [
        pytest.param("hcaHandles", "hca_handle", marks=requirement("rdma.hcaHandles"), id="hcaHandles"),
        pytest.param("hcaObjects", "hca_object", marks=requirement("rdma.hcaObjects"), id="hcaObjects"),
    ],
)
@pytest.mark.parametrize("limit", [0, 7])
def test_one_of_them_is_limited_and_the_other_is_not(member, word, limit, config, container, cgroup, rdma_devices):
    device = rdma_devices[0]
    asks_for(config, {device: {member: limit}})

    container.create()

    assert limits(cgroup)[device] == UNLIMITED | {word: f"{limit}"}


@requirement("rdma.one-of")
def test_an_entry_without_a_limit_is_an_error(config, container, another, rdma_devices):
    device = rdma_devices[0]
    asks_for(config, {device: {"hcaHandles": 3}})
    another().create()
    asks_for(config, {device: {}})

    with generates_an_error():
        container.create()
