# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxSeccomp: the filter; its agent is in seccomp_listener"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from typing import Any

from ... import errors
from ...config_linux import seccomp
from ...kernel import credentials
from ...kernel import seccomp as kernel
from ..ways import Change, Mutants, given, giving, instead, reading, without

flags, load, number = seccomp.flags, seccomp.load, seccomp.number
NATIVE = "SCMP_ARCH_AARCH64" if os.uname().machine == "aarch64" else "SCMP_ARCH_X86_64"


def of_filter(change: Callable[[Any], Any]) -> Change:
    """A config's filter is changed, in place; a change that yields something takes it away."""

    def changed(config: Any) -> None:
        linux = config.get("linux", {})
        if isinstance(linux.get("seccomp"), dict) and change(linux["seccomp"]):
            del linux["seccomp"]

    return reading(changed)


def of_rules(change: Callable[[Any], Any]) -> Change:
    """Each rule is changed, in place; a change that yields something takes it away."""

    def changed(filter: Any) -> None:
        if "syscalls" in filter:
            filter["syscalls"] = [rule for rule in filter["syscalls"] if not change(rule)]

    return of_filter(changed)


def of_arguments(change: Callable[[Any], Any]) -> Change:
    def changed(rule: Any) -> None:
        for argument in rule.get("args", []):
            change(argument)

    return of_rules(changed)


def on_another(config: Any, program: bytes) -> int:
    """Of a child that is then gone."""
    pid = os.fork()
    if pid == 0:
        load(config, program)
        os._exit(0)
    os.waitpid(pid, 0)
    return 0


def with_the_librarys_help(config: Any, program: bytes) -> int:
    """As libseccomp loads a filter, unless it is told not to."""
    credentials.set_no_new_privileges()
    return load(config, program)


def by_privilege(config: Any) -> None:
    """A process that can load a filter needs to give nothing up for it."""
    if seccomp.configured(config):
        config["process"]["noNewPrivileges"] = False


def newer_are_unknown(program: bytes) -> bytes:
    """Calls with great numbers are refused as by a kernel that has not got them, where a filter refuses any."""
    instructions = ((0x20, 0, 0, 0), (0x35, 0, 1, 600), (0x06, 0, 0, kernel.ERRNO | errno.ENOSYS))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions) + program


# --- words -----------------------------------------------------------------------------------------------------------

PREFIXES = {"action": "SCMP_ACT_", "defaultAction": "SCMP_ACT_", "op": "SCMP_CMP_", "architectures": "SCMP_ARCH_"}


def meant(where: str, word: str) -> str:
    upper = word.upper()
    return upper if upper.startswith(PREFIXES[where]) else PREFIXES[where] + upper


def as_meant(filter: Any) -> None:
    filter["defaultAction"] = meant("defaultAction", filter["defaultAction"])
    filter["architectures"] = [meant("architectures", word) for word in filter.get("architectures", [])]
    for rule in filter.get("syscalls", []):
        rule["action"] = meant("action", rule["action"])
        for argument in rule.get("args", []):
            argument["op"] = meant("op", argument["op"])


def known(names: Any, member: str) -> Callable[[Any], None]:
    """Of a list only the words that we know."""

    def change(filter: Any) -> None:
        if member in filter:
            filter[member] = [word for word in filter[member] if word in names]

    return change


def allowing_unknown(filter: Any) -> None:
    if filter["defaultAction"] not in seccomp.ACTIONS:
        filter["defaultAction"] = "SCMP_ACT_ALLOW"
    for rule in filter.get("syscalls", []):
        if rule["action"] not in seccomp.ACTIONS:
            rule["action"] = "SCMP_ACT_ALLOW"


def equal_if_unknown(argument: Any) -> None:
    if argument["op"] not in seccomp.OPERATORS:
        argument["op"] = "SCMP_CMP_EQ"


# --- rules -----------------------------------------------------------------------------------------------------------


def first_of_each(filter: Any) -> None:
    """One rule for a name, as in a table."""
    table: dict[str, Any] = {}
    for rule in filter.get("syscalls", []):
        table.setdefault(rule["names"][0], rule)
    filter["syscalls"] = list(table.values())


def first_argument(rule: Any) -> None:
    rule["args"] = rule.get("args", [])[:1]


def without_arguments(rule: Any) -> None:
    rule.pop("args", None)


def has_strange_name(rule: Any) -> bool:
    return any(kernel.resolve(name) is None for name in rule["names"])


def refuse_no_rules(config: Any) -> None:
    filter = seccomp.configured(config)
    if filter is not None and not seccomp.rules(filter):
        raise errors.InvalidConfig("linux.seccomp.syscalls", "a filter needs rules")


