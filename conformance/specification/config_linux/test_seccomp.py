"""config-linux.md#configLinuxSeccomp: the filter, its rules and their arguments"""

from contextlib import suppress

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import faults, seccomp
from conformance.harness.seccomp import CALL, DENIED, OTHER, filters, works_or_is_refused


@requirement("seccomp.applied")
@pytest.mark.parametrize("no_new_privileges", [True, False])
@pytest.mark.parametrize("uid", [0, 1000])
def test_the_program_is_behind_the_filter(config, container, no_new_privileges, uid):
    """Without no_new_privileges it takes a privilege to load it, which the program has not."""
    config["process"] |= {"noNewPrivileges": no_new_privileges, "user": {"uid": uid, "gid": uid}}
    filters(config, DENIED)

    report = container.run(CALL, OTHER)

    assert (report.attempts, report.facts.status["Seccomp"]) == ({CALL: "EPERM", OTHER: None}, "2")


@requirement("seccomp.applied")
def test_children_and_threads_of_the_program_are_behind_it(config, container):
    filters(config, DENIED | {"action": "SCMP_ACT_KILL_THREAD"})

    answers = container.run(f"child {CALL}", f"child {OTHER}", f"thread {CALL}", f"thread {OTHER}").answers

    assert answers == {f"child {CALL}": -31, f"child {OTHER}": 0, f"thread {CALL}": False, f"thread {OTHER}": True}


@requirement("seccomp.applied")
@pytest.mark.parametrize("no_new_privileges", [True, False])
def test_nothing_else_is_changed_for_a_filters_sake(config, container, another, no_new_privileges):
    """It can be loaded with less privilege by a process that gives up getting any."""
    config["process"] |= {"noNewPrivileges": no_new_privileges, "user": {"uid": 1000, "gid": 1000}}
    without = another().run().facts
    filters(config, DENIED)

    facts = container.run().facts

    assert facts.status | {"Seccomp": None} == without.status | {"Seccomp": None}
    assert (facts.descriptors, facts.umask, facts.cwd) == (without.descriptors, without.umask, without.cwd)


# --- rules -----------------------------------------------------------------------------------------------------------


@requirement("seccomp.syscalls")
def test_each_name_of_each_rule_is_heeded(config, container):
    filters(config, DENIED | {"names": ["munlock", "munlockall"]}, DENIED | {"names": ["sched_get_priority_max"]})
    calls = [seccomp.call(name, 0, 0) for name in ("munlock", "munlockall", "sched_get_priority_max")]

    attempts = container.run(*calls, OTHER).attempts

    assert attempts == {**dict.fromkeys(calls, "EPERM"), OTHER: None}


@requirement("seccomp.syscalls.empty")
@pytest.mark.parametrize("members", [{"syscalls": []}, {}], ids=["an empty list", "no list"])
def test_without_rules_all_is_up_to_the_default(config, container, members):
    config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", **members}

    assert container.run(CALL, OTHER).attempts == {CALL: None, OTHER: None}


@requirement("seccomp.syscalls.empty")
def test_a_program_that_may_call_nothing_says_nothing(config, container, another):
    """Whether that is an error of create, of start, or of nobody's but the program's, is not said."""
    filters(config)
    assert another().run(OTHER).attempts == {OTHER: None}
    config["linux"]["seccomp"]["defaultAction"] = "SCMP_ACT_KILL"

    try:
        container.create(OTHER)
        container.start()
        container.becomes("stopped")
    except faults.OperationFailed:
        with suppress(faults.OperationFailed):
            container.kill()

    assert not has_spoken(container)


def has_spoken(container) -> bool:
    """Whether the program has come to its last word; it speaks no more."""
    try:
        container.report()
    except faults.NotWhole:
        return False
    return True


@pytest.mark.parametrize(
    "part",
    [
        pytest.param({"action": "SCMP_ACT_ERRNO"}, marks=requirement("seccomp.names.required"), id="no names"),
        pytest.param(DENIED | {"names": []}, marks=requirement("seccomp.names.nonempty"), id="an empty list of names"),
        pytest.param({"names": DENIED["names"]}, marks=requirement("seccomp.action.required"), id="no action"),
    ],
)
def test_a_rule_that_is_not_whole_is_an_error(config, container, another, part):
    filters(config, DENIED)
    another().create()
    filters(config, part)

    with generates_an_error():
        container.create()


