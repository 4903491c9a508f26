"""config-linux.md#configLinuxDeviceAllowedlist"""

import pytest

from conformance import generates_an_error, or_an_error, requirement
from conformance.harness import faults
from conformance.harness.experimental_devices import KEPT_OUT, LET_THROUGH, NODES, numbers

#: What is not said for all devices first, is not said for any: the text has no word on them.
NOTHING = {"allow": False, "access": "rwm"}
EVERYTHING = {"allow": True, "access": "rwm"}
QUILL = {"type": "c", "major": 60, "minor": 1}
MAKE, MAKE_ANOTHER = "mknod /dev/node c 60 1", "mknod /dev/other c 60 2"


def rules(config, *listed):
    config["linux"]["resources"]["devices"] = list(listed)


def allow(access="rwm", **members):
    return {"allow": True, **members, "access": access}


def deny(access="rw", **members):
    """To use the devices: that nodes of them can be made is denied in a test of its own."""
    return {"allow": False, **members, "access": access}


def without(name, rule):
    return {member: value for member, value in rule.items() if member != name}


@requirement("cgdev.list")
def test_the_list_decides_which_devices_may_be_used(config, container, another, experiments):
    twin = another()
    rules(twin.config, EVERYTHING)
    rules(config, NOTHING)

    seen = [experiments.seen(each.run(*experiments.reads)) for each in (twin, container)]

    assert seen == [experiments.all_but(), experiments.only()]


@requirement("cgdev.list")
def test_the_kernels_list_of_version_1_has_what_is_allowed(config, container, cgroup, experiments):
    if cgroup.version("devices") != 1:
        raise faults.not_on_this_host("the controller devices in version 1 of cgroups")
    rules(config, NOTHING, allow("rw", **QUILL))

    container.create()

    listed = (cgroup.directory("devices") / "devices.list").read_text().splitlines()
    assert [line for line in listed if line.startswith(("a ", "c 60:", "b 60:"))] == ["c 60:1 rw"]


# --- order -----------------------------------------------------------------------------------------------------------


@requirement("cgdev.order")
def test_rules_are_applied_in_their_order(config, container, another, experiments):
    twin = another()
    rules(twin.config, NOTHING, allow(**QUILL))
    rules(config, allow(**QUILL), NOTHING)

    seen = [experiments.seen(each.run(*experiments.reads)) for each in (twin, container)]

    assert seen == [experiments.only("c 60:1"), experiments.only()]


@requirement("cgdev.order")
def test_a_later_rule_takes_back_what_an_earlier_one_has_given(config, container, experiments):
    rules(config, NOTHING, allow("rw", **QUILL), deny("w", **QUILL))

    report = container.run(*experiments.reads, *experiments.writes)

    assert experiments.seen(report, "open") == experiments.only("c 60:1")
    assert experiments.seen(report, "write") == experiments.only()


@requirement("cgdev.order")
def test_a_later_rule_gives_back_what_an_earlier_one_has_taken(config, container, experiments):
    rules(config, EVERYTHING, deny("rw", **QUILL), allow("r", **QUILL))

    report = container.run(*experiments.reads, *experiments.writes)

    assert experiments.seen(report, "open") == experiments.all_but()
    assert experiments.seen(report, "write") == experiments.all_but("c 60:1")


#: What is said of devices, and what is then said of some of them → which are let through.
OVERLAPS = {
    "denied among allowed": ([NOTHING, allow("rw", type="c", major=60), deny("rw", **QUILL)], {"c 60:2"}),
    "allowed among denied": (
        [EVERYTHING, deny("rw", type="c", major=60), allow("rw", **QUILL)],
        {"c 60:1", "c 61:1", "b 60:1", "b 61:2"},
    ),
    "denied with others": ([NOTHING, allow(**QUILL), allow(type="b", major=60), deny(type="c")], {"b 60:1"}),
    "allowed with others": ([EVERYTHING, deny(**QUILL), allow(type="c")], {*NODES}),
    "denied across allowed": ([NOTHING, allow("rw", type="c", major=60), deny("rw", type="c", minor=1)], {"c 60:2"}),
}


@requirement("cgdev.order.overlap")
@pytest.mark.parametrize(("listed", "through"), OVERLAPS.values(), ids=OVERLAPS)
def test_a_later_rule_for_some_devices_counts_or_is_refused(listed, through, config, container, experiments):
    rules(config, *listed)

    # Version 1 of the kernel's list cannot do it, and says nothing.
    seen = or_an_error(lambda: experiments.seen(container.run(*experiments.reads)))

    assert seen in (experiments.only(*through), "an error")


