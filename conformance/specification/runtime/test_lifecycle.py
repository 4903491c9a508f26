"""runtime.md#runtimeLifecycle: its steps but for the hooks'"""

import json
import os

import pytest

from conformance import generates_an_error, leaves_no_trace, requirement


def text_of(container, name):
    """A file in the host's /proc of the container's process; None where it cannot be read."""
    try:
        return (container.process / name).read_text(errors="replace")
    except OSError:
        return None


# --- create ----------------------------------------------------------------------------------------------------------


@requirement("life.1.create-inputs")
def test_create_takes_the_bundle_and_the_id_that_it_is_given(config, container, place):
    decoy = place / "decoy"
    (decoy / "rootfs").mkdir(parents=True)
    (decoy / "config.json").write_text(json.dumps({**config, "annotations": {"org.example.bundle": "decoy"}}))
    config["annotations"] = {"org.example.bundle": "right"}

    container.create("say right", cwd=decoy)

    state = container.state()
    assert (state["id"], os.path.realpath(state["bundle"])) == (container.id, os.path.realpath(container.bundle))
    assert state.get("annotations") == {"org.example.bundle": "right"}
    container.start()
    assert container.report().answers == {"say right": "right"}


@requirement("life.2.resources-created")
def test_the_resources_of_the_config_exist_before_the_start(config, container):
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "none"}]
    container.create()

    mountpoints = {line.split(" ")[4] for line in (text_of(container, "mountinfo") or "").splitlines()}
    made = {kind for kind in ("mnt", "pid", "net", "ipc", "uts") if namespace_of(container, kind) not in own(kind)}

    assert {"/shelf", "/proc", "/dev"} - mountpoints == set()
    assert made == {"mnt", "pid", "net", "ipc", "uts"}
    assert os.path.exists(container.process / "root" / "dev" / "null")


def namespace_of(container, kind):
    path = container.process / "ns" / kind
    return os.readlink(path) if path.is_symlink() else None


def own(kind):
    """The runtime's namespace of this kind, and the answer where there is none to be seen."""
    return {os.readlink(f"/proc/self/ns/{kind}"), None}


@requirement("life.2.program-not-run")
def test_the_program_of_a_created_container_has_done_nothing(config, container, another, shelf):
    later = another()
    config["mounts"] += [{"destination": "/shelf", "type": "bind", "source": str(shelf), "options": ["bind"]}]
    container.create("create /shelf/made")

    # A later container has said its last word: in that time, the program of this one would have done its first act.
    later.run("say hello")

    program = "".join(f"{word}\0" for word in container.program("create /shelf/made"))
    assert ((shelf / "made").exists(), text_of(container, "cmdline") in {program, None}) == (False, False)
    container.start()
    assert container.report().attempts == {"create /shelf/made": None}
    assert (shelf / "made").exists()


@requirement("life.2.environment-created")
def test_the_program_finds_the_environment_of_the_config(config, container, rootfs):
    (rootfs / "desk").mkdir()
    config["hostname"] = "lovelace"
    config["process"] |= {"cwd": "/desk", "env": ["COLOUR=green"], "user": {"uid": 1234, "gid": 5678}}
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "none", "options": ["size=64k"]}]

    facts = container.run().facts

    shelf = facts.mount_at("/shelf")
    assert (facts.hostname, facts.cwd, facts.uid, facts.gid) == ("lovelace", "/desk", [1234] * 3, [5678] * 3)
    assert "COLOUR=green" in facts.env
    assert (shelf and shelf.type) == "tmpfs"


@requirement("life.2.cannot-create-error")
def test_an_environment_that_cannot_be_made_is_an_error(container, impossible):
    with generates_an_error():
        container.create()

    impossible.mend()
    container.create()


# --- the config is frozen --------------------------------------------------------------------------------------------


@requirement("life.2.config-frozen.args")
def test_a_process_that_is_changed_after_create_has_no_effect(config, container):
    config["process"] |= {"cwd": "/tmp", "env": ["COLOUR=green"]}
    container.create("say first")

    changed = {"args": container.program("say second"), "cwd": "/", "env": ["COLOUR=red"], "user": {"uid": 7, "gid": 7}}
    config["process"] |= changed
    container.write_config()
    container.start()

    report = container.report()
    facts = report.facts
    assert report.answers == {"say first": "first"}
    assert (facts.cwd, facts.uid, "COLOUR=green" in facts.env) == ("/tmp", [0, 0, 0], True)