# --- what a rule compares --------------------------------------------------------------------------------------------


def when(*conditions, **members):
    """A rule for a call with such arguments: (index, operator, value) or (index, operator, value, second value)."""
    names = ("index", "op", "value", "valueTwo")
    return DENIED | members | {"args": [dict(zip(names, condition, strict=False)) for condition in conditions]}


def hit(container, *calls: str) -> set[str]:
    """Those of the calls that the filter refuses."""
    attempts = container.run(*(f"{CALL} {words}" for words in calls)).attempts
    assert set(attempts.values()) <= {None, "EPERM"}
    return {words for words in calls if attempts[f"{CALL} {words}"]}


@requirement("seccomp.args-match")
def test_a_rule_is_for_calls_with_its_argument(config, container):
    filters(config, when((0, "SCMP_CMP_EQ", 8)))

    assert hit(container, "8", "7") == {"8"}


@requirement("seccomp.args-match")
def test_all_arguments_of_a_rule_have_to_be_met(config, container):
    filters(config, when((0, "SCMP_CMP_EQ", 1), (1, "SCMP_CMP_GE", 2), (5, "SCMP_CMP_NE", 3)))

    assert hit(container, "1 2 0 0 0 0", "0 2 0 0 0 0", "1 1 0 0 0 0", "1 2 0 0 0 3") == {"1 2 0 0 0 0"}


@requirement("seccomp.args-match")
def test_rules_for_one_call_hold_side_by_side(config, container):
    filters(config, when((0, "SCMP_CMP_EQ", 1)), when((0, "SCMP_CMP_EQ", 5)))

    assert hit(container, "1", "3", "5") == {"1", "5"}


@requirement("seccomp.args-match")
def test_an_empty_list_of_arguments_asks_for_none(config, container):
    filters(config, when())

    assert hit(container, "0", "7") == {"0", "7"}


@requirement("seccomp.arg.index.place")
@pytest.mark.parametrize("index", range(6))
def test_the_index_is_that_of_the_argument_from_0(config, container, index):
    filters(config, when((index, "SCMP_CMP_EQ", 9)))
    at_index, elsewhere = (" ".join(str(9 * ((at == index) == here)) for at in range(6)) for here in (True, False))

    assert hit(container, at_index, elsewhere) == {at_index}


@requirement("seccomp.arg.index.place")
@pytest.mark.parametrize("index", [6, 2**32 - 1])
def test_an_index_that_no_argument_has_is_an_error(config, container, another, index):
    filters(config, when((5, "SCMP_CMP_EQ", 9)))
    another().create()
    filters(config, when((index, "SCMP_CMP_EQ", 9)))

    with generates_an_error():
        container.create()


@requirement("seccomp.arg.value.bits")
def test_a_value_has_64_bits(config, container):
    filters(config, when((0, "SCMP_CMP_EQ", 0xFFFF_FFFF_0000_0001)))

    assert hit(container, "0xffffffff00000001", "1", "0xfffffffe00000001") == {"0xffffffff00000001"}


@requirement("seccomp.arg.valueTwo")
def test_the_second_value_is_what_the_masked_bits_are_compared_with(config, container):
    filters(config, when((0, "SCMP_CMP_MASKED_EQ", 0x3, 0x2)))

    assert hit(container, "0", "1", "2", "3", "6") == {"2", "6"}


@requirement("seccomp.arg.valueTwo")
def test_without_a_second_value_the_masked_bits_are_compared_with_0(config, container):
    filters(config, when((0, "SCMP_CMP_MASKED_EQ", 0x3)))

    assert hit(container, "0", "1", "2", "3", "4") == {"0", "4"}


@requirement("seccomp.arg.op.required")
def test_an_argument_without_an_operator_is_an_error(config, container, another):
    filters(config, when((0, "SCMP_CMP_EQ", 9)))
    another().create()
    del config["linux"]["seccomp"]["syscalls"][0]["args"][0]["op"]

    with generates_an_error():
        container.create()


