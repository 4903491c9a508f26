"""python -m bundles spec | new | validate | upgrade | unpack | replay

Exit status: 0 as it should be, 1 findings (or a call that did not come back), 2 interrupted, 4 usage, told in one line.
"""

import argparse
import contextlib
import io
import os
import pathlib
import signal
import sys
import threading
from typing import Any, NoReturn

from . import document, new, recipe, replay, unpack, upgrade, validate
from .unpacking import faults, limits

INTERRUPTED, USAGE = 2, 4


class Parser(argparse.ArgumentParser):
    """argparse, with one line for a mistake and pytest's number for it."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {line(message)}\n")


def line(text: object) -> str:
    """A text as one line that a terminal does not obey, whatever names it is about."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in str(text))


def seconds(text: str) -> float:
    """A time to wait. Raises ValueError."""
    value = float(text)
    if not 0 < value < threading.TIMEOUT_MAX:
        raise ValueError(text)
    return value


def parser() -> Parser:
    top = Parser(prog="python -m bundles", description="Bundles for containers: write, check, upgrade, unpack, replay.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    spec = commands.add_parser("spec", help="write the ordinary config")
    spec.add_argument("path", nargs="?", type=pathlib.Path, default=pathlib.Path("config.json"))
    spec.set_defaults(run=run_spec)

    fresh = commands.add_parser("new", help="make a bundle whose process is the probe")
    fresh.add_argument("directory", type=pathlib.Path)
    fresh.set_defaults(run=run_new)

    check = commands.add_parser("validate", help="check a config or a bundle; advice alone leaves the exit status 0")
    check.add_argument("path", type=pathlib.Path, metavar="CONFIG_OR_BUNDLE")
    check.add_argument("--json", action="store_true", help="one JSON object a line")
    check.set_defaults(run=run_validate)

    modern = commands.add_parser("upgrade", help="bring a config from before 1.0.0 up to 1.3.0")
    modern.add_argument("path", type=pathlib.Path, metavar="OLD")
    modern.add_argument("-o", "--output", type=pathlib.Path, metavar="NEW", help="default: standard output")
    modern.set_defaults(run=run_upgrade)

    add_unpack(commands)

    again = commands.add_parser("replay", help="do a failure from a report again")
    again.add_argument(
        "token",
        metavar="TOKEN",
        help="- reads it from standard input; it names the commands that are run: --print shows them",
    )
    again.add_argument("--runtime", metavar="COMMAND", help="another runtime than the one that failed")
    again.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="leave the bundle there, print the commands")
    again.add_argument("--print", action="store_true", dest="show", help="only print what the token holds")
    again.add_argument("--deadline", type=seconds, default=10.0, metavar="SECONDS", help="for each call (default: 10)")
    again.set_defaults(run=run_replay)
    return top


def add_unpack(commands: Any) -> None:
    packed: argparse.ArgumentParser = commands.add_parser(
        "unpack",
        help="make a bundle of what docker export or docker save wrote, or of an OCI image layout",
        usage="%(prog)s [options] SOURCE BUNDLE [-- ARG ...]",
        description="Make a bundle of an archive of a root file system (docker export), or of an OCI image layout: a"
        " directory or an archive of one (docker save). The process is what the image says, with ARGs in place of its"
        " Cmd; without an image it is ARGs, or /bin/sh. A new BUNDLE can be entered only by who makes it.",
    )
    packed.add_argument("source", type=pathlib.Path, metavar="SOURCE", help="- reads an archive from standard input")
    packed.add_argument("bundle", type=pathlib.Path, metavar="BUNDLE", help="a directory, new or empty")
    packed.add_argument("--reference", metavar="NAME", help="which image of several")
    packed.add_argument("--platform", metavar="OS/ARCH[/VARIANT]", help="which image of several (default: this host's)")
    packed.add_argument("--volumes", action="store_true", help="mount a tmpfs at each volume of the image")
    packed.add_argument("--no-devices", action="store_false", dest="devices", help="leave devices out")
    packed.add_argument(
        "--max-size", type=limits.size, default=limits.SIZE, metavar="BYTES", help="of all content (default: 16G)"
    )
    packed.add_argument(
        "--max-entries", type=limits.count, default=limits.ENTRIES, metavar="N", help=f"(default: {limits.ENTRIES})"
    )
    packed.set_defaults(run=run_unpack)


def run_spec(given: argparse.Namespace) -> int:
    return new.write_config(given.path)


def run_new(given: argparse.Namespace) -> int:
    return new.make_bundle(given.directory)


def run_validate(given: argparse.Namespace) -> int:
    return validate.report(given.path, given.json)


def run_upgrade(given: argparse.Namespace) -> int:
    return upgrade.run(given.path, given.output)


def run_unpack(given: argparse.Namespace) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    names = ("source", "bundle", "args", "reference", "platform", "devices", "volumes")
    wished = {name: getattr(given, name) for name in names}
    return unpack.run(unpack.Wish(**wished, size=given.max_size, entries=given.max_entries))


def run_replay(given: argparse.Namespace) -> int:
    # Ended from outside, a replay clears away like one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = recipe.read(_standard_input() if given.token == "-" else given.token)
    if given.show:
        return replay.show(wanted)
    if given.keep:
        return replay.keep(wanted, given.runtime, given.keep)
    return replay.perform(wanted, given.runtime, given.deadline)


def _standard_input() -> str:
    """All of it, as the letters that a token may have."""
    if not hasattr(sys.stdin, "buffer"):  # closed, it is None
        raise recipe.TokenError("standard input is closed")
    return sys.stdin.buffer.read(recipe.LARGEST).decode("ascii", "replace")


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """What comes after -- is the container's; argparse would lose it after an option."""
    if words[:1] != ["unpack"] or "--" not in words:
        return words, []
    place = words.index("--")
    return words[:place], words[place + 1 :]


def main(arguments: list[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names in a document may be what no terminal can show
            stream.reconfigure(errors="backslashreplace")
    words, args = split(sys.argv[1:] if arguments is None else arguments)
    given = parser().parse_args(words, argparse.Namespace(args=args))
    try:
        code = given.run(given)
        print(end="", flush=True)
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except (document.DocumentError, recipe.TokenError, faults.Fault) as problem:
        print(f"python -m bundles: {line(problem)}", file=sys.stderr)
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        print(f"python -m bundles: {line(where)}{problem.strerror or line(problem)}", file=sys.stderr)
        _let_go()
    return USAGE


def _let_go() -> None:
    """What standard output could not take, it shall not be offered once more at the interpreter's end."""
    with contextlib.suppress(OSError, AttributeError):
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