def renamed(action: str, other: str, *, alone: bool = False) -> Change:
    """Rules with this action have another; `alone`: only those for the tests' own call."""

    def change(rule: Any) -> None:
        if rule["action"] == f"SCMP_ACT_{action}" and (not alone or rule["names"] == ["munlockall"]):
            rule["action"] = f"SCMP_ACT_{other}"

    return of_rules(change)


def default_as(filter: Any) -> None:
    """A default is an errno, or nothing."""
    default = filter["defaultAction"]
    filter["defaultAction"] = "SCMP_ACT_LOG" if default == "SCMP_ACT_ERRNO" else "SCMP_ACT_ERRNO"


def misread(name: str, other: str) -> Change:
    return instead(
        seccomp.operator,
        lambda given: seccomp.OPERATORS[f"SCMP_CMP_{other if given == f'SCMP_CMP_{name}' else given[9:]}"],
    )


def compared(change: Callable[[Any], Any]) -> Change:
    """An argument is changed when the filter is made, and has passed all checks."""
    return given(seccomp.condition, lambda argument: (argument | change(argument),))


# --- numbers ---------------------------------------------------------------------------------------------------------


def without_number(filter: Any) -> None:
    """Where it means nothing."""
    if filter["defaultAction"] not in seccomp.LARGEST:
        filter.pop("defaultErrnoRet", None)


def rule_without_number(rule: Any) -> None:
    if rule["action"] not in seccomp.LARGEST:
        rule.pop("errnoRet", None)


def like_the_default(filter: Any) -> None:
    """Such rules say nothing new."""
    filter["syscalls"] = [rule for rule in filter.get("syscalls", []) if rule["action"] != filter["defaultAction"]]


def or_unset(action: str, given: int | None) -> int:
    return number(action, given or None)


def unset(member: str) -> Callable[[Any], None]:
    return lambda owner: owner.pop(member, None) and None


def no_such_call(owner: Any, action: str, member: str) -> None:
    if owner[action] in seccomp.LARGEST:
        owner.setdefault(member, errno.ENOSYS)


# --- architectures and flags -----------------------------------------------------------------------------------------


def passed_over(name: str) -> Change:
    """It is known, and nothing is done about it."""

    def change(filter: Any) -> bool:
        named = filter.get("architectures", [])
        if f"SCMP_ARCH_{name}" not in named:
            return False
        filter["architectures"] = [word for word in named if word != f"SCMP_ARCH_{name}"]
        return f"SCMP_ARCH_{name}" == NATIVE

    return of_filter(change)


def refuse_own(made: Any, filter: Any) -> None:
    if NATIVE in filter.get("architectures", []):
        raise errors.Unsupported("linux.seccomp.architectures", f"{NATIVE} is there already")


def lost_with(flag: str) -> Change:
    """The filter, where it has this flag."""
    return of_filter(lambda filter: f"SECCOMP_FILTER_FLAG_{flag}" in filter.get("flags", []))


def losing(flag: int) -> Change:
    return giving(seccomp.flags, lambda found: found & ~flag)


