"""config.md#configLinuxProcess: scheduler"""

import os
from collections.abc import Iterator

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import scheduling

SCHEDULING = "scheduling"  # the probe's verb
#: Nanoseconds; a quarter of one processor, and no two alike.
DEADLINE = {"policy": "SCHED_DEADLINE", "runtime": 21_000_000, "deadline": 43_000_000, "period": 87_000_000}


def seen_by(container, scheduler) -> dict[str, int]:
    """What the program's own scheduling is."""
    container.config["process"]["scheduler"] = scheduler
    return container.run(SCHEDULING).answers[SCHEDULING] or {}


def of(seen: dict[str, int], *names: str) -> tuple[int | None, ...]:
    return tuple(seen.get(name) for name in names)


def refused(container) -> None:
    """What only the kernel knows to be impossible may come out in either operation."""
    with generates_an_error():
        container.create()
        container.start()


@requirement("sched.applied")
def test_the_program_is_scheduled_as_configured(container):
    """Several properties at once, each of which has another value than usual."""
    scheduler = {"policy": "SCHED_BATCH", "nice": 11, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}

    assert of(seen_by(container, scheduler), "policy", "nice", "flags") == (3, 11, 1)


@requirement("sched.applied")
def test_scheduling_is_set_for_a_user_without_privilege(config, container):
    config["process"] |= {"user": {"uid": 1000, "gid": 1000}, "capabilities": {}}

    assert of(seen_by(container, {"policy": "SCHED_BATCH", "nice": -7}), "policy", "nice") == (3, -7)


@requirement("sched.applied")
def test_children_of_the_program_are_scheduled_alike(config, container):
    config["process"]["scheduler"] = {"policy": "SCHED_BATCH", "nice": -5}
    container.create("listen")
    container.start()

    _, child = container.ask("spawn")

    assert of(container.ask(f"{SCHEDULING} {child}")[1] or {}, "policy", "nice") == (3, -5)


@requirement("sched.policy.required")
def test_a_scheduler_without_policy_is_an_error(config, container, another):
    config["process"]["scheduler"] = {"policy": "SCHED_OTHER", "nice": 5}
    another().create()

    del config["process"]["scheduler"]["policy"]

    refused(container)


@requirement("sched.policy.unknown")
@pytest.mark.parametrize("policy", ["SCHED_SHELF", "FIFO", "sched_batch", ""])
def test_a_policy_that_is_none_is_an_error(config, container, another, policy):
    config["process"]["scheduler"] = {"policy": "SCHED_BATCH", "nice": 5}
    another().create()

    config["process"]["scheduler"]["policy"] = policy

    refused(container)


@pytest.mark.parametrize(
    ("policy", "others"),
    [
        pytest.param(policy, others, marks=requirement(f"sched.policy.{policy}"), id=policy)
        for policy, others in {
            "SCHED_BATCH": {"nice": 3},
            "SCHED_IDLE": {},
            "SCHED_DEADLINE": DEADLINE,
        }.items()
    ],
)
def test_a_policy_is_the_kernels(container, policy, others):
    seen = seen_by(container, {**others, "policy": policy})

    assert of(seen, "policy") == (scheduling.POLICIES[policy],)


@pytest.fixture
def batch_caller() -> Iterator[None]:
    """This process, and the runtime that it calls, under another policy than usual."""
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    yield
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@requirement("sched.policy.SCHED_OTHER")
def test_the_usual_policy_can_be_asked_for(container, batch_caller):
    assert of(seen_by(container, {"policy": "SCHED_OTHER"}), "policy") == (0,)


@pytest.mark.parametrize(
    ("policy", "number"),
    [
        pytest.param("SCHED_FIFO", 1, marks=requirement("sched.policy.SCHED_FIFO"), id="FIFO"),
        pytest.param("SCHED_RR", 2, marks=requirement("sched.policy.SCHED_RR"), id="RR"),
    ],
)
def test_a_real_time_policy_is_the_kernels(container, realtime, policy, number):
    assert of(seen_by(container, {"policy": policy, "priority": 7}), "policy") == (number,)


