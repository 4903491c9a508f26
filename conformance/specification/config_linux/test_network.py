"""config-linux.md#configLinuxNetwork"""

import pytest

from conformance import generates_an_error, requirement

#: A class of packets (tc(8)): 0x10:0x1.
CLASS = 1048577


def asks_for(config, **network):
    config["linux"]["resources"]["network"] = network


def priorities(cgroup):
    """Interface → priority, as the kernel has them: all that there are, 0 being none."""
    text = cgroup.value("net_prio", v1="net_prio.ifpriomap", v2="")
    found = dict(line.split() for line in text.splitlines())
    return {name: int(priority) for name, priority in found.items() if priority != "0"}


@requirement("net.classID")
def test_the_class_of_packets_is_the_configured_one(config, container, cgroup):
    asks_for(config, classID=CLASS)

    container.create()

    assert cgroup.value("net_cls", v1="net_cls.classid", v2="") == f"{CLASS}"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        pytest.param("classID", CLASS, marks=requirement("net.classID"), id="classID"),
        pytest.param(
            "priorities", [{"name": "lo", "priority": 5}], marks=requirement("net.priorities"), id="priorities"
        ),
    ],
)
def test_what_the_host_has_no_controller_for_is_an_error(member, value, config, container):
    asks_for(config, **{member: value})
    container.is_beyond_this_host()

    with generates_an_error():
        container.create()


@requirement("net.priorities")
def test_each_interface_has_its_priority(config, container, cgroup, two_interfaces):
    first, second = two_interfaces
    asks_for(config, priorities=[{"name": first, "priority": 500}, {"name": second, "priority": 4294967295}])

    container.create()

    assert priorities(cgroup) == {first: 500, second: 4294967295}


@requirement("net.priorities")
def test_an_interface_whose_priority_is_not_configured_has_none(config, container, cgroup):
    asks_for(config, priorities=[{"name": "lo", "priority": 7}])

    container.create()

    assert priorities(cgroup) == {"lo": 7}


@requirement("net.priorities.runtime-namespace")
def test_a_name_that_no_interface_has_is_an_error(config, container, another):
    asks_for(config, priorities=[{"name": "lo", "priority": 500}])
    another().create()
    asks_for(config, priorities=[{"name": "lo", "priority": 500}, {"name": "shelf0", "priority": 500}])

    with generates_an_error():
        container.create()


@pytest.mark.parametrize(
    "member",
    [pytest.param(name, marks=requirement(f"net.priorities.{name}"), id=name) for name in ("name", "priority")],
)
def test_an_entry_without_a_member_is_an_error(member, config, container, another):
    entry = {"name": "lo", "priority": 500}
    asks_for(config, priorities=[entry])
    another().create()
    del entry[member]

    with generates_an_error():
        container.create()
