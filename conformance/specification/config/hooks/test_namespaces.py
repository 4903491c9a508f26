"""config.md#configHooksPrestart
config.md#configHooksCreateRuntime
config.md#configHooksCreateContainer
config.md#configHooksStartContainer
config.md#configHooksPoststart
config.md#configHooksPoststop

Where the path of a hook is looked up, and where the hook is executed.
"""

import os

import pytest

from bundles import rootfs as root_file_system
from conformance import requirement
from conformance.harness import hooks

IN_RUNTIME = ("prestart", "createRuntime", "createContainer", "poststart", "poststop")


def script(path, words, file):
    """A program that appends words to a file, without any other program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{root_file_system.INTERPRETER} -IS\nopen({str(file)!r}, 'a').write({words!r})\n")
    path.chmod(0o755)


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.path-resolve"))
def test_of_two_programs_at_one_path_the_one_on_the_right_side_is_run(config, container, rootfs, place, hook_log, kind):
    path, told = place / "programs" / "hook", hook_log.file("told")
    script(path, "the runtime's", told)
    script(rootfs / path.relative_to("/"), "the container's", told)
    config["hooks"] = {kind: [{"path": str(path)}]}

    hooks.live(container, kind)

    seen = told.read_text() if told.exists() else "neither"
    assert seen == ("the container's" if kind == "startContainer" else "the runtime's")


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.path-resolve", *IN_RUNTIME))
def test_a_program_that_the_container_does_not_have_is_run(config, container, place, hook_log, kind):
    path, told = place / "programs" / "hook", hook_log.file("told")
    script(path, "the runtime's", told)
    config["hooks"] = {kind: [{"path": str(path)}]}

    hooks.live(container, kind)

    assert told.exists()


@requirement("hooks.startContainer.path-resolve")
def test_a_program_that_only_the_runtime_has_is_not_run(config, container, another, rootfs, place, hook_log):
    path, told = place / "program", hook_log.file("told")
    config["hooks"] = {"startContainer": [{"path": str(path)}]}
    script(rootfs / path.relative_to("/"), "the container's", told)
    hooks.live(another(), "startContainer")
    (rootfs / path.relative_to("/")).unlink()
    script(path, "the runtime's", told)

    hooks.provoke(container, "startContainer")

    seen = told.read_text() if told.exists() else "neither"
    assert seen == "the container's"


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.exec-namespace", *hooks.IN_RUNTIME_NAMESPACE))
def test_a_hook_in_the_runtimes_namespace_is_in_each_of_them(config, container, hook_log, kind):
    config["hooks"] = {kind: [hook_log.hook("hook")]}

    hooks.live(container, kind)

    hook = hook_log.entry("hook")
    assert hook["namespaces"] == hooks.own_namespaces()
    assert hook["root"]["inode"] == os.stat("/").st_ino


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.exec-namespace", "createContainer", "startContainer"))
@pytest.mark.parametrize("further", [[], ["cgroup"]], ids=["the usual", "and cgroup"])
def test_a_hook_in_the_containers_namespace_is_in_each_of_them(config, container, hook_log, kind, further):
    config["linux"]["namespaces"] += [{"type": type} for type in further]
    config["hooks"] = {kind: [hook_log.hook("hook")]}

    hooks.live(container, kind)

    assert hook_log.entry("hook")["namespaces"] == hooks.namespaces_of(container.process)


@requirement("hooks.startContainer.exec-namespace")
def test_a_startcontainer_hook_sees_the_containers_files_and_name(config, container, rootfs, hook_log):
    (rootfs / "shelf").write_text("a book")
    config["hostname"] = "lovelace"
    config["hooks"] = {"startContainer": [hook_log.hook("hook", "read /shelf", "read /proc/sys/kernel/hostname")]}

    hooks.live(container, "startContainer")

    seen = hook_log.answers("hook")
    assert (seen["read /shelf"], seen["read /proc/sys/kernel/hostname"]) == ("a book", "lovelace\n")


@requirement("hooks.createContainer.exec-namespace")
def test_what_a_createcontainer_hook_does_to_a_namespace_is_done_to_the_containers(config, container, hook_log):
    del config["hostname"]
    config["hooks"] = {"createContainer": [hook_log.hook("hook", "sethostname hopper")]}

    hooks.live(container, "createContainer")
    container.start()

    assert container.heard("facts")["hostname"] == "hopper"
    assert os.uname().nodename != "hopper"