@requirement("cgdev.order.defaults")
def test_a_rule_for_a_default_device_counts_or_is_refused(config, container, experiments):
    zero = {"type": "c", "major": 1, "minor": 5}
    rules(config, NOTHING, allow("rw", type="c", major=1, minor=7), deny("rw", **zero))

    seen = or_an_error(lambda: container.run("open /dev/full", "open /dev/zero").attempts)

    assert seen in ({"open /dev/full": None, "open /dev/zero": "EPERM"}, "an error")


# --- allow -----------------------------------------------------------------------------------------------------------


@requirement("cgdev.allow.true")
def test_what_a_rule_allows_is_let_through(config, container, experiments):
    rules(config, NOTHING, allow(**QUILL))

    report = container.run(*experiments.reads)

    assert experiments.seen(report) == experiments.only("c 60:1")


@requirement("cgdev.allow.false")
def test_what_a_rule_denies_is_kept_out(config, container, experiments):
    rules(config, EVERYTHING, deny(**QUILL))

    report = container.run(*experiments.reads)

    assert experiments.seen(report) == experiments.all_but("c 60:1")


@requirement("cgdev.allow.required")
def test_a_rule_that_does_not_say_whether_it_allows_is_an_error(config, container, another):
    rules(config, NOTHING, deny(**QUILL))
    another().create()
    rules(config, NOTHING, without("allow", deny(**QUILL)))

    with generates_an_error():
        container.create()


# --- type ------------------------------------------------------------------------------------------------------------

#: Type → the devices that it is for, of those with major 60.
TYPES = {"a": {"c 60:1", "c 60:2", "b 60:1"}, "c": {"c 60:1", "c 60:2"}, "b": {"b 60:1"}}


@pytest.mark.parametrize("type", [pytest.param(type, marks=requirement(f"cgdev.type.{type}")) for type in "cb"])
def test_a_rule_is_for_the_devices_of_its_type(type, config, container, another, experiments):
    twin = another()
    rules(twin.config, NOTHING, allow(type=type, major=60))
    rules(config, EVERYTHING, deny(type=type, major=60))

    seen = [experiments.seen(each.run(*experiments.reads)) for each in (twin, container)]

    assert seen == [experiments.only(*TYPES[type]), experiments.all_but(*TYPES[type])]


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"type": "a"}, marks=requirement("cgdev.type.a"), id="type a"),
        pytest.param({}, marks=requirement("cgdev.type.default"), id="no type"),
    ],
)
@pytest.mark.parametrize("is_allowed", [True, False], ids=["allowed", "denied"])
def test_a_rule_is_for_the_devices_of_all_types(is_allowed, members, config, container, experiments):
    first, last = (deny, allow) if is_allowed else (allow, deny)
    rules(config, first(**QUILL), last(**members))

    report = container.run(*experiments.reads)

    assert experiments.seen(report) == (experiments.all_but() if is_allowed else experiments.only())


@requirement("cgdev.type.unknown")
@pytest.mark.parametrize("type", ["p", "u", "x", "cb"])
def test_a_rule_of_an_unknown_type_is_an_error(type, config, container, another):
    rules(config, NOTHING, allow(**QUILL))
    another().create()
    rules(config, NOTHING, allow(**QUILL | {"type": type}))

    with generates_an_error():
        container.create()


@requirement("cgdev.type.a.members")
def test_a_rule_of_type_a_may_be_for_some_numbers(config, container, experiments):
    rules(config, NOTHING, allow(type="a", major=60, minor=1))

    report = container.run(*experiments.reads)

    assert experiments.seen(report) == experiments.only("c 60:1", "b 60:1")


@requirement("cgdev.type.a.members")
def test_a_rule_of_type_a_may_be_for_one_kind_of_access(config, container, experiments):
    rules(config, EVERYTHING, deny("w"))

    report = container.run(*experiments.reads, *experiments.writes)

    assert experiments.seen(report, "open") == experiments.all_but()
    assert experiments.seen(report, "write") == experiments.only()


# --- numbers ---------------------------------------------------------------------------------------------------------


@requirement("cgdev.majmin")
@pytest.mark.parametrize("name", ["c 60:2", "c 61:1", "b 61:2"])
def test_a_rule_is_for_the_device_with_its_numbers(name, config, container, experiments):
    kind, major, minor = numbers(name)
    rules(config, NOTHING, allow(type=kind, major=major, minor=minor))

    report = container.run(*experiments.reads)

    assert experiments.seen(report) == experiments.only(name)