MUTANTS: Mutants = {
    "seccomp.applied": [
        without(seccomp.load),
        instead(seccomp.load, on_another),
        instead(seccomp.load, with_the_librarys_help),
        reading(by_privilege),
    ],
    "seccomp.args-match": [
        of_rules(without_arguments),
        of_rules(first_argument),
        of_filter(first_of_each),
        of_rules(lambda rule: rule.get("args") == []),
    ],
    "seccomp.string-values": [of_filter(as_meant)],
    "seccomp.defaultAction": [instead(seccomp.default_action, lambda _: kernel.ALLOW)],
    "seccomp.defaultAction.required": [
        of_filter(lambda filter: filter.setdefault("defaultAction", "SCMP_ACT_ALLOW") and None)
    ],
    "seccomp.defaultAction.values": [
        of_filter(lambda filter: filter["defaultAction"] != "SCMP_ACT_ALLOW" and default_as(filter))
    ],
    "seccomp.defaultErrnoRet.applied": [
        of_filter(unset("defaultErrnoRet")),
        instead(seccomp.number, or_unset),
        of_filter(like_the_default),
    ],
    "seccomp.defaultErrnoRet.newer-calls": [giving(seccomp.compile, newer_are_unknown)],
    "seccomp.defaultErrnoRet.unsupported": [of_filter(without_number)],
    "seccomp.defaultErrnoRet.default": [
        of_filter(lambda filter: no_such_call(filter, "defaultAction", "defaultErrnoRet"))
    ],
    "seccomp.architectures": [
        without(seccomp.add_architectures),
        instead(seccomp.add_architectures, refuse_own),
        of_filter(lambda filter: not filter.get("architectures")),
    ],
    **{f"seccomp.arch.{name}": [passed_over(name)] for name in kernel.ARCHITECTURES},
    "seccomp.arch.unknown": [of_filter(known(seccomp.ARCHITECTURES, "architectures"))],
    "seccomp.flags": [
        of_filter(lambda filter: filter.get("flags") == []),
        of_filter(lambda filter: len(filter.get("flags", [])) > 1),
    ],
    **{f"seccomp.flag.{name}": [lost_with(name)] for name in ("TSYNC", "SPEC_ALLOW")},
    "seccomp.flag.LOG": [losing(kernel.FLAG_LOG), lost_with("LOG")],
    "seccomp.flag.WAIT_KILLABLE_RECV": [losing(kernel.FLAG_WAIT_KILLABLE_RECV)],
    "seccomp.flag.unknown": [of_filter(known(seccomp.FLAGS, "flags"))],
    "seccomp.syscalls": [
        of_rules(lambda rule: rule.update(names=rule["names"][:1])),
        of_filter(lambda filter: filter.update(syscalls=filter.get("syscalls", [])[:1])),
    ],
    "seccomp.syscalls.empty": [
        of_filter(lambda filter: not filter.get("syscalls")),
        instead(seccomp.check, refuse_no_rules),
    ],
    "seccomp.names.required": [of_rules(lambda rule: "names" not in rule)],
    "seccomp.names.nonempty": [without(seccomp.refuse_no_names)],
    "seccomp.names.unknown-syscall": [of_rules(has_strange_name)],
    "seccomp.action.required": [of_rules(lambda rule: rule.setdefault("action", "SCMP_ACT_ALLOW") and None)],
    "seccomp.action.unknown": [of_filter(allowing_unknown)],
    "seccomp.action.KILL": [renamed("KILL", "KILL_PROCESS")],
    "seccomp.action.KILL_PROCESS": [renamed("KILL_PROCESS", "KILL_THREAD")],
    "seccomp.action.KILL_THREAD": [renamed("KILL_THREAD", "KILL_PROCESS")],
    "seccomp.action.TRAP": [renamed("TRAP", "KILL_THREAD")],
    "seccomp.action.ERRNO": [renamed("ERRNO", "LOG")],
    "seccomp.action.TRACE": [renamed("TRACE", "ALLOW")],
    "seccomp.action.ALLOW": [renamed("ALLOW", "ERRNO", alone=True)],
    "seccomp.action.LOG": [renamed("LOG", "ALLOW"), renamed("LOG", "ERRNO")],
    "seccomp.action.NOTIFY": [renamed("NOTIFY", "ERRNO")],
    "seccomp.errnoRet.applied": [of_rules(unset("errnoRet")), instead(seccomp.number, or_unset)],
    "seccomp.errnoRet.unsupported": [of_rules(rule_without_number)],
    "seccomp.errnoRet.default": [of_rules(lambda rule: no_such_call(rule, "action", "errnoRet"))],
    "seccomp.arg.index": [of_arguments(lambda argument: argument.setdefault("index", 0))],
    "seccomp.arg.index.place": [
        compared(lambda argument: {"index": (argument["index"] + 1) % 6}),
        of_arguments(lambda argument: argument.update(index=argument["index"] % 6) if "index" in argument else None),
    ],
    "seccomp.arg.value": [of_arguments(lambda argument: argument.setdefault("value", 0))],
    "seccomp.arg.value.bits": [compared(lambda argument: {"value": argument["value"] & 0xFFFFFFFF})],
    "seccomp.arg.valueTwo": [
        compared(lambda argument: {"valueTwo": 0}),
        compared(lambda argument: {"valueTwo": argument.get("valueTwo", argument["value"])}),
    ],
    "seccomp.arg.op.required": [of_arguments(lambda argument: argument.setdefault("op", "SCMP_CMP_EQ"))],
    "seccomp.op.unknown": [of_arguments(equal_if_unknown)],
    "seccomp.op.NE": [misread("NE", "EQ")],
    "seccomp.op.LT": [misread("LT", "LE")],
    "seccomp.op.LE": [misread("LE", "LT")],
    "seccomp.op.EQ": [misread("EQ", "GE")],
    "seccomp.op.GE": [misread("GE", "GT")],
    "seccomp.op.GT": [misread("GT", "GE")],
    "seccomp.op.MASKED_EQ": [misread("MASKED_EQ", "EQ")],
}
