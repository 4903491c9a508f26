"""What can go wrong, and the one place where it is told.

    Refusal                  an operation is refused; the message is the one line that the caller reads
    ├── Usage                command_line     the words of the command are not understood
    ├── NoSuchContainer      record           no container has this ID
    ├── AlreadyExists        record           another container has this ID
    ├── WrongStatus          lifecycle        the operation is not for a container in this status
    ├── InvalidConfig        check            config.json says what may not be said
    │   └── Unsupported      check            it may be said, but this runtime does not do it
    ├── HookFailed           hooks            a hook did not succeed
    └── BirthFailed          sync             the container's own process says why it gave up
    OSError                  kernel           a system call failed; carries the call's name and often a path

Errors are raised, never logged on the way; `command_line` tells them, once. Warnings are told at once, by `warn`.
"""

from __future__ import annotations

import os
import sys

from . import NAME


class Refusal(Exception):
    """An operation is refused."""


class Usage(Refusal):
    """The command line is not understood."""


class NoSuchContainer(Refusal):
    """No container has this ID."""


class AlreadyExists(Refusal):
    """Another container has this ID."""


class WrongStatus(Refusal):
    """The container's status does not allow the operation."""


class InvalidConfig(Refusal):
    """config.json says what may not be said."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"config.json: {where}: {why}")


class Unsupported(InvalidConfig):
    """config.json asks for something that this runtime does not do."""


class HookFailed(Refusal):
    """A hook did not succeed."""


class BirthFailed(Refusal):
    """The container's own process gave up, for the reason it sent."""


class Log:
    """Where warnings and errors go: standard error, and a file when one is asked for."""

    descriptor: int | None = None
    as_json = False

    @classmethod
    def open(cls, path: str, as_json: bool) -> None:
        """Open once, at the start: later the path may be out of reach, on the other side of a new root."""
        cls.descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        cls.as_json = as_json

    @classmethod
    def write(cls, level: str, message: str) -> None:
        if cls.descriptor is not None:
            os.write(cls.descriptor, (cls.line(level, message) + "\n").encode(errors="replace"))

    @classmethod
    def line(cls, level: str, message: str) -> str:
        import time

        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if not cls.as_json:
            return f'time="{now}" level={level} msg="{message}"'
        import json

        return json.dumps({"level": level, "msg": message, "time": now})


def describe(error: Refusal | OSError) -> str:
    """One line about an error."""
    if isinstance(error, Refusal):
        text = str(error)
    else:
        text = ": ".join(str(part) for part in (error.filename, error.strerror) if part) or str(error)
    return " ".join(text.split())


def warn(message: str) -> None:
    """runtime.md#runtimeWarnings: say it, and go on."""
    tell("warning", message)


def tell(level: str, message: str) -> None:
    print(f"{NAME}: {level}: {message}", file=sys.stderr, flush=True)
    Log.write(level, message)
