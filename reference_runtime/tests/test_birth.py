"""The birth of a container: in which order its steps come, and what is left when one of them fails."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from reference_runtime import runtime_linux
from reference_runtime.config import (
    capabilities,
    hooks,
    hostname,
    mounts,
    no_new_privileges,
    oom_score_adj,
    process,
    rlimits,
    root,
    user,
)
from reference_runtime.config_linux import (
    default_devices,
    default_filesystems,
    intel_rdt,
    masked_paths,
    memory_policy,
    namespaces,
    personality,
    readonly_paths,
    rootfs_propagation,
    sysctl,
    time_offset,
)
from reference_runtime.runtime import attributes, birth, cgroups, create, record, stager, start, state, sync

from .conftest import needs_root

pytestmark = needs_root

#: Outside, inside, and after start: each is a list of steps whose order matters.
OUTSIDE = [
    (record, "reserve"), (cgroups, "create"), (stager, "fork"), (oom_score_adj, "set_score"),
    (intel_rdt, "enter"),
]  # fmt: skip
INSIDE = [
    (cgroups, "join"), (namespaces, "unshare"), (time_offset, "set_offsets"), (rootfs_propagation, "isolate"),
    (root, "clone"), (root, "attach"), (mounts, "mount"), (default_devices, "make_all"), (root, "pivot"),
    (sysctl, "set_parameters"), (attributes, "rehearse"), (memory_policy, "rehearse"),
    (hostname, "set_hostname"), (masked_paths, "mask_all"),
    (readonly_paths, "make_all_readonly"), (root, "make_readonly"), (rootfs_propagation, "set_propagation"),
    (sync, "accept"),
]  # fmt: skip
AFTER_START = [
    (attributes, "give_labels"), (personality, "set_domain"), (memory_policy, "set_policy"),
    (attributes, "give_shares"), (rlimits, "set_limits"),
    (capabilities, "drop_bounding"), (user, "set_groups"), (user, "set_group"),
    (user, "set_user"), (capabilities, "set_remaining"), (capabilities, "set_ambient"),
    (no_new_privileges, "forbid"), (process, "enter_directory"), (process, "execute"),
]  # fmt: skip
Step = tuple[Any, str]


def name_of(step: Step) -> str:
    return f"{step[0].__name__.rpartition('.')[2]}.{step[1]}"


def watch(step: Step, log: int) -> None:
    """Write the step's name down whenever it is taken, in whatever process."""
    module, name = step
    original = getattr(module, name)

    def watched(*arguments: Any, **options: Any) -> Any:
        os.write(log, f"{name_of(step)}\n".encode())
        return original(*arguments, **options)

    setattr(module, name, watched)


def fail(step: Step) -> None:
    def failing(*_: Any, **__: Any) -> None:
        raise OSError(5, "made to fail", name_of(step))

    setattr(*step, failing)


def create_from(bundle: Any) -> None:
    create.create(str(bundle.root), bundle.id, str(bundle.directory), birth.Options())


def test_the_steps_come_in_their_order(bundle, tmp_path, in_a_child):
    log = os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    bundle.write()

    def check():
        runtime_linux.let_go = lambda preserved, kept: None  # or the log would be gone too
        for step in OUTSIDE + INSIDE + AFTER_START:
            watch(step, log)
        create_from(bundle)
        start.start(record.load(str(bundle.root), bundle.id))

    assert in_a_child(check) == 0
    seen = list(dict.fromkeys((tmp_path / "log").read_text().split()))
    for steps in (OUTSIDE, INSIDE + AFTER_START):
        names = [name_of(step) for step in steps]
        assert [name for name in seen if name in names] == names


@pytest.mark.parametrize("step", OUTSIDE + INSIDE[:-1], ids=name_of)
def test_nothing_is_left_when_a_step_fails(bundle, in_a_child, step, tmp_path):
    (tmp_path / "rootfs").mkdir()
    bundle.config["root"]["path"] = str(tmp_path / "rootfs")
    bundle.config["mounts"].append({"destination": "/a/b", "type": "tmpfs", "source": "none"})
    bundle.write()
    before = bundle.traces()

    def check():
        fail(step)
        with pytest.raises(Exception, match="made to fail"):
            create_from(bundle)
        # No child is left, not even a dead one.
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)

    assert in_a_child(check) == 0
    assert (bundle.traces(), list((tmp_path / "rootfs").iterdir())) == (before, [])


def test_nothing_is_left_when_a_failure_comes_after_the_last_word(bundle, in_a_child, tmp_path):
    bundle.write()
    before = bundle.traces()

    def check():
        options = birth.Options()
        options.pid_file = str(tmp_path / "nowhere" / "pid")
        with pytest.raises(FileNotFoundError):
            create.create(str(bundle.root), bundle.id, str(bundle.directory), options)

    assert in_a_child(check) == 0
    assert bundle.traces() == before


