"""After a run, however it ended, the host is as it was."""

import errno
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.harness import cgroups, residue

from .conftest import ROOT, SAMPLE, lying, read_results, suite_command, suite_environment

DEADLINE = 180.0


def trace() -> set[str]:
    """Mounts and network interfaces of these namespaces, and every cgroup of a run that is no more."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    directories = [Path(path) for h in cgroups.hierarchies() for path, _, _ in os.walk(h.mountpoint)]
    of_runs = [path for path in directories if path.name.startswith(cgroups.PREFIX)]
    abandoned = {str(path) for path in of_runs if not Path("/proc", path.name.removeprefix(cgroups.PREFIX)).exists()}
    return {line.split(" ")[4] for line in mounts} | abandoned | {name for _, name in socket.if_nameindex()}


def marked_processes(mark: str) -> list[str]:
    """Command lines of living processes whose environment has the mark."""
    found: list[str] = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARK={mark}".encode() in (directory / "environ").read_bytes():
                found.append((directory / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


def until(true, what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < deadline, f"not within {DEADLINE:.0f} s: {what}"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def interrupts_are_heard() -> Iterator[None]:
    """A background job is begun with SIGINT ignored, and would hand that on to the runs that are interrupted here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def mark() -> str:
    return f"{os.getpid()}-{time.monotonic_ns()}"


@pytest.fixture
def run(tmp_path: Path, mark: str) -> Iterator[subprocess.Popen[str]]:
    """A run that is in the middle of a test: its runtime hangs in kill."""
    runtime = lying("hangs_in_kill")
    process = subprocess.Popen(
        suite_command(f"--runtime={runtime}", "--runtime-timeout=600", f"--report-dir={tmp_path}", *SAMPLE, "-n2"),
        cwd=ROOT,
        env=suite_environment(MARK=mark),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        until(lambda: any("\0kill\0" in words for words in marked_processes(mark)), "the test that hangs")
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name)
def test_an_interrupted_run_leaves_nothing(signal_number, tmp_path, mark, request):
    before = trace()
    process: subprocess.Popen[str] = request.getfixturevalue("run")

    process.send_signal(signal_number)
    words = process.communicate(timeout=DEADLINE)[0]

    assert process.returncode == 2, words
    assert read_results(tmp_path)[-1]["interrupted"] is True
    until(lambda: not marked_processes(mark), "the end of every process")
    assert trace() - before == set()


def test_a_run_that_is_interrupted_twice_does_not_look_whole(tmp_path, mark, request):
    """The signal to all of its processes comes to those inside twice: it is passed on, too."""
    process: subprocess.Popen[str] = request.getfixturevalue("run")

    os.killpg(process.pid, signal.SIGINT)
    words = process.communicate(timeout=DEADLINE)[0]

    assert process.returncode in (2, 128 + signal.SIGINT), words
    footers = [line for line in read_results(tmp_path) if line["kind"] == "footer"]
    assert [line["interrupted"] for line in footers] in ([True], [])
    until(lambda: not marked_processes(mark), "the end of every process")


def test_a_run_that_is_killed_leaves_at_most_empty_cgroups_which_the_next_run_sweeps(mark, request, run_suite):
    before = trace()
    process: subprocess.Popen[str] = request.getfixturevalue("run")

    process.kill()
    process.wait(DEADLINE)

    until(lambda: not marked_processes(mark), "the end of every process")
    left = trace() - before
    assert all(cgroups.PREFIX in path for path in left)
    run_suite("--runtime=reference-runtime", "--requirement=hostname.seen")
    assert trace() - before == set()


def test_a_run_whose_inner_process_is_killed_leaves_nothing(mark, request):
    before = trace()
    process: subprocess.Popen[str] = request.getfixturevalue("run")

    until(lambda: is_killed(descendants(process.pid)[-1]), "a process to kill, inside")
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=DEADLINE)

    until(lambda: not marked_processes(mark), "the end of every process")
    assert trace() - before == set()


def is_killed(pid: str) -> bool:
    """What belongs to the other worker may have ended by itself."""
    try:
        os.kill(int(pid), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def descendants(pid: int) -> list[str]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:  # it has ended meanwhile
        return []
    return children + [below for child in children for below in descendants(int(child))]


@pytest.mark.parametrize("error", [errno.ESRCH, errno.EINVAL], ids=["no process", "a group, in older kernels"])
def test_a_process_that_is_reaped_is_not_waited_for(error, monkeypatch):
    def pidfd_open(pid):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "pidfd_open", pidfd_open)

    assert residue.reaped(os.getpid(), time.monotonic() + DEADLINE)


def test_a_run_to_the_end_leaves_nothing(mark, run_suite):
    before = trace()

    ran = run_suite("--runtime=reference-runtime", *SAMPLE, "-n2", MARK=mark)

    assert ran.whole
    assert marked_processes(mark) == []
    assert trace() - before == set()
