"""runtime.md#runtimeErrors"""

import os

import pytest

from conformance import generates_an_error, leaves_no_trace, requirement


@requirement("err.rollback.create")
def test_a_failed_create_leaves_the_host_as_it_was(container, impossible):
    with leaves_no_trace(), generates_an_error():
        container.create()

    assert records(container) == []
    impossible.mend()
    container.create()


@requirement("err.rollback.create")
def test_a_create_that_fails_late_leaves_the_host_as_it_was(config, container):
    config["hooks"] = {"createContainer": [{"path": "/no/such/hook"}]}
    config["linux"]["sysctl"] = {"net.ipv4.no_such_key": "1"}

    with leaves_no_trace(), generates_an_error():
        container.create()

    assert records(container) == []


def records(container):
    """What the runtime has written down under its state directory about this container."""
    return [str(path) for path in container.root.rglob("*") if container.id in path.name]


@requirement("err.rollback.rootfs")
@pytest.mark.parametrize("impossible", ["file system", "bind source", "sysctl"], indirect=True)
def test_a_failed_create_leaves_nothing_in_the_root_file_system(config, container, rootfs, impossible):
    # Its mount point is to be made, before that of the mount which fails.
    config["mounts"].insert(0, {"destination": "/attic/chest", "type": "tmpfs", "source": "none"})
    before = names_below(rootfs)

    with generates_an_error():
        container.create()

    assert sorted(names_below(rootfs) - before) == []
    impossible.mend()
    container.create()


def names_below(directory):
    return {os.path.join(path, name) for path, directories, files in os.walk(directory) for name in directories + files}


@requirement("err.rollback.start")
def test_a_failed_start_leaves_a_running_container_as_it_was(running):
    before = running.state()

    with leaves_no_trace(), generates_an_error():
        running.start()

    assert running.state() == before
    assert running.ask("say here") == (None, "here")


@requirement("err.rollback.start")
def test_a_failed_start_leaves_a_stopped_container_as_it_was(stopped):
    before = stopped.state()

    with leaves_no_trace(), generates_an_error():
        stopped.start()

    assert stopped.state() == before
    stopped.delete()


@requirement("err.rollback.start")
@pytest.mark.parametrize("status", ["running", "stopped"])
def test_a_failed_start_runs_no_hooks(config, container, hook_log, status):
    config["hooks"] = {kind: [hook_log.hook(kind)] for kind in ("startContainer", "poststart")}
    container.create()
    container.start()
    container.heard("facts")
    if status == "stopped":
        container.kill()
        container.becomes("stopped")
    once = hook_log.names

    with generates_an_error():
        container.start()

    assert once != []
    assert hook_log.names == once


@requirement("err.rollback.delete")
@pytest.mark.parametrize("times", [1, 3], ids=["once", "again and again"])
def test_a_failed_delete_leaves_a_running_container_as_it_was(running, times):
    before = running.state()

    with leaves_no_trace():
        for _ in range(times):
            with generates_an_error():
                running.delete()

    assert running.state() == before
    assert running.ask("say here") == (None, "here")
    running.kill()
    running.becomes("stopped")
    running.delete()


@requirement("err.rollback.delete")
def test_a_failed_delete_runs_no_hooks(config, container, hook_log):
    config["hooks"] = {"poststop": [hook_log.hook("poststop")]}
    container.create()
    container.start()

    with generates_an_error():
        container.delete()

    assert hook_log.names == []
    container.kill()
    container.becomes("stopped")
    container.delete()
    assert hook_log.names == ["poststop"]
