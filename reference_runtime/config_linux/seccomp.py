"""config-linux.md#configLinuxSeccomp"""

from __future__ import annotations

import os
import stat

from .. import errors
from ..kernel import seccomp as kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Seccomp, SeccompArgument, SeccompRule

ACTIONS = {
    "SCMP_ACT_KILL": kernel.KILL_THREAD,
    "SCMP_ACT_KILL_PROCESS": kernel.KILL_PROCESS,
    "SCMP_ACT_KILL_THREAD": kernel.KILL_THREAD,
    "SCMP_ACT_TRAP": kernel.TRAP,
    "SCMP_ACT_ERRNO": kernel.ERRNO,
    "SCMP_ACT_TRACE": kernel.TRACE,
    "SCMP_ACT_ALLOW": kernel.ALLOW,
    "SCMP_ACT_LOG": kernel.LOG,
    "SCMP_ACT_NOTIFY": kernel.NOTIFY,
}
ARCHITECTURES = {f"SCMP_ARCH_{name}": token for name, token in kernel.ARCHITECTURES.items()}
OPERATORS = {f"SCMP_CMP_{name}": number for name, number in kernel.OPERATORS.items()}
FLAGS = {
    "SECCOMP_FILTER_FLAG_TSYNC": kernel.FLAG_TSYNC,
    "SECCOMP_FILTER_FLAG_LOG": kernel.FLAG_LOG,
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW": kernel.FLAG_SPEC_ALLOW,
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV": kernel.FLAG_WAIT_KILLABLE_RECV,
}
#: Which of them take a number, and the greatest that they take.
LARGEST = {"SCMP_ACT_ERRNO": kernel.MAX_ERRNO, "SCMP_ACT_TRACE": 0xFFFF}
EPERM = 1
#: A system call has six arguments, and the first is 0.
LAST_ARGUMENT = 5
#: After these the call is made.
LENIENT = (kernel.ALLOW, kernel.LOG)
WHERE = "linux.seccomp"


def check(config: Config) -> None:
    if (seccomp := configured(config)) is None:
        return
    refuse_numbers(seccomp)
    refuse_no_names(seccomp)
    refuse_no_argument(seccomp)
    refuse_lone_metadata(seccomp)
    refuse_no_listener(seccomp)
    refuse_unknown_to_kernel(seccomp)


def configured(config: Config) -> Seccomp | None:
    return config.get("linux", {}).get("seccomp")


def rules(seccomp: Seccomp) -> list[SeccompRule]:
    return seccomp.get("syscalls", [])


def refuse_numbers(seccomp: Seccomp) -> None:
    """Of actions that take none, or not so great a one."""
    refuse_number(f"{WHERE}.defaultErrnoRet", seccomp["defaultAction"], seccomp.get("defaultErrnoRet"))
    for index, rule in enumerate(rules(seccomp)):
        refuse_number(f"{WHERE}.syscalls[{index}].errnoRet", rule["action"], rule.get("errnoRet"))


def refuse_number(where: str, action: str, number: int | None) -> None:
    if number is None:
        return
    if action not in LARGEST:
        raise errors.InvalidConfig(where, f"{action} takes none")
    if number > LARGEST[action]:
        raise errors.InvalidConfig(where, f"{number} is beyond {LARGEST[action]}")


def refuse_no_names(seccomp: Seccomp) -> None:
    for index, rule in enumerate(rules(seccomp)):
        if not rule["names"]:
            raise errors.InvalidConfig(f"{WHERE}.syscalls[{index}].names", "at least one is needed")


def refuse_no_argument(seccomp: Seccomp) -> None:
    for index, rule in enumerate(rules(seccomp)):
        for argument in rule.get("args", []):
            if argument["index"] > LAST_ARGUMENT:
                where = f"{WHERE}.syscalls[{index}].args"
                raise errors.InvalidConfig(where, f"no system call has an argument {argument['index']}")


def refuse_lone_metadata(seccomp: Seccomp) -> None:
    if "listenerMetadata" in seccomp and "listenerPath" not in seccomp:
        raise errors.InvalidConfig(f"{WHERE}.listenerMetadata", "is for a listener, and there is no listenerPath")


def refuse_no_listener(seccomp: Seccomp) -> None:
    """A call that nobody is told of would not be made, and nobody has asked for that."""
    if not notifies(seccomp):
        return
    path = seccomp.get("listenerPath")
    if not path:
        raise errors.Unsupported(WHERE, "SCMP_ACT_NOTIFY needs a listenerPath")
    # Whether somebody listens is known when the state is sent.
    if not os.path.exists(path) or not stat.S_ISSOCK(os.stat(path).st_mode):
        raise errors.Unsupported(f"{WHERE}.listenerPath", f"{path} is not a socket")


