"""config-linux.md#configLinuxMemoryPolicy"""

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import faults, memory_policies

LOOK = "mempolicy"  # the probe's verb
#: Relative nodes are counted round and round the nodes that there are: any host has them all.
RELATIVE = {"mode": "MPOL_BIND", "flags": ["MPOL_F_RELATIVE_NODES"]}


def first_node():
    return str(memory_policies.available()[0]) if memory_policies.has_numa() else "0"


def as_the_kernel_has_it(policy):
    return {
        "mode": memory_policies.MODES[policy["mode"]],
        "flags": sum(memory_policies.FLAGS[flag] for flag in policy.get("flags", [])),
        "nodes": sorted(memory_policies.nodes(policy.get("nodes", ""))),
    }


def seen_by(container, policy):
    """What the program's own policy is."""
    container.config["linux"]["memoryPolicy"] = policy
    return container.run(LOOK).answers[LOOK]


def refused(container, policy):
    """What only the kernel knows to be impossible may come out in either operation."""
    container.config["linux"]["memoryPolicy"] = policy
    with generates_an_error():
        container.create()
        container.start()


def accepted(container, policy):
    """The twin of a refusal."""
    container.config["linux"]["memoryPolicy"] = policy
    container.create()
    container.start()


def taken_where_the_kernel_takes_it(container, another, policy):
    """Modes and flags came one by one; a kernel that does not know one refuses it, and so must the runtime."""
    if memory_policies.refusal(policy):
        accepted(another(), {"mode": "MPOL_BIND", "nodes": first_node()})
        refused(container, policy)
    else:
        assert seen_by(container, policy) == as_the_kernel_has_it(policy)


def of_the_heap(maps):
    """What numa_maps says of a program's heap: the policy of its process."""
    return next((line.split()[1] for line in maps.splitlines() if " heap" in line), None)


@requirement("mempol.applied")
def test_the_program_has_the_policy(container):
    """Mode, flags and nodes at once, each of which is another than usual."""
    policy = {"mode": "MPOL_INTERLEAVE", "nodes": first_node(), "flags": ["MPOL_F_STATIC_NODES"]}

    assert seen_by(container, policy) == as_the_kernel_has_it(policy)


@requirement("mempol.applied")
def test_the_hosts_kernel_tells_of_the_policy(config, container):
    config["linux"]["memoryPolicy"] = {"mode": "MPOL_BIND", "nodes": first_node()}
    container.create("listen")
    container.start()
    container.heard("ready")

    assert of_the_heap((container.process / "numa_maps").read_text()) == f"bind:{first_node()}"


@requirement("mempol.applied")
def test_a_program_without_privilege_and_its_child_have_the_policy(config, container):
    config["process"] |= {"user": {"uid": 1000, "gid": 1000}, "capabilities": {}}
    config["linux"]["memoryPolicy"] = {"mode": "MPOL_BIND", "nodes": first_node()}
    container.create("listen")
    container.start()

    own = (container.ask(LOOK)[1] or {}).get("mode")
    _, child = container.ask("spawn")
    of_the_child = of_the_heap(container.ask(f"read /proc/{child}/numa_maps")[1] or "")

    assert (own, of_the_child) == (memory_policies.MODES["MPOL_BIND"], f"bind:{first_node()}")


# --- the mode --------------------------------------------------------------------------------------------------------


@requirement("mempol.mode.required")
def test_a_policy_without_a_mode_is_an_error(container, another):
    accepted(another(), {"mode": "MPOL_BIND", "nodes": first_node()})

    refused(container, {"nodes": first_node()})


@requirement("mempol.mode.unknown")
@pytest.mark.parametrize("mode", ["MPOL_SHELF", "BIND", "mpol_bind", ""])
def test_a_mode_that_is_none_is_an_error(container, another, mode):
    accepted(another(), {"mode": "MPOL_BIND", "nodes": first_node()})

    refused(container, {"mode": mode, "nodes": first_node()})


@pytest.mark.parametrize(
    "mode",
    [
        pytest.param(f"MPOL_{mode}", marks=requirement(f"mempol.mode.MPOL_{mode}"), id=mode)
        for mode in ("BIND", "INTERLEAVE", "PREFERRED", "PREFERRED_MANY", "WEIGHTED_INTERLEAVE")
    ],
)
def test_a_mode_with_nodes_is_the_kernels(container, another, mode):
    """PREFERRED_MANY since Linux 5.15, WEIGHTED_INTERLEAVE since 6.9."""
    taken_where_the_kernel_takes_it(container, another, {"mode": mode, "nodes": first_node()})


@requirement("mempol.mode.MPOL_LOCAL")
def test_local_is_the_kernels(container):
    assert seen_by(container, {"mode": "MPOL_LOCAL"}) == {"mode": 4, "flags": 0, "nodes": []}


