"""config.md#configHooksStartContainer
config.md#configHooksPoststart
config.md#configHooksPoststop

What has been done when a hook of start or delete is called.
"""

from conformance import requirement
from conformance.harness import cgroups, hooks, residue


@requirement("hooks.startContainer.timing")
def test_a_startcontainer_hook_has_ended_before_the_program_begins(config, container, hook_log):
    began = hook_log.file("began")
    config["hooks"] = {"startContainer": [hook_log.hook("hook", "pause 0.1", f"stat {began}")]}

    container.create(f"write {began}", "linger")
    by_create = hook_log.names
    container.start()
    container.heard("command")

    assert (by_create, hook_log.answers("hook")[f"stat {began}"]) == ([], "ENOENT")


@requirement("hooks.startContainer.timing")
def test_a_startcontainer_hook_has_ended_when_start_returns(config, container, hook_log):
    config["hooks"] = {"startContainer": [hook_log.hook("hook", "pause 0.3")]}
    container.create()

    container.start()

    assert hook_log.names == ["hook"]


@requirement("hooks.poststart.timing.after-exec")
def test_a_poststart_hook_finds_the_program_executed(config, container, hook_log):
    look = "read /proc/{pid}/cmdline"
    config["hooks"] = {
        # Releases that know no such hooks ignore them; elsewhere they give a hasty runtime time to err.
        "startContainer": [hook_log.hook("before", "pause 0.3")],
        "poststart": [hook_log.hook("after", look)],
    }
    hooks.require_sight(container)
    container.create()

    container.start()

    assert hook_log.answers("after")[look] == "".join(f"{word}\0" for word in config["process"]["args"])


@requirement("hooks.poststart.timing.before-return")
def test_a_poststart_hook_has_ended_when_start_returns(config, container, hook_log):
    config["hooks"] = {"poststart": [hook_log.hook("hook", "pause 0.3")]}
    container.create()

    container.start()

    assert hook_log.names == ["hook"]


@requirement("hooks.poststop.timing.after-delete")
def test_a_poststop_hook_waits_for_delete(config, container, hook_log):
    config["hooks"] = {"poststop": [hook_log.hook("hook")]}
    container.run("say goodbye")
    container.becomes("stopped")
    by_its_end = hook_log.names

    container.delete()

    assert (by_its_end, hook_log.names) == ([], ["hook"])


@requirement("hooks.poststop.timing.after-delete")
def test_a_poststop_hook_finds_the_cgroup_gone(config, container, hook_log):
    # The hook's words are fixed when the container is created; the links are put there later.
    config["linux"]["cgroupsPath"] = f"/{container.id}"
    found = hook_log.file("cgroup")
    config["hooks"] = {"poststop": [hook_log.hook("hook", f"list {found}", f"lstat {found}")]}
    hooks.reach(container, "poststop")
    directories = [
        path for hierarchy in cgroups.hierarchies() for path in residue.named(hierarchy.mountpoint, container.id)
    ]
    assert directories != []
    found.symlink_to(directories[0])

    container.delete()

    answers = hook_log.entry("hook")["answers"]
    assert [answers[f"{verb} {found}"]["errno"] for verb in ("lstat", "list")] == [None, "ENOENT"]


@requirement("hooks.poststop.timing.before-return")
def test_a_poststop_hook_has_ended_when_delete_returns(config, container, hook_log):
    config["hooks"] = {"poststop": [hook_log.hook("hook", "pause 0.3")]}
    hooks.reach(container, "poststop")

    container.delete()

    assert hook_log.names == ["hook"]