@requirement("life.2.config-frozen.args")
def test_rights_and_limits_that_are_changed_after_create_have_no_effect(config, container):
    config["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 128, "hard": 256}]
    config["process"]["capabilities"] = {kind: ["CAP_CHOWN"] for kind in ("bounding", "permitted", "effective")}
    config["process"]["noNewPrivileges"] = True
    container.create("say hello")

    config["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 64, "hard": 64}]
    config["process"]["capabilities"] = {"bounding": ["CAP_KILL"]}
    config["process"]["user"] = {"uid": 0, "gid": 0, "additionalGids": [7]}
    del config["process"]["noNewPrivileges"]
    container.write_config()
    container.start()

    facts = container.report().facts
    assert facts.limits.get("Max open files") == ["128", "256"]
    assert (facts.capabilities("Bnd"), facts.capabilities("Eff"), facts.status.get("NoNewPrivs")) == (1, 1, "1")
    assert 7 not in facts.groups


@requirement("life.2.config-frozen.hooks")
def test_hooks_are_run_though_the_config_has_gone(config, container, hook_log):
    kinds = ("poststart", "poststop")
    config["hooks"] = {kind: [hook_log.hook(kind)] for kind in kinds}
    container.create()

    (container.bundle / "config.json").unlink()
    container.start()
    container.kill()
    container.becomes("stopped")
    container.delete()

    assert hook_log.names == list(kinds)


@requirement("life.2.config-frozen.hooks")
def test_hooks_that_are_changed_after_create_have_no_effect(config, container, hook_log):
    kinds = ("startContainer", "poststart", "poststop")
    config["hooks"] = {kind: [hook_log.hook(f"first {kind}")] for kind in kinds}
    container.create()

    config["hooks"] = {kind: [hook_log.hook(f"second {kind}")] for kind in kinds}
    container.write_config()
    container.start()
    container.heard("facts")
    container.kill()
    container.becomes("stopped")
    container.delete()

    # Before 1.0.2 there was no startContainer hook.
    assert sorted(set(hook_log.names) - {"first startContainer"}) == ["first poststart", "first poststop"]


# --- start -----------------------------------------------------------------------------------------------------------


@requirement("life.6.start-input")
def test_start_starts_the_container_it_is_given(container, another):
    other = another()
    other.create("listen")
    container.create("listen")

    container.start()

    assert other.status == "created"
    assert container.heard("ready") is True
    assert container.status == "running"


@requirement("life.8.program-run")
def test_the_program_gets_its_arguments_word_for_word(container):
    words = ["say $HOME", "say 'a' \"b\" \\c", "say *", "say ü;%20ls"]

    report = container.run(*words)

    assert report.facts.args == container.program(*words)


# --- the end ---------------------------------------------------------------------------------------------------------


@requirement("life.10.exit-any-cause")
@pytest.mark.parametrize("command", ["exit 0", "exit 3", "die SEGV", "die ABRT"])
def test_the_lifecycle_goes_on_after_any_end_of_the_program(config, container, command):
    # The first process of a pid namespace cannot be ended by a signal of its own.
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "pid"]
    container.create(command)
    container.start()

    container.becomes("stopped")

    container.delete()
    with generates_an_error():
        container.state()


@requirement("life.10.exit-any-cause")
def test_the_lifecycle_goes_on_after_a_kill(running):
    running.kill()

    running.becomes("stopped")

    running.delete()
    with generates_an_error():
        running.state()


@requirement("life.11.delete-input")
def test_delete_deletes_the_container_it_is_given(stopped, another):
    other = another()
    other.program_obeys("linger")
    other.create()
    other.kill()
    other.becomes("stopped")

    stopped.delete()

    assert other.status == "stopped"
    with generates_an_error():
        stopped.state()


@requirement("life.12.destroy")
def test_the_end_of_a_container_undoes_its_creation(config, container, place):
    (place / "library").mkdir()
    bind = {"type": "bind", "source": str(place / "library"), "options": ["rbind", "shared"]}
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "none"}]
    config["mounts"] += [{"destination": "/library", **bind}]

    with leaves_no_trace():
        container.run()
        container.becomes("stopped")
        container.delete()

    with generates_an_error():
        container.state()
