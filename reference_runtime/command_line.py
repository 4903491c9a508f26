"""The command line: words in, one operation, an exit status and at most one line of error out.

By hand and not with argparse: that is seven milliseconds before the first line of every operation.
"""

from __future__ import annotations

import os
import sys

from . import NAME, NEWEST, VERSION, errors
from .kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .runtime.record import Container

GLOBAL = {"--root": "text", "--log": "text", "--log-format": "text", "--debug": "switch", "--systemd-cgroup": "switch"}
CREATE = {
    "--bundle": "text",
    "-b": "--bundle",
    "--console-socket": "text",
    "--no-pivot": "switch",
    "--pid-file": "text",
    "--preserve-fds": "number",
}
#: The operations: their options, and what they take besides.
OPERATIONS: dict[str, tuple[dict[str, str], str]] = {
    "create": (CREATE, "ID"),
    "start": ({}, "ID"),
    "state": ({}, "ID"),
    "kill": ({"--all": "switch", "-a": "--all"}, "ID [SIGNAL]"),
    "delete": ({"--force": "switch", "-f": "--force"}, "ID"),
    "run": ({**CREATE, "--detach": "switch", "-d": "--detach", "--keep": "switch"}, "ID"),
    "spec": ({"--bundle": "text", "-b": "--bundle"}, ""),
    "features": ({}, ""),
    "install": ({}, "PATH"),
}
USAGE = (
    f"usage: {NAME} [--root DIR] [--log FILE] [--log-format text|json] OPERATION ..., one of: {' '.join(OPERATIONS)}"
)


class Words:
    """What a command line says: an operation, its arguments, its options."""

    def __init__(self, words: list[str]) -> None:
        self.options: dict[str, str] = {}
        self.operation = ""
        rest = self.take_options(list(words), GLOBAL)
        if rest and "--version" not in self.options:
            self.operation = rest.pop(0)
            known, expected = self.syntax()
            self.arguments = self.take_all(rest, known)
            self.refuse_wrong_count(expected)

    def syntax(self) -> tuple[dict[str, str], str]:
        if self.operation not in OPERATIONS:
            raise errors.Usage(f"{self.operation!r} is no operation; {USAGE}")
        return OPERATIONS[self.operation]

    def take_options(self, words: list[str], known: dict[str, str]) -> list[str]:
        """Options up to the first other word; `--name value` or `--name=value`."""
        while words and words[0].startswith("-") and words[0] not in ("-", "--"):
            name, equals, value = words.pop(0).partition("=")
            name = name if known.get(name, "").isalpha() else known.get(name, name)
            kind = {**known, "--version": "switch", "-v": "switch", "--help": "switch", "-h": "switch"}.get(name)
            if kind is None:
                raise errors.Usage(f"unknown option {name}")
            if kind != "switch" and not equals:
                value = self.next_word(name, words)
            self.options[{"-v": "--version", "-h": "--help"}.get(name, name)] = self.valid(name, kind, equals, value)
        return words

    def next_word(self, name: str, words: list[str]) -> str:
        if not words:
            raise errors.Usage(f"{name} needs a value")
        return words.pop(0)

    def valid(self, name: str, kind: str, equals: str, value: str) -> str:
        if kind == "switch":
            return value if equals else "true"
        if kind == "number" and not (value.isdecimal() and value.isascii()):
            raise errors.Usage(f"{name} needs a number, not {value!r}")
        return value

    def take_all(self, words: list[str], known: dict[str, str]) -> list[str]:
        """Options and arguments in any order; after `--` everything is an argument."""
        arguments: list[str] = []
        while words:
            if words[0] == "--":
                return arguments + words[1:]
            if words[0].startswith("-") and words[0] != "-" and not words[0][1:].isdecimal():
                words = self.take_options(words, known)
            else:
                arguments.append(words.pop(0))
        return arguments

    def refuse_wrong_count(self, expected: str) -> None:
        names = expected.split()
        least = len([name for name in names if not name.startswith("[")])
        if "--help" not in self.options and not least <= len(self.arguments) <= len(names):
            raise errors.Usage(f"usage: {NAME} {self.operation} {expected}".rstrip())

    def is_on(self, name: str) -> bool:
        return self.options.get(name, "false") in ("true", "1")