@requirement("mempol.mode.MPOL_DEFAULT")
def test_the_usual_policy_can_be_asked_for(container, bound_caller):
    assert seen_by(container, {"mode": "MPOL_DEFAULT"}) == {"mode": 0, "flags": 0, "nodes": []}


# --- the nodes -------------------------------------------------------------------------------------------------------


@requirement("mempol.nodes")
@pytest.mark.parametrize("nodes", ["0", "0-3,7", "1,3-5", "5,2", "2-2", "31"])
def test_the_nodes_are_those_of_the_list(container, another, nodes):
    """A kernel may be built for 16 nodes and no more."""
    taken_where_the_kernel_takes_it(container, another, RELATIVE | {"nodes": nodes})


@requirement("mempol.nodes")
def test_each_of_the_hosts_nodes_can_be_the_one(container, another):
    nodes = memory_policies.available()
    if len(nodes) < 2:
        raise faults.not_on_this_host("a second NUMA node with memory")

    policies = [
        *({"mode": "MPOL_BIND", "nodes": str(node)} for node in nodes),
        {"mode": "MPOL_INTERLEAVE", "nodes": ",".join(map(str, nodes))},
    ]

    seen = [
        seen_by(each, policy) for each, policy in zip([*(another() for _ in nodes), container], policies, strict=True)
    ]

    assert seen == [as_the_kernel_has_it(policy) for policy in policies]


@requirement("mempol.nodes.format")
@pytest.mark.parametrize("nodes", ["shelf", "0-", "-1", "0,x", "3-1", "0 1", "0x1", "0-1-2"])
def test_a_list_that_is_none_is_an_error(container, another, nodes):
    accepted(another(), RELATIVE | {"nodes": "0-1"})

    refused(container, RELATIVE | {"nodes": nodes})


@requirement("mempol.nodes.by-mode")
@pytest.mark.parametrize("mode", ["MPOL_DEFAULT", "MPOL_LOCAL"])
def test_nodes_for_a_mode_that_takes_none_are_an_error(container, another, mode):
    accepted(another(), {"mode": mode})

    refused(container, {"mode": mode, "nodes": first_node()})


@requirement("mempol.nodes.by-mode")
@pytest.mark.parametrize("none", [{}, {"nodes": ""}], ids=["missing", "empty"])
@pytest.mark.parametrize("mode", ["MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED_MANY"])
def test_a_mode_that_needs_nodes_without_them_is_an_error(container, another, mode, none):
    """The first two by the text, the others by any kernel that knows them."""
    sound = {"mode": mode, "nodes": first_node()}
    accepted(another(), sound | {"mode": "MPOL_BIND"} if memory_policies.refusal(sound) else sound)

    refused(container, {"mode": mode} | none)


@requirement("mempol.nodes.unavailable")
def test_a_node_that_this_host_has_not_is_an_error(container, another):
    """As set_mempolicy(2) has it where no node of the list is there."""
    accepted(another(), {"mode": "MPOL_BIND", "nodes": first_node()})

    refused(container, {"mode": "MPOL_BIND", "nodes": str(1 + max(memory_policies.available(), default=0))})


# --- flags -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flag",
    [pytest.param(flag, marks=requirement(f"mempol.flag.{flag}"), id=flag) for flag in memory_policies.FLAGS],
)
def test_a_flag_is_the_kernels(container, another, flag):
    policy = {"mode": "MPOL_BIND", "nodes": first_node(), "flags": [flag]}

    taken_where_the_kernel_takes_it(container, another, policy)


@requirement("mempol.flags")
@pytest.mark.parametrize("second", ["MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"])
def test_all_flags_of_the_list_are_set(container, another, second):
    policy = {"mode": "MPOL_BIND", "nodes": first_node(), "flags": ["MPOL_F_NUMA_BALANCING", second]}

    taken_where_the_kernel_takes_it(container, another, policy)


@requirement("mempol.flags")
def test_an_empty_list_sets_no_flag(container):
    policy = {"mode": "MPOL_BIND", "nodes": first_node(), "flags": []}

    assert seen_by(container, policy) == as_the_kernel_has_it(policy)


@requirement("mempol.flags.exclusive")
def test_flags_that_exclude_each_other_are_an_error(container, another):
    """Nodes are static or relative in set_mempolicy(2), to which the text refers."""
    policy = {"mode": "MPOL_BIND", "nodes": first_node(), "flags": ["MPOL_F_RELATIVE_NODES"]}
    accepted(another(), policy)

    refused(container, policy | {"flags": ["MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"]})


@requirement("mempol.flag.unknown")
@pytest.mark.parametrize("flag", ["MPOL_F_SHELF", "STATIC_NODES", ""])
def test_a_flag_that_is_none_is_an_error(container, another, flag):
    policy = {"mode": "MPOL_BIND", "nodes": first_node(), "flags": ["MPOL_F_STATIC_NODES"]}
    accepted(another(), policy)

    refused(container, policy | {"flags": ["MPOL_F_STATIC_NODES", flag]})