def test_a_fault_of_ours_is_told_and_leaves_nothing(bundle, in_a_child):
    bundle.write()
    before = bundle.traces()

    def check():
        default_devices.make_all = lambda: None
        with pytest.raises(Exception, match="TypeError"):
            create_from(bundle)

    assert in_a_child(check) == 0
    assert bundle.traces() == before


def test_poststop_hooks_are_for_containers_that_have_met_hooks(bundle, tmp_path):
    def hook(*words: str) -> dict[str, Any]:
        return {"path": "/bin/sh", "args": ["sh", "-c", *words]}

    bundle.config["hooks"] = {"poststop": [hook(f"echo gone >> {tmp_path}/log")]}
    bundle.config["mounts"].append({"destination": "/x", "type": "no-such-type"})
    assert bundle.call("create").returncode == 1
    assert not (tmp_path / "log").exists()

    bundle.config["mounts"].pop()
    bundle.config["hooks"]["createRuntime"] = [hook("exit 1")]
    assert bundle.call("create").returncode == 1
    assert (tmp_path / "log").read_text() == "gone\n"


@pytest.mark.parametrize("kind", ["createRuntime", "createContainer"])
def test_a_container_does_not_outlive_a_create_that_is_killed(bundle, tmp_path, kind):
    begun = tmp_path / "begun"
    bundle.config["hooks"] = {
        kind: [
            {"path": "/bin/sh", "args": ["sh", "-c", f"echo > {begun}; exec sleep 60"], "env": ["PATH=/bin:/usr/bin"]}
        ]
    }
    bundle.write()
    argv = [bundle.command, "--root", str(bundle.root), "create", "--bundle", str(bundle.directory), bundle.id]
    creating = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert within(10, begun.exists)
    container = record.load(str(bundle.root), bundle.id)
    assert state.query(container)["status"] == "creating"

    creating.send_signal(signal.SIGKILL)
    creating.wait()

    assert within(10, lambda: state.query(container)["status"] == "stopped")
    assert bundle.call("delete").returncode == 0
    assert bundle.traces() == []


def test_who_was_never_born_can_be_deleted_by_force(bundle, in_a_child):
    """A create that is killed early leaves a record that knows of no process."""
    bundle.write()

    def check():
        stager.fork = lambda birth: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]  # the end
        create_from(bundle)

    assert in_a_child(check) != 0
    assert record.load(str(bundle.root), bundle.id).pid == 0
    assert bundle.call("delete", "--force").returncode == 0
    assert bundle.traces() == []


def within(seconds: float, condition: Any) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_hooks_of_every_kind_have_a_step(bundle):
    assert set(hooks.KINDS) == {
        "prestart",
        "createRuntime",
        "createContainer",
        "startContainer",
        "poststart",
        "poststop",
    }


def test_a_console_socket_needs_a_terminal(bundle):
    assert bundle.call("create", "--console-socket", "/nowhere").returncode == 1


def test_a_program_s_exit_status_is_run_s(bundle):
    bundle.runs("exit 7")

    assert bundle.call("run").returncode == 7
    assert [trace for trace in bundle.traces() if bundle.id in trace] == []


def test_a_pid_file_tells_the_pid(bundle, tmp_path):
    bundle.call("create", "--pid-file", str(tmp_path / "pid"))

    assert Path("/proc", (tmp_path / "pid").read_text(), "stat").exists()
    assert bundle.status() == "created"


def test_a_pipe_is_no_namespace_to_wait_for(bundle, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    bundle.config["linux"]["namespaces"] = [{"type": "mount"}, {"type": "uts", "path": str(tmp_path / "pipe")}]

    assert bundle.call("create").returncode == 1
    assert bundle.traces() == []


@pytest.mark.parametrize(
    ("entries", "missing"),
    [
        ([], []),
        ([{"type": "user"}], ["/proc", "/sys"]),
        ([{"type": "user"}, {"type": "pid"}, {"type": "network", "path": "/of/somebody"}], ["/sys"]),
        ([{"type": "user", "path": "/joined"}, {"type": "pid"}], ["/sys"]),
        ([{"type": "user", "path": "/joined"}, {"type": "pid"}, {"type": "network", "path": "/joined"}], []),
    ],
)
def test_of_the_default_file_systems_those_are_left_out_that_a_user_namespace_may_not_mount(entries, missing):
    config: Any = {"linux": {"namespaces": entries}}
    made = [entry["destination"] for entry in default_filesystems.complete(config)]

    assert {"/proc", "/sys", "/dev/pts", "/dev/shm"} - set(made) == set(missing)


def test_the_runtime_s_own_user_namespace_is_one_to_be_in(bundle):
    """Which the kernel does not let anybody enter who is in it."""
    bundle.config["linux"]["namespaces"].append({"type": "user", "path": "/proc/self/ns/user"})

    assert bundle.call("create").returncode == 0


def test_what_a_mask_would_not_cover_is_refused(bundle):
    bundle.config["linux"]["maskedPaths"] = ["/proc/.."]

    assert bundle.call("create").returncode == 1
    assert bundle.traces() == []
