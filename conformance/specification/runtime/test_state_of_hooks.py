"""runtime.md#runtimeState: the status and the pid that hooks are given"""

import pytest

from conformance import requirement
from conformance.harness import hooks

#: By the definitions of the statuses: create's hooks run before create has ended, and so on.
STATUS = {
    "createRuntime": "creating",
    "createContainer": "creating",
    "startContainer": "created",
    "poststart": "running",
    "poststop": "stopped",
}


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.state-status", *STATUS))
def test_a_hook_is_given_the_status_of_that_moment(config, container, hook_log, kind):
    config["hooks"] = {kind: [hook_log.hook("hook")]}

    hooks.live(container, kind)

    assert hook_log.state("hook")["status"] == STATUS[kind]


@requirement("hooks.prestart.state-status")
def test_a_prestart_hook_is_given_the_status_of_the_operation_that_runs_it(config, container, hook_log):
    config["hooks"] = {"prestart": [hook_log.hook("hook")]}

    container.create()
    status = "creating" if hook_log.names else "created"
    container.start()

    assert hook_log.state("hook")["status"] == status


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.state-pid", "prestart", "createRuntime", "poststart"))
def test_a_hook_in_the_runtimes_namespace_is_given_the_pid_as_the_runtime_sees_it(config, container, hook_log, kind):
    config["hooks"] = {kind: [hook_log.hook("hook")]}

    hooks.live(container, kind)

    assert pid(hook_log) in allowed(kind, container.pid)


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.state-pid", "createContainer", "startContainer"))
def test_a_hook_in_a_pid_namespace_of_the_containers_own_is_given_pid_1(config, container, hook_log, kind):
    config["hooks"] = {kind: [hook_log.hook("hook")]}

    hooks.live(container, kind)

    assert pid(hook_log) in allowed(kind, 1)


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.state-pid", "createContainer", "startContainer"))
def test_a_hook_in_a_shared_pid_namespace_is_given_the_pid_that_the_runtime_sees(config, container, hook_log, kind):
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "pid"]
    config["hooks"] = {kind: [hook_log.hook("hook")]}

    hooks.live(container, kind)

    assert pid(hook_log) in allowed(kind, container.pid)


def pid(hook_log):
    return hook_log.state("hook").get("pid")


def allowed(kind, pid):
    """A state needs a pid in status created and running only."""
    return [pid] if kind in ("startContainer", "poststart") else [pid, None]
