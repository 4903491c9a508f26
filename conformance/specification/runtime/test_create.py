"""runtime.md#runtimeCreate"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance import generates_an_error, leaves_no_trace, requirement
from conformance.harness import faults, hooks, libc

#: Each is an ID that a runtime may find invalid. A runtime that does not has to stand by it. `{id}` is the test's own
#: container: what is left under such a name is not held against another test, and is removed.
ODD_IDS = {
    "one dot": ".",
    "two dots": "..",
    "a slash": "{id}/b",
    "a way out": "../{id}-escaped",
    "an absolute path": "/{id}-escaped",
    "a blank": "{id} b",
    "a line break": "{id}\nb",
    "letters beyond ASCII": "{id}-ärmel",
    "300 characters": "{id:x<300}",
}


# --- what it is given ------------------------------------------------------------------------------------------------


@requirement("create.no-args")
def test_create_without_anything_is_an_error(container, place):
    with leaves_no_trace(), generates_an_error():
        container.operate("create", cwd=place)


@requirement("create.no-args")
@pytest.mark.parametrize("id", [[], [""]], ids=["none", "empty"])
def test_create_without_an_id_is_an_error(container, id):
    container.program_obeys("linger")
    container.write_config()

    with leaves_no_trace(), generates_an_error():
        container.operate("create", "--bundle", str(container.bundle), *id)


@requirement("create.no-args")
@pytest.mark.parametrize("options", [[], ["--bundle", ""]], ids=["none", "empty"])
def test_create_without_a_bundle_is_an_error(container, place, options):
    container.program_obeys("linger")
    container.write_config()

    # Many a runtime takes its working directory where it is not told a bundle: this one is none.
    with leaves_no_trace(), generates_an_error():
        container.operate("create", *options, container.id, cwd=place)


@requirement("create.dup-id.error")
@pytest.mark.parametrize("status", ["created", "running", "stopped"])
def test_an_id_in_use_is_an_error(request, container, another, config, status):
    first = request.getfixturevalue(status)
    twin = another(config, id=f"{first.id}-twin")
    second = another(config, id=first.id)

    with generates_an_error(leaves=True):
        second.create()

    twin.create()
    assert twin.status == "created"


@requirement("create.dup-id.error")
def test_the_id_of_a_container_in_creation_is_an_error(creation, another, config):
    second = another(config | {"hooks": {}}, id=creation.container.id)
    second.program_obeys("linger")
    second.write_config()

    with generates_an_error(leaves=True):
        creation.attempt("create", bundle=second.bundle)
    creation.finish()

    assert creation.container.status == "created"
    creation.container.start()
    assert creation.container.heard("ready") is True


@pytest.fixture
def contenders(container, another):
    """Containers of one id, each with annotations and a word of its own."""
    contenders = [another(id=container.id) for _ in range(4)]
    for number, contender in enumerate(contenders):
        contender.config["annotations"] = {"org.example.contender": str(number)}
        contender.program_obeys(f"say {number}")
    return contenders


@requirement("create.dup-id.at-once")
def test_of_several_creates_at_once_with_one_id_one_succeeds(contenders):
    assert len(winners(contenders)) == 1


@requirement("create.dup-id.at-once.whole")
def test_the_container_of_several_creates_at_once_is_whole(contenders):
    number, *_ = winners(contenders)

    winner = contenders[number]
    assert winner.state().get("annotations") == winner.config["annotations"]
    winner.start()
    assert winner.report().answers == {f"say {number}": str(number)}


def winners(contenders):
    """The numbers of those that could be created, all at once; one at least."""
    with ThreadPoolExecutor(len(contenders)) as threads:
        won = [number for number, created in enumerate(threads.map(creates_or_not, contenders)) if created]
    assert won != []
    return won


def creates_or_not(container):
    try:
        container.create()
    except faults.OperationFailed:
        return False
    return True


@requirement("create.dup-id.no-effect")
def test_a_create_with_an_id_in_use_runs_no_hooks(config, running, another, hook_log):
    config["hooks"] = {kind: [hook_log.hook(kind)] for kind in hooks.KINDS}
    second = another(config, id=running.id)

    with generates_an_error(leaves=True):
        second.create()

    assert hook_log.names == []
    twin = another(config, id=f"{running.id}-twin")
    twin.create()
    assert hook_log.names != []


@requirement("create.dup-id.no-effect")
def test_a_create_with_an_id_in_use_makes_nothing_and_hurts_nobody(running, another):
    before = running.state()
    second = another(id=running.id)

    with leaves_no_trace(), generates_an_error(leaves=True):
        second.create("say hello")

    assert running.state() == before
    assert running.ask("say here") == (None, "here")
    running.hangs_up()
    assert running.leaves("running")["status"] == "stopped"


@requirement("create.invalid-id")
@pytest.mark.parametrize("id", ODD_IDS.values(), ids=ODD_IDS)
def test_an_odd_id_is_an_error_without_effect_or_works_like_any_other(container, place, another, id):
    id = id.format(id=container.id)
    odd = another(id=id)
    before = sorted(os.listdir(place))

    with leaves_no_trace():
        accepted = creates(odd)
        assert sorted(name for name in os.listdir(place) if name != odd.root.name) == sorted(before)
        if accepted:
            odd.start()
            odd.heard("facts")
            assert (odd.state()["id"], odd.status) == (id, "running")
            odd.kill()
            odd.becomes("stopped")
            odd.delete()


def creates(container):
    """Whether create succeeds; that nothing has come of it if not, is checked by generates_an_error."""
    try:
        container.create()
    except faults.OperationFailed as refusal:
        with generates_an_error():
            raise refusal
        return False
    return True


# --- what it does ----------------------------------------------------------------------------------------------------


@requirement("create.creates")
def test_create_brings_a_container_into_being(container):
    with generates_an_error():
        container.state()

    container.create()

    assert (container.state()["id"], container.status) == (container.id, "created")


@requirement("create.applies-all-but-process")
def test_everything_but_the_process_is_applied_before_the_start(config, container, rootfs):
    config["hostname"] = "lovelace"
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "none", "options": ["nodev", "size=64k"]}]
    config["linux"]["maskedPaths"] = ["/diary"]
    config["linux"]["readonlyPaths"] = ["/museum"]
    (rootfs / "diary").write_text("secret")
    (rootfs / "museum").mkdir()
    (rootfs / "poster").write_text("public")

    container.create()

    mounts = {line.split(" ")[4]: line.split(" ")[5].split(",") for line in lines(container.process / "mountinfo")}
    assert lines(container.process / "root" / "poster") == ["public"]
    assert lines(container.process / "root" / "diary") == []
    assert "nodev" in mounts.get("/shelf", ())
    assert "ro" in mounts.get("/museum", ())
    assert hostname_in(container.process / "ns" / "uts") == "lovelace"


def lines(path):
    """The lines of a file as the host sees it; none, where it cannot be read."""
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []


def hostname_in(namespace):
    """The hostname in a uts namespace, seen by a thread that goes there and ends."""

    def look():
        descriptor = os.open(namespace, os.O_RDONLY)
        try:
            libc.setns(descriptor, libc.CLONE_NEWUTS)
        finally:
            os.close(descriptor)
        return os.uname().nodename

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(look).result()


@requirement("create.args-not-applied")
def test_the_program_does_not_run_before_the_start(config, container, another, shelf):
    later = another()
    config["mounts"] += [{"destination": "/shelf", "type": "bind", "source": str(shelf), "options": ["bind"]}]
    container.create("create /shelf/made")

    # A later container has said its last word: in that time, the program of this one would have done its first act.
    later.run("say hello")

    assert not (shelf / "made").exists()
    container.start()
    assert container.report().attempts == {"create /shelf/made": None}
    assert (shelf / "made").exists()


# --- what it cannot do -----------------------------------------------------------------------------------------------


@requirement("create.cannot-apply.error")
def test_a_property_that_cannot_be_applied_is_an_error(container, impossible):
    with generates_an_error():
        container.create()

    impossible.mend()
    container.create()


@requirement("create.cannot-apply.no-container")
def test_no_container_comes_of_a_property_that_cannot_be_applied(container, impossible):
    with generates_an_error():
        container.create()

    for operation in (container.start, container.kill, container.delete):
        with generates_an_error():
            operation()
    impossible.mend()
    container.create()
    assert container.status == "created"


# --- afterwards ------------------------------------------------------------------------------------------------------


@requirement("create.later-changes")
@pytest.mark.parametrize("end", [Path.unlink, lambda path: path.write_text("{")], ids=["removed", "spoilt"])
def test_a_container_outlives_its_config_file(config, container, end):
    config["hostname"] = "lovelace"
    container.create("listen")

    end(container.bundle / "config.json")

    container.start()
    assert container.heard("facts").get("hostname") == "lovelace"
    container.heard("ready")
    assert container.status == "running"
    container.kill()
    container.becomes("stopped")
    container.delete()


@requirement("create.later-changes")
def test_a_config_that_is_replaced_later_has_no_effect(config, container):
    config["annotations"] = {"org.example.title": "first"}
    container.create("say first")

    config["annotations"] = {"org.example.title": "second"}
    config["process"]["args"] = container.program("say second")
    container.write_config()

    container.start()
    assert container.report().answers == {"say first": "first"}
    assert container.state().get("annotations") == {"org.example.title": "first"}


@requirement("create.later-changes")
def test_another_environment_in_the_config_has_no_effect_later(config, container, place):
    config["hostname"] = "lovelace"
    container.create("say hello")

    (place / "other").mkdir()
    changed = {"root": {"path": str(place / "other")}, "hostname": "elsewhere", "mounts": [], "annotations": {"a": "b"}}
    container.config |= changed
    container.config["linux"] = {"namespaces": [], "cgroupsPath": "/elsewhere"}
    container.write_config()
    container.start()

    report = container.report()
    assert report.answers == {"say hello": "hello"}
    assert report.facts.hostname == "lovelace"
    assert [each for each in ("/proc", "/dev") if report.facts.mount_at(each) is None] == []
    container.becomes("stopped")
    container.delete()
