"""config-linux.md#configLinuxSeccomp: what becomes of a call: actions, their numbers, architectures and flags"""

import os
import signal

import pytest

from conformance import generates_an_error, or_an_error, requirement
from conformance.harness import faults, seccomp
from conformance.harness.container import eventually
from conformance.harness.seccomp import CALL, DENIED, OTHER, Decision, defaults, filters, works_or_is_refused

EPERM, ENOSPC, EXDEV = 1, 28, 18
ACTIONS = ("KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO", "TRACE", "ALLOW", "LOG", "NOTIFY")
WITHOUT_NUMBER = tuple(name for name in ACTIONS if name not in ("ERRNO", "TRACE"))


def each_of(names, what: str) -> pytest.MarkDecorator:
    """One test for each name, of the requirement `seccomp.what.NAME`."""
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=requirement(f"seccomp.{what}.{name}"), id=name) for name in names]
    )


def acts(config, action: str, **members) -> None:
    """Let one call have this action."""
    filters(config, DENIED | {"action": f"SCMP_ACT_{action}"} | members)


def decision(container, architecture: str = seccomp.NATIVE) -> Decision:
    """What the running program's filter makes of the call."""
    return seccomp.decide(filters_of_program(container), architecture)


def filters_of_program(container) -> list[bytes]:
    """Those that the program is behind once it speaks: start may have ended before they were loaded."""
    container.create("listen")
    container.start()
    container.heard("ready")
    return seccomp.filters_of(container.process)


def is_deaf(container) -> bool:
    """Whether its process sleeps and is woken by nothing but the end of that, and of itself (proc_pid_stat(5))."""
    return (container.process / "stat").read_text().rpartition(") ")[2][0] == "D"


# --- actions ---------------------------------------------------------------------------------------------------------


@requirement("seccomp.action.ERRNO")
def test_errno_refuses_the_call(config, container):
    acts(config, "ERRNO")

    assert container.run(CALL, OTHER).attempts == {CALL: "EPERM", OTHER: None}


@each_of(("KILL", "KILL_THREAD"), "action")
def test_kill_ends_the_thread_and_leaves_the_others(config, container, name):
    acts(config, name)

    answers = container.run(f"child {CALL}", f"child thread {CALL}", f"child {OTHER}").answers

    assert answers == {f"child {CALL}": -31, f"child thread {CALL}": 0, f"child {OTHER}": 0}


@requirement("seccomp.action.KILL_PROCESS")
def test_kill_process_ends_all_threads(config, container):
    acts(config, "KILL_PROCESS")

    answers = container.run(f"child {CALL}", f"child thread {CALL}", f"child thread {OTHER}").answers

    assert answers == {f"child {CALL}": -31, f"child thread {CALL}": -31, f"child thread {OTHER}": 0}


@requirement("seccomp.action.TRAP")
def test_trap_sends_a_signal_that_can_be_handled(config, container):
    acts(config, "TRAP")

    answers = container.run(f"handled {CALL}", f"handled {OTHER}", f"child {CALL}").answers

    assert answers == {f"handled {CALL}": True, f"handled {OTHER}": False, f"child {CALL}": -31}


@requirement("seccomp.action.TRACE")
def test_trace_refuses_the_call_of_who_has_no_tracer(config, container):
    acts(config, "TRACE")

    assert container.run(CALL, OTHER).attempts == {CALL: "ENOSYS", OTHER: None}


@requirement("seccomp.action.ALLOW")
def test_allow_lets_the_call_through(config, container, another):
    defaults(config, "SCMP_ACT_ERRNO")
    assert another().run(CALL).attempts == {CALL: "EPERM"}
    config["linux"]["seccomp"]["syscalls"] += [DENIED | {"action": "SCMP_ACT_ALLOW"}]

    assert container.run(CALL).attempts == {CALL: None}


@requirement("seccomp.action.LOG")
def test_log_lets_the_call_through(config, container):
    defaults(config, "SCMP_ACT_ERRNO", DENIED | {"action": "SCMP_ACT_LOG"})

    assert container.run(CALL).attempts == {CALL: None}


@requirement("seccomp.action.LOG")
def test_log_is_what_the_kernel_is_told(config, container, same_kernel):
    acts(config, "LOG")

    assert decision(container) == Decision("LOG")


@requirement("seccomp.action.NOTIFY")
def test_notify_lets_an_agent_answer_the_call(config, container, agent):
    acts(config, "NOTIFY")
    config["linux"]["seccomp"]["listenerPath"] = agent.path

    container.create(f"{CALL} 7 8", OTHER)
    container.start()
    listener = agent.listener(agent.connection())
    call = listener.receive()
    listener.answer(call["id"], error=EXDEV)

    assert (f"syscall {call['number']}", call["arguments"][:2]) == (CALL, [7, 8])
    assert container.report().attempts == {f"{CALL} 7 8": "EXDEV", OTHER: None}


@requirement("seccomp.defaultAction")
def test_the_default_is_for_calls_that_no_rule_names(config, container):
    defaults(config, "SCMP_ACT_ERRNO")

    assert container.run(CALL, OTHER).attempts == {CALL: "EPERM", OTHER: None}