#: Members of a rule → the devices that it is for.
WITHOUT_NUMBERS = {
    "no minor": ({"type": "c", "major": 60}, {"c 60:1", "c 60:2"}),
    "no major": ({"type": "c", "minor": 1}, {"c 60:1", "c 61:1"}),
    "neither": ({"type": "b"}, {"b 60:1", "b 61:2"}),
}


@requirement("cgdev.majmin.default")
@pytest.mark.parametrize(("members", "devices"), WITHOUT_NUMBERS.values(), ids=WITHOUT_NUMBERS)
def test_a_number_that_is_not_given_stands_for_all(members, devices, config, container, another, experiments):
    twin = another()
    rules(twin.config, NOTHING, allow(**members))
    rules(config, EVERYTHING, deny(**members))

    seen = [experiments.seen(each.run(*experiments.reads)) for each in (twin, container)]

    assert seen == [experiments.only(*devices), experiments.all_but(*devices)]


# --- access ----------------------------------------------------------------------------------------------------------

READ, WRITE, UPDATE = "open /dev/c-60:1", "write /dev/c-60:1", "update /dev/c-60:1"


@pytest.mark.parametrize(
    "access",
    [
        pytest.param("r", marks=requirement("cgdev.access.r")),
        pytest.param("w", marks=requirement("cgdev.access.w")),
        pytest.param("m", marks=requirement("cgdev.access.m")),
    ],
)
def test_a_kind_of_access_that_is_allowed_is_that_alone(access, config, container, experiments):
    rules(config, NOTHING, allow(access, **QUILL))

    attempts = container.run(READ, WRITE, UPDATE, *([MAKE] if access == "m" else [])).attempts

    expected = {READ: KEPT_OUT, WRITE: KEPT_OUT, UPDATE: KEPT_OUT}
    assert attempts == expected | {"r": {READ: LET_THROUGH}, "w": {WRITE: LET_THROUGH}, "m": {MAKE: None}}[access]


@pytest.mark.parametrize(
    "access",
    [pytest.param("r", marks=requirement("cgdev.access.r")), pytest.param("w", marks=requirement("cgdev.access.w"))],
)
def test_a_kind_of_access_that_is_denied_is_that_alone(access, config, container, experiments):
    rules(config, EVERYTHING, deny(access, **QUILL))

    attempts = container.run(READ, WRITE, UPDATE, MAKE).attempts

    expected = {READ: LET_THROUGH, WRITE: LET_THROUGH, UPDATE: KEPT_OUT, MAKE: None}
    assert attempts == expected | {"r": {READ: KEPT_OUT}, "w": {WRITE: KEPT_OUT}}[access]


@requirement("cgdev.access.m")
def test_a_node_that_may_not_be_made_is_that_alone(config, container, laboratory):
    rules(config, EVERYTHING, deny("m", **QUILL))

    attempts = container.run(MAKE, MAKE_ANOTHER).attempts

    assert attempts == {MAKE: KEPT_OUT, MAKE_ANOTHER: None}


@requirement("cgdev.access.m.denied")
def test_where_all_is_denied_no_node_is_made(config, container, another, laboratory):
    twin = another()
    rules(twin.config, NOTHING, allow("m", **QUILL))
    rules(config, NOTHING)

    attempts = [each.run(MAKE).attempts for each in (twin, container)]

    assert attempts == [{MAKE: None}, {MAKE: KEPT_OUT}]


@requirement("cgdev.access.composed")
@pytest.mark.parametrize(
    "listed",
    [[allow("rw", **QUILL)], [allow("wr", **QUILL)], [allow("r", **QUILL), allow("w", **QUILL)]],
    ids=["together", "in another order", "in two rules"],
)
def test_several_kinds_of_access_count_together(listed, config, container, experiments):
    rules(config, NOTHING, *listed)

    attempts = container.run(READ, WRITE, UPDATE).attempts

    assert attempts == {READ: LET_THROUGH, WRITE: LET_THROUGH, UPDATE: LET_THROUGH}


@requirement("cgdev.access.composed")
@pytest.mark.parametrize("access", ["x", "rx", "rwmx", "R"])
def test_an_access_that_is_none_is_an_error(access, config, container, another):
    rules(config, NOTHING, allow("rw", **QUILL))
    another().create()
    rules(config, NOTHING, allow(access, **QUILL))

    with generates_an_error():
        container.create()