@requirement("sched.policy.SCHED_ISO")
def test_a_policy_that_this_kernel_lacks_is_an_error(config, container, another):
    """Mainline Linux keeps a number for SCHED_ISO, and nothing else."""
    scheduler = config["process"]["scheduler"] = {"policy": "SCHED_BATCH"}
    another().create()
    scheduler["policy"] = "SCHED_ISO"

    if scheduling.refusal(scheduler):
        refused(container)
    else:
        assert of(seen_by(container, scheduler), "policy") == (4,)


@requirement("sched.nice")
@pytest.mark.parametrize("policy", ["SCHED_OTHER", "SCHED_BATCH"])
@pytest.mark.parametrize("nice", [-20, -5, 10, 19])
def test_the_nice_value_is_the_configured_one(container, policy, nice):
    assert of(seen_by(container, {"policy": policy, "nice": nice}), "nice") == (nice,)


@requirement("sched.nice.default")
@pytest.mark.parametrize("policy", ["SCHED_OTHER", "SCHED_BATCH"])
def test_without_nice_it_is_0_whatever_the_caller_has(container, nice_caller, policy):
    assert of(seen_by(container, {"policy": policy}), "nice") == (0,)


@requirement("sched.nice.range")
@pytest.mark.parametrize("nice", [-21, 20, 2**31 - 1])
def test_a_nice_value_that_is_none_is_an_error(config, container, another, nice):
    """The kernel takes the nearest one; that is not what was asked for."""
    config["process"]["scheduler"] = {"policy": "SCHED_OTHER", "nice": 19}
    another().create()

    config["process"]["scheduler"]["nice"] = nice

    refused(container)


@requirement("sched.priority")
@pytest.mark.parametrize("policy", ["SCHED_FIFO", "SCHED_RR"])
@pytest.mark.parametrize("priority", [1, 99])
def test_the_static_priority_is_the_configured_one(container, realtime, policy, priority):
    assert of(seen_by(container, {"policy": policy, "priority": priority}), "priority") == (priority,)


@requirement("sched.priority.default")
@pytest.mark.parametrize("policy", ["SCHED_FIFO", "SCHED_RR"])
def test_without_priority_a_real_time_policy_has_0_which_is_an_error(config, container, another, realtime, policy):
    config["process"]["scheduler"] = {"policy": policy, "priority": 1}
    accepted = another()
    accepted.create()
    accepted.start()

    del config["process"]["scheduler"]["priority"]

    refused(container)


@requirement("sched.priority.range")
@pytest.mark.parametrize("priority", [-1, 100])
def test_a_static_priority_that_is_none_is_an_error(config, container, another, realtime, priority):
    config["process"]["scheduler"] = {"policy": "SCHED_FIFO", "priority": 99}
    another().create()

    config["process"]["scheduler"]["priority"] = priority

    refused(container)


# --- flags -----------------------------------------------------------------------------------------------------------


@requirement("sched.flag.SCHED_FLAG_RESET_ON_FORK")
def test_reset_on_fork_gives_children_the_usual_scheduling(config, container):
    """Of a nice value below 0 they have nothing; without the flag they would."""
    config["process"]["scheduler"] = {
        "policy": "SCHED_BATCH",
        "nice": -5,
        "flags": ["SCHED_FLAG_RESET_ON_FORK"],
    }
    container.create("listen")
    container.start()

    own = container.ask(SCHEDULING)[1] or {}
    _, child = container.ask("spawn")
    childs = container.ask(f"{SCHEDULING} {child}")[1] or {}

    assert (of(own, "nice", "flags"), of(childs, "nice", "flags")) == ((-5, 1), (0, 0))


@pytest.mark.parametrize(
    ("flag", "number"),
    [
        pytest.param(f"SCHED_FLAG_{name}", number, marks=requirement(f"sched.flag.SCHED_FLAG_{name}"), id=name)
        for name, number in (("RECLAIM", 0x02), ("DL_OVERRUN", 0x04))
    ],
)
def test_a_flag_of_the_deadline_policy_is_set(container, flag, number):
    assert of(seen_by(container, {**DEADLINE, "flags": [flag]}), "policy", "flags") == (6, number)


