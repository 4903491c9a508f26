# pyright: basic, reportPrivateUsage=false
"""config.md#configProcess, and its terminal"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
from collections.abc import Callable
from typing import Any

from ... import errors
from ...config import process, terminal
from ..ways import Change, Mutants, given, giving, instead, reading

execute = process.execute
enter_directory = process.enter_directory
PROGRAM = [os.path.realpath(sys.executable), "-I", "-S", "-c", "pass"]
PROCESS = {"user": {"uid": 0, "gid": 0}, "cwd": "/", "args": PROGRAM}


def of_process(change: Callable[[Any], Any]) -> Change:
    """The config's process is changed, in place."""
    return reading(lambda config: change(config["process"]))


def refuse_none(config: Any) -> None:
    if "process" not in config:
        raise errors.InvalidConfig("process", "is missing")


def make_absolute(configured: Any) -> None:
    if "cwd" in configured:
        configured["cwd"] = os.path.join("/", configured["cwd"])


def give_args(configured: Any) -> None:
    if not configured.get("args"):
        configured["args"] = PROGRAM


def search_with_slashes(configured: Any) -> list[str]:
    name = configured["args"][0]
    return [os.path.join(directory, name) for directory in process.search_path(configured)]


def run_something(configured: Any) -> None:
    try:
        execute(configured)
    except OSError:
        execute(configured | {"args": PROGRAM})


def resolved(arguments: list[str]) -> list[str]:
    return [os.path.join("/found", arguments[0]), *arguments[1:]]


def resize_the_callers(configured: Any) -> None:
    if "consoleSize" in configured and os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSWINSZ, terminal.window(configured))
    enter_directory(configured)


def swapped(configured: Any) -> bytes:
    return struct.pack("HHHH", configured["consoleSize"]["width"], configured["consoleSize"]["height"], 0, 0)


def default_size(name: str) -> Change:
    return of_process(lambda configured: configured.get("consoleSize", {}).setdefault(name, 0))


MUTANTS: Mutants = {
    "proc.required-at-start": [reading(lambda config: config.setdefault("process", PROCESS))],
    "proc.optional-at-create": [reading(refuse_none)],
    "proc.cwd.required": [of_process(lambda configured: configured.setdefault("cwd", "/"))],
    "proc.cwd.applied": [given(process.enter_directory, lambda configured: (configured | {"cwd": "/"},))],
    "proc.cwd.absolute": [of_process(make_absolute)],
    "proc.args.required": [of_process(give_args)],
    "proc.args.argv": [
        giving(process.arguments, lambda arguments: [argument for argument in arguments if argument]),
        giving(process.arguments, resolved),
    ],
    "proc.args.path-search": [
        instead(process.search_path, lambda configured: os.environ["PATH"].split(":")),
        instead(process.candidates, search_with_slashes),
        giving(process.search_path, lambda paths: [*paths, "."]),
    ],
    "proc.args.not-executable": [instead(process.execute, run_something)],
    "proc.env.semantics": [
        giving(process.environment, lambda entries: [entry for entry in entries if not entry.endswith("=")]),
        giving(process.environment, lambda entries: [*entries, *map("=".join, os.environ.items())]),
    ],
    "proc.terminal.true": [(terminal, "STANDARD_STREAMS", (1, 2))],
    "proc.terminal.pty-container-devpts": [(terminal, "STANDARD_STREAMS", (0, 1))],
    "proc.terminal.default": [of_process(lambda configured: configured.setdefault("terminal", True))],
    "proc.consoleSize.applied": [instead(terminal.window, swapped)],
    "proc.consoleSize.ignored": [instead(process.enter_directory, resize_the_callers)],
    "proc.consoleSize.height": [default_size("height")],
    "proc.consoleSize.width": [default_size("width")],
}