HIGH = 1 << 40
#: Operator → which of the values around 2**40 + 4 it is for; the highest and the lowest are far off.
MET = {
    "NE": {0, HIGH, HIGH + 3, HIGH + 5, 2 * HIGH},
    "LT": {0, HIGH, HIGH + 3},
    "LE": {0, HIGH, HIGH + 3, HIGH + 4},
    "EQ": {HIGH + 4},
    "GE": {HIGH + 4, HIGH + 5, 2 * HIGH},
    "GT": {HIGH + 5, 2 * HIGH},
}
VALUES = (0, HIGH, HIGH + 3, HIGH + 4, HIGH + 5, 2 * HIGH)


@pytest.mark.parametrize("name", [pytest.param(name, marks=requirement(f"seccomp.op.{name}"), id=name) for name in MET])
def test_an_operator_is_for_the_values_that_it_says(config, container, name):
    filters(config, when((0, f"SCMP_CMP_{name}", HIGH + 4)))

    assert hit(container, *map(str, VALUES)) == set(map(str, MET[name]))


@requirement("seccomp.op.MASKED_EQ")
def test_a_masked_comparison_looks_at_the_bits_of_the_mask_alone(config, container):
    mask, wanted = 0x00FF_0000_0000_0F00, 0x0012_0000_0000_0300
    filters(config, when((0, "SCMP_CMP_MASKED_EQ", mask, wanted)))
    met, others = (wanted, wanted | ~mask & 0xFFFF_FFFF_FFFF_FFFF), (0, wanted ^ 0x100, wanted ^ 0x1_0000_0000_0000)

    assert hit(container, *map(str, met + others)) == set(map(str, met))


@pytest.mark.parametrize(
    ("where", "word"),
    [
        pytest.param(where, word, marks=requirement(id), id=f"{where} {word}")
        for id, where, word in (
            ("seccomp.op.unknown", "op", "SCMP_CMP_SHELF"),
            ("seccomp.op.unknown", "op", ""),
            ("seccomp.string-values", "op", "EQ"),
            ("seccomp.string-values", "op", "scmp_cmp_eq"),
            ("seccomp.action.unknown", "action", "SCMP_ACT_SHELF"),
            ("seccomp.action.unknown", "action", ""),
            ("seccomp.string-values", "action", "ERRNO"),
            ("seccomp.string-values", "action", "scmp_act_errno"),
            ("seccomp.action.unknown", "defaultAction", "SCMP_ACT_SHELF"),
            ("seccomp.string-values", "defaultAction", "ALLOW"),
            ("seccomp.arch.unknown", "architectures", "SCMP_ARCH_SHELF"),
            ("seccomp.arch.unknown", "architectures", ""),
            ("seccomp.string-values", "architectures", seccomp.NATIVE),
            ("seccomp.string-values", "architectures", f"scmp_arch_{seccomp.NATIVE.lower()}"),
            ("seccomp.flag.unknown", "flags", "SECCOMP_FILTER_FLAG_SHELF"),
            ("seccomp.flag.unknown", "flags", ""),
        )
    ],
)
def test_a_word_that_is_none_of_the_list_is_an_error(config, container, another, where, word):
    filters(config, when((0, "SCMP_CMP_EQ", 9)), architectures=[f"SCMP_ARCH_{seccomp.NATIVE}"], flags=[])
    another().create()
    filter = config["linux"]["seccomp"]
    rule = filter["syscalls"][0]
    if isinstance(filter.get(where), list):
        filter[where].append(word)
    else:
        (filter if where in filter else rule if where in rule else rule["args"][0])[where] = word

    with generates_an_error():
        container.create()


@requirement("seccomp.names.unknown-syscall")
def test_a_name_that_no_call_has_takes_no_other_with_it(config, container):
    """Whether it is an error is not said; a rule that is there in part has to hold in that part."""
    filters(config, DENIED | {"names": ["arrange_shelf", "munlockall"]})

    assert works_or_is_refused(container, CALL, OTHER) in (None, {CALL: "EPERM", OTHER: None})