def refuse_unknown_to_kernel(seccomp: Seccomp) -> None:
    for name in sorted({seccomp["defaultAction"], *(rule["action"] for rule in rules(seccomp))}):
        if not kernel.has_action(ACTIONS[name]):
            raise errors.Unsupported(WHERE, f"the kernel has no {name}")
    if not kernel.takes_flags(flags(seccomp)):
        raise errors.Unsupported(f"{WHERE}.flags", f"the kernel does not take {' '.join(seccomp.get('flags', []))}")


# --- the filter ------------------------------------------------------------------------------------------------------


def compile(config: Config) -> bytes:
    """The program that the kernel is to be given; none, where no filter is asked for."""
    if (seccomp := configured(config)) is None:
        return b""
    made = kernel.Filter(default_action(seccomp))
    try:
        add_architectures(made, seccomp)
        for index, rule in enumerate(rules(seccomp)):
            add_rule(made, rule, seccomp, f"{WHERE}.syscalls[{index}]")
        return made.program()
    finally:
        made.release()


def default_action(seccomp: Seccomp) -> int:
    return action(seccomp["defaultAction"]) | number(seccomp["defaultAction"], seccomp.get("defaultErrnoRet"))


def rule_action(rule: SeccompRule) -> int:
    return action(rule["action"]) | number(rule["action"], rule.get("errnoRet"))


def action(name: str) -> int:
    return ACTIONS[name]


def number(action: str, given: int | None) -> int:
    """The errno, or what a tracer is told."""
    if action not in LARGEST:
        return 0
    return EPERM if given is None else given


def add_architectures(made: kernel.Filter, seccomp: Seccomp) -> None:
    """Beside this machine's own: a program whose own calls nobody has thought of could not make a single one."""
    for index, name in enumerate(seccomp.get("architectures", [])):
        try:
            made.add_architecture(ARCHITECTURES[name])
        except OSError as problem:
            where = f"{WHERE}.architectures[{index}]"
            raise errors.Unsupported(where, f"libseccomp cannot add {name} here ({problem.strerror})") from None


def add_rule(made: kernel.Filter, rule: SeccompRule, seccomp: Seccomp, where: str) -> None:
    chosen, default = rule_action(rule), default_action(seccomp)
    if chosen == default:  # libseccomp takes it for a mistake
        return
    conditions = [condition(argument) for argument in rule.get("args", [])]
    for name in rule["names"]:
        if (call := kernel.resolve(name)) is not None:
            try:
                made.add_rule(chosen, call, conditions)
            except OSError as problem:
                raise errors.Unsupported(where, f"{name}: {problem.strerror}") from None
        elif default in LENIENT and chosen not in LENIENT:
            raise errors.Unsupported(where, f"libseccomp knows no system call {name}, which would not be held back")


def condition(argument: SeccompArgument) -> kernel.Condition:
    first, second = argument["value"], argument.get("valueTwo", 0)
    return argument["index"], operator(argument["op"]), first, second


def operator(name: str) -> int:
    return OPERATORS[name]


# --- its loading -----------------------------------------------------------------------------------------------------


def flags(seccomp: Seccomp) -> int:
    """The flags of seccomp(2)."""
    found = 0
    for name in seccomp.get("flags", []):
        found |= FLAGS[name]
    if notifies(seccomp):
        found |= kernel.FLAG_NEW_LISTENER
        if found & kernel.FLAG_TSYNC:
            found |= kernel.FLAG_TSYNC_ESRCH  # or a descriptor and a thread's number could not be told apart
    return found


def notifies(seccomp: Seccomp) -> bool:
    return "SCMP_ACT_NOTIFY" in (seccomp["defaultAction"], *(rule["action"] for rule in rules(seccomp)))


def has_listener(config: Config) -> bool:
    """A path without a call to tell of means nothing."""
    seccomp = configured(config)
    return seccomp is not None and notifies(seccomp)


def listener_path(config: Config) -> str:
    return (configured(config) or {}).get("listenerPath", "")


def metadata(config: Config) -> str | None:
    return (configured(config) or {}).get("listenerMetadata")


def load(config: Config, program: bytes) -> int:
    """Put this process, and what it becomes, behind the filter; the listener's descriptor, if there is one."""
    seccomp = configured(config)
    return kernel.set_mode_filter(program, flags(seccomp)) if seccomp else 0