def main(arguments: list[str]) -> int:
    try:
        words = Words(arguments)
        open_log(words)
        refuse_systemd(words)
        return carry_out(words)
    except (errors.Refusal, OSError) as error:
        errors.tell("error", errors.describe(error))
        return 1


def open_log(words: Words) -> None:
    if words.options.get("--log-format", "text") not in ("text", "json"):
        raise errors.Usage("--log-format is text or json")
    if words.options.get("--log"):
        errors.Log.open(words.options["--log"], words.options.get("--log-format") == "json")


def refuse_systemd(words: Words) -> None:
    """Or `slice:prefix:name`, which is systemd's business, would become a cgroup of that very name."""
    if words.is_on("--systemd-cgroup"):
        raise errors.Usage("--systemd-cgroup: cgroups are made in their file system here, never by systemd")


def carry_out(words: Words) -> int:
    # Descriptors of the caller's are for the program, if asked for, and never for hooks.
    files.close_on_exec(3)
    if words.is_on("--version"):
        print(f"{NAME} version {VERSION}\nspec: {NEWEST}")
        return 0
    if words.is_on("--help") or not words.operation:
        print(USAGE, file=sys.stdout if words.is_on("--help") else sys.stderr)
        return 0 if words.is_on("--help") else 1
    return CARRIED_OUT_BY[words.operation](words)


def load(words: Words) -> Container:
    from .runtime import record

    return record.load(root(words), words.arguments[0])


def root(words: Words) -> str:
    from .runtime import record

    return os.path.abspath(words.options.get("--root") or record.DEFAULT_ROOT)


def create(words: Words) -> int:
    from .runtime import birth
    from .runtime import create as operation

    options = birth.Options()
    options.console_socket = words.options.get("--console-socket", "")
    options.pid_file = words.options.get("--pid-file", "")
    options.no_pivot = words.is_on("--no-pivot")
    options.preserve_fds = int(words.options.get("--preserve-fds", "0"))
    operation.create(root(words), words.arguments[0], words.options.get("--bundle", "."), options)
    return 0


def start(words: Words) -> int:
    from .runtime import start as operation

    operation.start(load(words))
    return 0


def state(words: Words) -> int:
    import json

    from .runtime import state as operation

    print(json.dumps(operation.query(load(words)), indent=2))
    return 0


def kill(words: Words) -> int:
    from .runtime import kill as operation

    number = operation.parse(words.arguments[1] if len(words.arguments) > 1 else "SIGTERM")
    (operation.kill_all if words.is_on("--all") else operation.kill)(load(words), number)
    return 0


def delete(words: Words) -> int:
    from .runtime import delete as operation

    if not words.is_on("--force"):
        operation.delete(load(words))
        return 0
    from contextlib import suppress

    # Forced to be gone, it is.
    with suppress(errors.NoSuchContainer):
        operation.stop_and_destroy(load(words))
    return 0


def run(words: Words) -> int:
    from .runtime import run as operation

    create(words)
    return operation.follow(load(words), detach=words.is_on("--detach"), keep=words.is_on("--keep"))


def spec(words: Words) -> int:
    from bundles import contracts

    path = os.path.join(words.options.get("--bundle", "."), "config.json")
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(contracts.text("ordinary.json"))
    except FileExistsError as error:
        raise errors.Refusal(f"{path} exists already") from error
    return 0


def features(words: Words) -> int:
    import json

    from .features import features as document

    print(json.dumps(document.describe(), indent=2))
    return 0


def install(words: Words) -> int:
    from . import launcher

    launcher.write(words.arguments[0])
    return 0


CARRIED_OUT_BY: dict[str, Callable[[Words], int]] = {
    "create": create,
    "start": start,
    "state": state,
    "kill": kill,
    "delete": delete,
    "run": run,
    "spec": spec,
    "features": features,
    "install": install,
}
