"""A failure, done again: each call with its exit code and the runtime's words; then everything is taken away."""

import contextlib
import json
import os
import pathlib
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from typing import Any

from . import document, recipe

LONGEST = 16384  # bytes of words that are shown
PATIENCE = 3.0  # seconds for a container to end by itself before it is deleted


def perform(wanted: recipe.Recipe, runtime: str | None, deadline: float) -> int:
    """Rebuild, call, clear away; 0 if each call came back in time, whatever it said, and 1 if not."""
    command = recipe.command(wanted, runtime)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="replay-"))
    places = _places(directory)
    stage = Stage(directory, places, command, deadline)
    try:
        recipe.rebuild(wanted, places)
        return stage.play(recipe.commands(wanted, places, runtime))
    finally:
        stage.clear()


def keep(wanted: recipe.Recipe, runtime: str | None, directory: pathlib.Path) -> int:
    """Leave the bundle in a directory and print the commands."""
    directory.mkdir(parents=True, exist_ok=True)
    places = _places(directory.resolve())
    recipe.rebuild(wanted, places)
    for command in recipe.commands(wanted, places, runtime):
        print(shlex.join(command))
    return 0


def show(wanted: recipe.Recipe) -> int:
    """Print what a token holds."""
    print(json.dumps(wanted, indent=2))
    return 0


def _places(directory: pathlib.Path) -> dict[str, str]:
    """Where a replay below this directory has its things."""
    for name in ("bundle", "state"):
        (directory / name).mkdir()
    identifier = f"replay-{uuid.uuid4().hex[:12]}"
    return {"$BUNDLE": str(directory / "bundle"), "$ROOT": str(directory / "state"), "$ID": identifier}


class Stage:
    """Where the calls of one replay run, and what they leave."""

    def __init__(self, directory: pathlib.Path, places: dict[str, str], runtime: list[str], deadline: float) -> None:
        self.directory = directory
        self.identifier = places["$ID"]
        self.runtime = [*runtime, "--root", places["$ROOT"]]
        self.deadline = deadline

    def play(self, commands: list[list[str]]) -> int:
        heard: list[str] = []
        answered = True
        for number, command in enumerate(commands):
            if "delete" in command:
                self._await_end()
            print(f"$ {shlex.join(command)}", flush=True)
            code = self._call(command, number)
            heard.append(self._words(number))
            answered = answered and code is not None
            verdict = f"no answer within {self.deadline:g} s" if code is None else f"exit {code}"
            print(f"{heard[-1]}→ {verdict}", flush=True)
        for number, words in enumerate(heard):
            if later := self._words(number).removeprefix(words):
                print(f"later, into the words of call {number + 1}:\n{later}", end="")
        return 0 if answered else 1

    def clear(self) -> None:
        """Kill what is left, and remove the directory unless something is still mounted in it."""
        pid = self._state().get("pid")
        if isinstance(pid, int) and pid > 1:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._ask("delete", "--force", self.identifier)
        for mount_point in reversed(list(self._mount_points())):
            subprocess.run(["umount", "--lazy", mount_point], check=False)
        if left := list(self._mount_points()):
            print(f"left behind, since it is still mounted: {' '.join(left)}")
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _call(self, command: list[str], number: int | str) -> int | None:
        """The exit code, None for no answer. Words go to a file: the container would hold a pipe open."""
        errors = subprocess.STDOUT if isinstance(number, int) else subprocess.DEVNULL
        with (self.directory / f"words-{number}").open("wb") as words:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=words, stderr=errors, cwd=self.directory, process_group=0
            )
        try:
            return process.wait(self.deadline)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _words(self, number: int | str) -> str:
        with (self.directory / f"words-{number}").open("rb") as file:
            words = file.read(LONGEST).decode(errors="backslashreplace")
        # A terminal must not obey what a runtime or a container says.
        shown = "".join(sign if sign.isprintable() or sign in "\n\t" else ascii(sign)[1:-1] for sign in words)
        return shown if not shown or shown.endswith("\n") else shown + "\n"

    def _ask(self, *arguments: str) -> str:
        """What the runtime says to a call of our own, nothing if it does not answer."""
        with contextlib.suppress(OSError):
            if self._call([*self.runtime, *arguments], "ours") == 0:
                return self._words("ours")
        return ""

    def _state(self) -> dict[str, Any]:
        try:
            state = json.loads(self._ask("state", self.identifier))
        except ValueError:
            return {}
        return state if document.is_object(state) else {}

    def _await_end(self) -> None:
        """Give a running container the time to end that it had in the test."""
        state = self._state()
        if state.get("status") != "running":
            return
        # It may have ended meanwhile; of that the kernel says ESRCH, and older ones EINVAL as well.
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(state["pid"])
            select.select([descriptor], [], [], PATIENCE)
            os.close(descriptor)

    def _mount_points(self) -> Iterator[str]:
        for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
            mount_point = line.split()[4].encode().decode("unicode_escape")
            if pathlib.Path(mount_point).is_relative_to(self.directory):
                yield mount_point
