"""The command line under test: one operation in, its words and its exit out, before a deadline."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import faults, libc, sandbox

#: Bytes of each stream that are kept. A runtime that writes more sees its writes refused: no disk is filled.
MOST_WORDS = 1 << 20
EMBEDDED = "reference-runtime"
#: What can write a launcher of itself.
OURS = (EMBEDDED, "reference-mutant")


class Unusable(Exception):
    """There is no such runtime: one line for the person who named it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation of the runtime: `exit` is None where `signal` or `timed_out` tells how it ended."""

    argv: tuple[str, ...]
    exit: int | None
    signal: str | None
    timed_out: bool
    seconds: float
    stdout: str
    stderr: str

    @property
    def ending(self) -> str:
        """How it ended, with its last words: facts for a reader, never matched on."""
        how = f"exit status {self.exit}"
        if self.timed_out:
            how = f"no end within {self.seconds:.1f} s"
        elif self.signal:
            how = f"ended by {self.signal}"
        words = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return f"{how}: {words[-1][:300]}" if words else how


@dataclass(slots=True)
class Runtime:
    """A runtime's command; `calls` and `busy` (seconds) add up what was asked of it since they were last reset."""

    command: tuple[str, ...]
    timeout: float = 10.0
    #: Its features document; None where it knows no such operation.
    features: dict[str, Any] | None = None
    #: Whether a container's processes are processes of this host: not so in a virtual machine.
    visible: bool = True
    calls: list[Call] = field(default_factory=list[Call])
    busy: float = 0.0

    def call(
        self,
        *arguments: str,
        stdin: Any = subprocess.DEVNULL,
        stdout: int | None = None,
        cwd: Path | None = None,
        pass_fds: Sequence[int] = (),
        env: dict[str, str] | None = None,
    ) -> Call:
        """Run one operation to its end, or to its deadline. Raises nothing: a Call says how it ended."""
        words = bounded_file(), bounded_file()
        begun = time.monotonic()
        process = subprocess.Popen(
            [*self.command, *arguments],
            stdin=stdin,
            stdout=words[0] if stdout is None else stdout,
            stderr=words[1],
            cwd=cwd,
            env=env,
            pass_fds=pass_fds,
            start_new_session=True,
        )
        timed_out = not ended(process, begun + self.timeout)
        seconds = time.monotonic() - begun
        call = Call(
            argv=(*self.command, *arguments),
            exit=process.returncode if process.returncode >= 0 and not timed_out else None,
            signal=signal_name(process.returncode) if process.returncode < 0 and not timed_out else None,
            timed_out=timed_out,
            seconds=seconds,
            stdout="" if stdout is not None else written(words[0]),
            stderr=written(words[1]),
        )
        for descriptor in words:
            os.close(descriptor)
        self.calls.append(call)
        self.busy += seconds
        return call

    def operate(self, operation: str, *arguments: str, **how: Any) -> Call:
        """As `call`, judged: OperationFailed if it generated an error, NoDecision if it did not decide."""
        __tracebackhide__ = True
        call = self.call(*arguments, **how)
        if call.exit is None:
            raise faults.NoDecision(f"{operation} to succeed or to generate an error", call.ending)
        if call.exit:
            raise faults.OperationFailed(operation, call.ending)
        return call

    def waiting(self, seconds: float) -> None:
        """Count time in which the container, not the harness, was at work."""
        self.busy += seconds


def ended(process: "subprocess.Popen[bytes]", deadline: float) -> bool:
    """Wait for a process without polling; at the deadline kill its group. Whether it ended by itself."""
    watch = os.pidfd_open(process.pid)
    in_time = sandbox.until_readable(watch, deadline, time.monotonic)
    os.close(watch)
    if not in_time:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return in_time


def bounded_file() -> int:
    """An anonymous file that cannot grow: its reader needs no thread, and its writer can fill nothing."""
    descriptor = os.memfd_create("words", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, MOST_WORDS)
    libc.seal_size(descriptor)
    return descriptor


def written(descriptor: int) -> str:
    length = os.lseek(descriptor, 0, os.SEEK_CUR)
    return os.pread(descriptor, min(length, MOST_WORDS), 0).decode(errors="backslashreplace")


def signal_name(returncode: int) -> str:
    try:
        return signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"


def find(words: str) -> tuple[str, ...]:
    """The command in `--runtime`, its program found. Raises Unusable with one line."""
    try:
        command = shlex.split(words)
    except ValueError as problem:
        raise Unusable(f"--runtime={words}: {problem}") from None
    if not command:
        raise Unusable("--runtime: names no program")
    program = shutil.which(command[0]) or beside_this_interpreter(command[0])
    if program is None:
        raise Unusable(f"--runtime={words}: {why_not(command[0])}")
    return os.path.abspath(program), *command[1:]


def beside_this_interpreter(name: str) -> str | None:
    """A console script of the environment that runs pytest, whether or not that is on PATH."""
    return None if "/" in name else shutil.which(os.path.join(os.path.dirname(sys.executable), name))


def why_not(program: str) -> str:
    if "/" not in program:
        return "no such program on PATH"
    if os.path.isdir(program):
        return "is a directory, not a program"
    if not os.path.exists(program):
        return "no such file"
    return "not executable"


def launcher(command: tuple[str, ...], directory: Path) -> tuple[str, ...]:
    """The embedded runtime started as engines start it: by its launcher, without a console script's 20 ms."""
    program, *arguments = command
    name = os.path.basename(program)
    if name not in OURS or arguments:
        return command
    directory.mkdir(parents=True, exist_ok=True)
    path = str(directory / name)
    installed = subprocess.run([program, "install", path], capture_output=True, text=True, timeout=60)
    if installed.returncode:
        raise Unusable(f"{program} install: {(installed.stderr.strip().splitlines() or ['no word'])[-1]}")
    return (path,)
