"""The agent that a filter tells of system calls: what becomes of a container whose start does not come to its end."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_runtime.kernel import futexes, processes
from reference_runtime.runtime import lifecycle, record, seccomp_agent, start, sync

from .conftest import needs_root

pytestmark = needs_root

NOTIFY = {"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}
EXECVE = {"names": ["execve"], "action": "SCMP_ACT_ALLOW"}
#: One under which init may do what it likes, and one under which it may do nothing that would end it.
FILTERS = [
    {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [NOTIFY]},
    {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [NOTIFY, EXECVE]},
]


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[str]:
    """It takes connections, and says nothing."""
    path = str(tmp_path / "agent")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        yield path


def kill_self(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("filter", FILTERS, ids=["allowed", "denied"])
@pytest.mark.parametrize("step", ["take", "send"])
@pytest.mark.parametrize("end", [kill_self, interrupt])
def test_a_start_that_ends_before_the_agent_is_told_ends_the_container(
    bundle, agent, in_a_child, monkeypatch, filter, step, end
):
    bundle.config["linux"]["seccomp"] = {**filter, "listenerPath": agent}
    assert bundle.call("create").returncode == 0
    container = record.load(str(bundle.root), bundle.id)
    monkeypatch.setattr(
        *{"take": (seccomp_agent.kernel, "take_descriptor"), "send": (seccomp_agent, "send")}[step], end
    )

    assert in_a_child(lambda: start.start(container)) != 0

    assert processes.wait_for_end(container.pid, container.started, 10)
    assert bundle.status() == "stopped"


def test_a_word_tells_of_its_owner_s_death_and_of_nobody_else_s(in_a_child):
    import mmap

    page = mmap.mmap(-1, mmap.PAGESIZE)

    def own() -> None:
        futexes.own(page, 8)
        assert in_a_child(lambda: None) == 0
        assert not futexes.has_lost_owner(page, 8)
        kill_self()

    assert in_a_child(own) == -signal.SIGKILL
    assert futexes.has_lost_owner(page, 8)


def test_a_container_is_created_until_the_agent_has_been_told(bundle, agent, in_a_child, monkeypatch):
    bundle.config["linux"]["seccomp"] = {**FILTERS[0], "listenerPath": agent}
    assert bundle.call("create").returncode == 0
    container = record.load(str(bundle.root), bundle.id)
    seen = []

    def begin() -> None:
        monkeypatch.setattr(seccomp_agent, "send", lambda *_: seen.append(lifecycle.status(container)))
        start.start(container)
        assert (*seen, lifecycle.status(container)) == ("created", "running")

    assert in_a_child(begin) == 0


def test_a_start_that_waits_for_its_turn_may_be_interrupted(bundle, agent, in_a_child, monkeypatch):
    """What init waits for is another one's page."""
    bundle.config["linux"]["seccomp"] = {**FILTERS[0], "listenerPath": agent}
    assert bundle.call("create").returncode == 0
    container = record.load(str(bundle.root), bundle.id)

    def begin_twice() -> None:
        os.kill(container.pid, signal.SIGSTOP)  # so that the second finds somebody to wait for
        first = sync.connect(container)
        monkeypatch.setattr(seccomp_agent, "wait_for_number", interrupt)
        with pytest.raises(KeyboardInterrupt):
            start.start(container)
        os.kill(container.pid, signal.SIGCONT)
        assert not processes.wait_for_end(container.pid, container.started, 0.3)
        first.close()

    assert in_a_child(begin_twice) == 0
