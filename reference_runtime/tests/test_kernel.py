"""kernel: each small function does what its system call does."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from reference_runtime.kernel import credentials, files, mounts, namespaces, processes
from reference_runtime.kernel.mounts import Attribute, Mount
from reference_runtime.kernel.namespaces import Clone

from .conftest import needs_root


@pytest.fixture
def sleeper():
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


# --- processes -------------------------------------------------------------------------------------------------------


def test_a_process_is_known_by_its_start(sleeper):
    since = processes.started(sleeper.pid)

    assert since
    assert processes.lives(sleeper.pid, since)
    assert not processes.lives(sleeper.pid, since + 1)


def test_a_zombie_does_not_live(sleeper):
    since = processes.started(sleeper.pid) or 0
    sleeper.send_signal(signal.SIGKILL)

    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)

    assert processes.started(sleeper.pid) is None
    assert processes.wait_for_end(sleeper.pid, since, 0)


def test_a_signal_is_for_that_very_process(sleeper):
    since = processes.started(sleeper.pid) or 0

    processes.send_signal(sleeper.pid, since + 1, signal.SIGKILL)
    assert sleeper.poll() is None
    processes.send_signal(sleeper.pid, since, signal.SIGTERM)

    assert sleeper.wait(10) == -signal.SIGTERM


@pytest.mark.parametrize("error", [errno.ESRCH, errno.EINVAL], ids=["no process", "a group, in older kernels"])
def test_a_process_that_is_gone_takes_no_signal(sleeper, error, monkeypatch):
    def pidfd_open(pid):
        raise OSError(error, os.strerror(error))

    since = processes.started(sleeper.pid) or 0
    monkeypatch.setattr(os, "pidfd_open", pidfd_open)

    processes.send_signal(sleeper.pid, since, signal.SIGKILL)
    assert processes.wait_for_end(sleeper.pid, since, 0)
    with pytest.raises(ProcessLookupError):
        processes.ended(sleeper.pid, 0)


def test_waiting_has_a_deadline(sleeper):
    begun = time.monotonic()

    assert not processes.ended(sleeper.pid, 0.05)
    assert 0.05 <= time.monotonic() - begun < 5


@pytest.mark.parametrize(("program", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)])
def test_an_exit_status_is_counted_as_a_shell_does(program, status):
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", program], {})

    assert processes.reap(pid) == status
    assert processes.reap(pid) == 0


def test_execve_passes_the_environment_as_it_is(tmp_path):
    out = tmp_path / "out"
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(out, os.O_CREAT | os.O_WRONLY), 1)
        processes.execve("/usr/bin/env", ["env"], ["A=1", "B= =", "A=2"])

    os.waitpid(pid, 0)

    assert out.read_text() == "A=1\nB= =\nA=2\n"


# --- mounts, namespaces ----------------------------------------------------------------------------------------------


@needs_root
def test_a_tree_is_shaped_before_it_is_attached(tmp_path, in_a_child):
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()

    def check():
        namespaces.unshare(Clone.NEWNS)
        mounts.set_propagation("/", Mount.PRIVATE | Mount.REC)
        tree = mounts.clone_tree(str(tmp_path / "from"), recursive=False)
        mounts.set_attributes(tree, Attribute.RDONLY | Attribute.NODEV)
        mounts.attach(tree, os.open(tmp_path / "to", os.O_PATH), "to")
        flags = os.statvfs(tmp_path / "to").f_flag
        assert flags & os.ST_RDONLY
        assert flags & os.ST_NODEV
        mounts.umount(str(tmp_path / "to"), mounts.MNT_DETACH)
        assert not os.statvfs(tmp_path / "to").f_flag & os.ST_RDONLY

    assert in_a_child(check) == 0


@needs_root
def test_names_are_set_in_a_namespace(in_a_child):
    def check():
        namespaces.unshare(Clone.NEWUTS)
        namespaces.sethostname("lovelace")
        namespaces.setdomainname("analytical")
        assert (os.uname().nodename, files.read("/proc/sys/kernel/domainname")) == ("lovelace", "analytical\n")

    assert in_a_child(check) == 0


@needs_root
def test_a_namespace_of_another_type_is_not_entered(in_a_child):
    def check():
        with pytest.raises(OSError, match="setns"):
            namespaces.setns(os.open("/proc/self/ns/uts", os.O_RDONLY), Clone.NEWIPC)

    assert in_a_child(check) == 0


@needs_root
def test_a_mapping_can_be_described_by_a_namespace():
    descriptor = namespaces.user_namespace("0 1000 10\n", "0 2000 10\n")

    assert os.readlink(f"/proc/self/fd/{descriptor}").startswith("user:")
    os.close(descriptor)


# --- credentials -----------------------------------------------------------------------------------------------------


@needs_root
def test_capability_sets_have_64_bits(in_a_child):
    chown, perfmon = 0, credentials.CAPABILITIES.index("CAP_PERFMON")
    wanted = 1 << chown | 1 << perfmon

    def check():
        credentials.capset(1 << perfmon, wanted, wanted)
        credentials.raise_ambient(perfmon)
        lines = dict(line.split(":\t") for line in files.read("/proc/self/status").splitlines() if "Cap" in line)
        assert [int(lines[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")] == [
            1 << perfmon, wanted, wanted, 1 << perfmon,
        ]  # fmt: skip
        assert credentials.permitted() == wanted

    assert in_a_child(check) == 0


def test_a_capability_that_the_kernel_does_not_know_is_not_bounding():
    assert not credentials.is_bounding(63)


# --- seccomp ---------------------------------------------------------------------------------------------------------


def test_a_caller_with_another_personality_has_the_same_system_calls():
    """For one that is told of a 32-bit processor the numbers do not change."""
    words = (
        "from reference_runtime.kernel import personalities",
        "personalities.personality(personalities.Persona.LINUX32)",
        "from reference_runtime.kernel import seccomp",
        "assert seccomp.has_action(seccomp.ALLOW)",
    )

    assert subprocess.run([sys.executable, "-c", "; ".join(words)], check=False).returncode == 0
