"""config.md#configHooksPrestart
config.md#configHooksCreateRuntime
config.md#configHooksCreateContainer

What has been done when a hook of create is called.
"""

import os

import pytest

from conformance import requirement
from conformance.harness import hooks
from conformance.harness.facts import mount

NEW = ("ipc", "mnt", "net", "pid", "uts")


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.timing", "prestart", "createRuntime", "createContainer"))
def test_a_hook_of_create_has_ended_when_create_returns(config, container, hook_log, kind):
    config["hooks"] = {kind: [hook_log.hook("hook", "pause 0.1")]}

    container.create()

    assert hook_log.names == ["hook"]


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.timing", "prestart", "createRuntime"))
def test_the_containers_process_has_not_switched_its_root_yet(config, container, hook_log, kind):
    hooks.require_sight(container)
    config["hooks"] = {kind: [hook_log.hook("hook", "stat /proc/{pid}/root")]}

    container.create()

    assert inode(hook_log.answers("hook")["stat /proc/{pid}/root"]) == os.stat("/").st_ino
    assert os.stat(container.process / "root").st_ino != os.stat("/").st_ino


@requirement("hooks.createContainer.timing")
def test_a_createcontainer_hook_has_the_root_from_before_the_switch(config, container, hook_log, place):
    (place / "shelf").write_text("outside")
    config["hooks"] = {"createContainer": [hook_log.hook("hook", f"read {place}/shelf")]}

    container.create()

    hook = hook_log.entry("hook")
    assert hook_log.answers("hook") == {f"read {place}/shelf": "outside"}
    assert hook["root"]["inode"] == os.stat("/").st_ino


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.namespaces-exist", "prestart", "createRuntime"))
def test_the_containers_namespaces_exist(config, container, hook_log, kind):
    hooks.require_sight(container)
    config["hooks"] = {kind: [hook_log.hook("hook", "namespaces {pid}")]}

    hooks.live(container, kind)

    seen, own = hook_log.answers("hook")["namespaces {pid}"], hooks.own_namespaces()
    assert seen == hooks.namespaces_of(container.process)
    assert [name for name in NEW if seen[name] == own[name]] == []


@requirement("hooks.createRuntime.mounts-performed")
def test_createruntime_hooks_find_the_mounts_made(config, container, hook_log):
    hooks.require_sight(container)
    look = "read /proc/{pid}/mountinfo"
    config["mounts"] += [{"destination": "/library", "type": "tmpfs", "source": "shelves"}]
    config["hooks"] = {"createRuntime": [hook_log.hook("hook", look)]}

    container.create()

    assert sources(hook_log.answers("hook")[look], "/library") == [("tmpfs", "shelves")]


@requirement("hooks.createContainer.mounts-performed")
def test_createcontainer_hooks_find_the_mounts_made(config, container, hook_log):
    look = "read /proc/thread-self/mountinfo"
    config["mounts"] += [{"destination": "/library", "type": "tmpfs", "source": "shelves"}]
    config["hooks"] = {"createContainer": [hook_log.hook("hook", look)]}

    container.create()

    assert sources(hook_log.answers("hook")[look], "/library") == [("tmpfs", "shelves")]


# --- one kind after the other ----------------------------------------------------------------------------------------


@requirement("hooks.prestart.before-createRuntime")
def test_prestart_hooks_are_called_before_createruntime_hooks(config, container, hook_log):
    config["hooks"] = {kind: [hook_log.hook(kind, "pause 0.05")] for kind in ("createRuntime", "prestart")}

    container.create()

    assert hook_log.names == ["prestart", "createRuntime"]


@requirement("old.hooks.createRuntime.after-prestart")
def test_createruntime_hooks_are_called_after_prestart_hooks_that_are_called_by_create(config, container, hook_log):
    config["hooks"] = {kind: [hook_log.hook(kind, "pause 0.05")] for kind in ("createRuntime", "prestart")}

    container.create()

    # Only where create calls both is there a first one.
    assert hook_log.names in (["prestart", "createRuntime"], ["createRuntime"])


@requirement("hooks.createContainer.after-createRuntime")
def test_createcontainer_hooks_are_called_after_createruntime_hooks(config, container, hook_log):
    config["hooks"] = {kind: [hook_log.hook(kind, "pause 0.05")] for kind in ("createContainer", "createRuntime")}

    container.create()

    assert hook_log.names == ["createRuntime", "createContainer"]


@requirement("old.hooks.prestart.at-start")
def test_prestart_hooks_wait_for_start_and_precede_the_program(config, container, hook_log):
    began = hook_log.file("began")
    config["hooks"] = {"prestart": [hook_log.hook("hook", "pause 0.1", f"stat {began}")]}

    container.create(f"write {began}", "linger")
    by_create = hook_log.names
    container.start()
    container.heard("command")

    assert (by_create, hook_log.answers("hook")[f"stat {began}"]) == ([], "ENOENT")


# --- what the hooks saw ----------------------------------------------------------------------------------------------


def inode(seen):
    return seen.get("inode") if isinstance(seen, dict) else seen


def sources(mountinfo, destination):
    """(type, source) of what is mounted at a destination, below whatever the root file system lies."""
    mounts = [mount(line) for line in mountinfo.splitlines() if " - " in line]
    return [(found.type, found.source) for found in mounts if found.mountpoint.endswith(destination)]