@requirement("sched.flags")
def test_all_flags_of_the_list_are_set(container):
    flags = ["SCHED_FLAG_RECLAIM", "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_DL_OVERRUN"]

    assert of(seen_by(container, {**DEADLINE, "flags": flags}), "flags") == (0x07,)


@requirement("sched.flags")
def test_an_empty_list_sets_no_flag(container):
    seen = seen_by(container, {"policy": "SCHED_BATCH", "nice": 4, "flags": []})

    assert of(seen, "policy", "nice", "flags") == (3, 4, 0)


@requirement("sched.flag.SCHED_FLAG_KEEP_POLICY")
def test_keep_policy_leaves_the_callers_policy(container, batch_caller):
    seen = seen_by(container, {"policy": "SCHED_OTHER", "nice": 4, "flags": ["SCHED_FLAG_KEEP_POLICY"]})

    assert of(seen, "policy", "nice") == (3, 4)


@requirement("sched.flag.SCHED_FLAG_KEEP_PARAMS")
def test_keep_params_leaves_the_callers_nice_value(container, another, nice_caller):
    """Linux then keeps the policy too, which is not looked at."""
    scheduler = {"policy": "SCHED_BATCH", "nice": 9}
    changed = of(seen_by(another(), scheduler), "nice")

    kept = of(seen_by(container, {**scheduler, "flags": ["SCHED_FLAG_KEEP_PARAMS"]}), "nice")

    assert (changed, kept) == ((9,), (nice_caller,))


@pytest.mark.parametrize(
    "flag",
    [
        pytest.param(f"SCHED_FLAG_{name}", marks=requirement(f"sched.flag.SCHED_FLAG_{name}"), id=name)
        for name in ("UTIL_CLAMP_MIN", "UTIL_CLAMP_MAX")
    ],
)
def test_a_clamp_is_taken_where_the_kernel_takes_it(config, container, another, flag):
    """No property says how much. A kernel without utilization clamps refuses the flag, and so must the runtime."""
    scheduler = {"policy": "SCHED_BATCH", "nice": 4}
    config["process"]["scheduler"] = scheduler
    another().create()
    scheduler = {**scheduler, "flags": [flag]}

    if scheduling.refusal(scheduler):
        config["process"]["scheduler"] = scheduler
        refused(container)
    else:
        assert of(seen_by(container, scheduler), "policy", "nice") == (3, 4)


@requirement("sched.flag.unknown")
@pytest.mark.parametrize("flag", ["SCHED_FLAG_SHELF", "RESET_ON_FORK", ""])
def test_a_flag_that_is_none_is_an_error(config, container, another, flag):
    config["process"]["scheduler"] = {"policy": "SCHED_BATCH", "flags": ["SCHED_FLAG_RESET_ON_FORK"]}
    another().create()

    config["process"]["scheduler"]["flags"] = ["SCHED_FLAG_RESET_ON_FORK", flag]

    refused(container)


# --- the deadline policy ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "member",
    [pytest.param(name, marks=requirement(f"sched.{name}"), id=name) for name in ("runtime", "deadline", "period")],
)
def test_the_deadline_policys_times_are_the_configured_ones(container, member):
    assert of(seen_by(container, DEADLINE), member) == (DEADLINE[member],)


@pytest.mark.parametrize(
    "member",
    [pytest.param(name, marks=requirement(f"sched.{name}.default"), id=name) for name in ("runtime", "deadline")],
)
def test_without_a_time_it_is_0_which_is_an_error(config, container, another, member):
    config["process"]["scheduler"] = dict(DEADLINE)
    accepted = another()
    accepted.create()
    accepted.start()

    del config["process"]["scheduler"][member]

    refused(container)


@requirement("sched.period.default")
def test_without_period_it_is_0_which_the_kernel_takes_for_the_deadline(container):
    scheduler = {name: value for name, value in DEADLINE.items() if name != "period"}

    assert of(seen_by(container, scheduler), "deadline", "period") == (43_000_000, 43_000_000)