@requirement("seccomp.defaultAction")
def test_the_default_is_for_calls_that_no_rule_fits(config, container):
    args = [{"index": 0, "op": "SCMP_CMP_EQ", "value": 7}]
    defaults(config, "SCMP_ACT_ERRNO", DENIED | {"action": "SCMP_ACT_ALLOW", "args": args})

    assert container.run(f"{CALL} 7", f"{CALL} 8").attempts == {f"{CALL} 7": None, f"{CALL} 8": "EPERM"}


@requirement("seccomp.defaultAction.values")
@pytest.mark.parametrize("name", [name for name in ACTIONS if name not in ("ALLOW", "NOTIFY")])
def test_an_action_of_rules_is_a_default_too(config, container, same_kernel, name):
    defaults(config, f"SCMP_ACT_{name}")

    assert decision(container).action == {"KILL": "KILL_THREAD"}.get(name, name)


@requirement("seccomp.defaultAction.values")
def test_notify_is_a_default_or_an_error(config, container, agent):
    """The text allows it, and a runtime need not support what is allowed."""
    defaults(config, "SCMP_ACT_NOTIFY", listenerPath=agent.path)

    try:
        container.create(CALL, OTHER)
        container.start()
    except faults.OperationFailed:
        return
    listener = agent.listener(agent.connection())
    listener.answer(listener.receive()["id"], error=EXDEV)

    assert container.report().attempts == {CALL: "EXDEV", OTHER: None}


@requirement("seccomp.defaultAction.required")
@pytest.mark.parametrize("members", [{"syscalls": [DENIED]}, {}], ids=["rules", "an empty object"])
def test_a_filter_without_default_is_an_error(config, container, another, members):
    config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", **members}
    another().create()
    del config["linux"]["seccomp"]["defaultAction"]

    with generates_an_error():
        container.create()


# --- numbers ---------------------------------------------------------------------------------------------------------


@requirement("seccomp.errnoRet.applied")
@pytest.mark.parametrize(("number", "name"), [(ENOSPC, "ENOSPC"), (EXDEV, "EXDEV"), (0, None)])
def test_a_rule_refuses_with_its_number(config, container, number, name):
    """0 is no error: the call is not made, and seems to have been."""
    filters(config, DENIED | {"errnoRet": number}, DENIED | {"names": ["munlock"]})
    munlock = seccomp.call("munlock", 0, 0)

    assert container.run(CALL, munlock).attempts == {CALL: name, munlock: "EPERM"}


@requirement("seccomp.errnoRet.applied")
def test_a_rule_has_a_number_for_the_tracer(config, container, same_kernel):
    acts(config, "TRACE", errnoRet=4711)

    assert decision(container) == Decision("TRACE", 4711)


@requirement("seccomp.errnoRet.default")
@pytest.mark.parametrize("action", ["ERRNO", "TRACE"])
def test_without_a_number_it_is_eperm(config, container, same_kernel, action):
    acts(config, action)

    assert decision(container) == Decision(action, EPERM)


@requirement("seccomp.errnoRet.unsupported")
@pytest.mark.parametrize("action", WITHOUT_NUMBER)
def test_a_number_for_an_action_that_takes_none_is_an_error(config, container, another, agent, action):
    defaults(config, "SCMP_ACT_ERRNO", DENIED | {"action": f"SCMP_ACT_{action}"}, listenerPath=agent.path)
    another().create()
    config["linux"]["seccomp"]["syscalls"][-1]["errnoRet"] = ENOSPC

    with generates_an_error():
        container.create()


@requirement("seccomp.defaultErrnoRet.applied")
@pytest.mark.parametrize(("number", "name"), [(ENOSPC, "ENOSPC"), (0, None)])
def test_the_default_refuses_with_its_number(config, container, number, name):
    defaults(config, "SCMP_ACT_ERRNO", defaultErrnoRet=number)

    assert container.run(f"child {CALL}", CALL).attempts[CALL] == name


@requirement("seccomp.defaultErrnoRet.applied")
def test_the_default_has_a_number_for_the_tracer(config, container, same_kernel):
    defaults(config, "SCMP_ACT_TRACE", defaultErrnoRet=4711)

    assert decision(container) == Decision("TRACE", 4711)


@requirement("seccomp.defaultErrnoRet.applied")
def test_a_rule_with_the_defaults_action_has_its_own_number(config, container):
    munlock = seccomp.call("munlock", 0, 0)
    defaults(config, "SCMP_ACT_ERRNO", DENIED, defaultErrnoRet=ENOSPC)
    config["linux"]["seccomp"]["syscalls"][0]["names"].remove("munlock")

    assert container.run(CALL, munlock).attempts == {CALL: "EPERM", munlock: "ENOSPC"}


@requirement("seccomp.defaultErrnoRet.newer-calls")
def test_the_default_is_for_calls_that_are_newer_than_all_that_are_named(config, container):
    number = 1_000
    defaults(config, "SCMP_ACT_ERRNO", defaultErrnoRet=ENOSPC)

    assert container.run(f"syscall {number}").attempts == {f"syscall {number}": "ENOSPC"}


@requirement("seccomp.defaultErrnoRet.default")
@pytest.mark.parametrize("action", ["ERRNO", "TRACE"])
def test_without_a_number_the_defaults_is_eperm(config, container, same_kernel, action):
    defaults(config, f"SCMP_ACT_{action}")

    assert decision(container) == Decision(action, EPERM)


@requirement("seccomp.defaultErrnoRet.unsupported")
@pytest.mark.parametrize("action", [name for name in WITHOUT_NUMBER if name != "NOTIFY"])
def test_a_number_for_a_default_that_takes_none_is_an_error(config, container, another, action):
    defaults(config, f"SCMP_ACT_{action}", DENIED)
    another().create()
    config["linux"]["seccomp"]["defaultErrnoRet"] = ENOSPC

    with generates_an_error():
        container.create()


# --- architectures ---------------------------------------------------------------------------------------------------


@requirement("seccomp.architectures")
def test_the_machines_own_architecture_can_be_named(config, container):
    filters(config, DENIED, architectures=[f"SCMP_ARCH_{seccomp.NATIVE}"])

    assert container.run(CALL, OTHER).attempts == {CALL: "EPERM", OTHER: None}


@requirement("seccomp.architectures")
@pytest.mark.parametrize("members", [{"architectures": []}, {}], ids=["an empty list", "no list"])
def test_without_architectures_the_machines_own_is_filtered(config, container, members):
    filters(config, DENIED, **members)

    assert container.run(CALL, OTHER).attempts == {CALL: "EPERM", OTHER: None}


@each_of(seccomp.ARCHITECTURES, "arch")
def test_calls_of_a_named_architecture_are_filtered_or_it_is_an_error(config, container, same_kernel, name):
    """Not every architecture goes together with every other: of what is accepted, nothing may be passed over."""
    filters(config, DENIED, architectures=[f"SCMP_ARCH_{seccomp.NATIVE}", f"SCMP_ARCH_{name}"])

    seen = or_an_error(lambda: decision(container, name))

    assert seen in (Decision("ERRNO", EPERM), "an error" if name != seccomp.NATIVE else None)


@requirement("seccomp.architectures")
def test_each_of_several_architectures_is_filtered(config, container, same_kernel):
    """Those whose calls this machine can make."""
    names = ("X86_64", "X86", "X32") if seccomp.NATIVE == "X86_64" else ("AARCH64", "ARM")
    filters(config, DENIED, architectures=[f"SCMP_ARCH_{name}" for name in names])

    programs = filters_of_program(container)

    assert [seccomp.decide(programs, name) for name in names] == [Decision("ERRNO", EPERM)] * len(names)


# --- flags -----------------------------------------------------------------------------------------------------------


@requirement("seccomp.flags")
def test_an_empty_list_of_flags_is_none(config, container):
    filters(config, DENIED, flags=[])

    assert container.run(CALL, OTHER).attempts == {CALL: "EPERM", OTHER: None}


@each_of(("TSYNC", "LOG", "SPEC_ALLOW"), "flag")
def test_a_flag_does_no_harm_or_is_an_error(config, container, name):
    filters(config, DENIED, flags=[f"SECCOMP_FILTER_FLAG_{name}"])

    assert works_or_is_refused(container, CALL, OTHER) in (None, {CALL: "EPERM", OTHER: None})


@requirement("seccomp.flags")
def test_several_flags_go_together_or_are_an_error(config, container):
    filters(config, DENIED, flags=[f"SECCOMP_FILTER_FLAG_{name}" for name in ("TSYNC", "LOG", "SPEC_ALLOW")])

    assert works_or_is_refused(container, CALL, OTHER) in (None, {CALL: "EPERM", OTHER: None})


@requirement("seccomp.flag.LOG")
def test_with_the_flag_what_is_refused_is_logged_or_it_is_an_error(config, container, kernel_log):
    config["process"]["user"] = {"uid": 0, "gid": kernel_log.group}
    filters(config, DENIED, flags=["SECCOMP_FILTER_FLAG_LOG"])

    try:
        container.create("listen")
        container.start()
    except faults.OperationFailed:
        return

    timeout = container.runtime.timeout
    assert kernel_log.tells_of(kernel_log.group, lambda: container.ask(CALL), within=timeout)


@requirement("seccomp.flag.WAIT_KILLABLE_RECV")
def test_a_call_that_an_agent_has_seen_waits_through_a_signal_or_it_is_an_error(config, container, agent):
    acts(config, "NOTIFY")
    config["linux"]["seccomp"] |= {"listenerPath": agent.path, "flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}
    try:
        container.create(f"handled {CALL}")
        container.start()
    except faults.OperationFailed:
        return
    listener = agent.listener(agent.connection())
    call = listener.receive()

    os.kill(container.pid, signal.SIGSYS)

    # As a sleep that nothing but a kill ends is told; any other would be over.
    eventually(lambda: is_deaf(container), "a sleep through the signal", container.runtime)
    listener.answer(call["id"])
    assert container.report().answers == {f"handled {CALL}": True}
