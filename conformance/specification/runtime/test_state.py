"""runtime.md#runtimeState, runtime.md#runtimeQueryState"""

import os
import re
import signal

import pytest

from conformance import eventually, generates_an_error, requirement
from conformance.harness import residue

ANNOTATIONS = {"org.example.title": "Nôtre Dame — 聖母院", "org.example.empty": "", "x": 'a = "b", c: {d}'}


def each_status(container):
    """Lead a container through create, start, and the end of its process; a stop at each."""
    container.create()
    yield "created"
    container.start()
    container.heard("facts")
    yield "running"
    container.kill()
    container.leaves("running")
    yield "stopped"


def states(container):
    """What the state operation tells in each status."""
    return {status: container.state() for status in each_status(container)}


def in_each_status(container, member):
    return {status: state.get(member) for status, state in states(container).items()}


def release_of(container):
    """What the ociVersion names: each release of version 1 describes this state, and later ones may come."""
    seen = container.state()["ociVersion"]
    is_release = re.fullmatch(r"1\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", seen)
    return "a release of version 1" if is_release else seen


def host_view(container, name):
    """A link or a file in the host's /proc of the container's process; None where there is none."""
    path = container.process / name
    try:
        return os.readlink(path) if path.is_symlink() else path.read_text(errors="replace")
    except OSError:
        return None


# --- what it holds ---------------------------------------------------------------------------------------------------


@requirement("state.ociVersion.required")
def test_the_state_has_an_ociversion_in_each_status(container):
    seen = in_each_status(container, "ociVersion")

    assert {status: type(version) for status, version in seen.items()} == dict.fromkeys(seen, str)


@requirement("state.ociVersion.meaning")
def test_the_ociversion_of_the_state_is_a_release_whose_state_it_is(created):
    assert release_of(created) == "a release of version 1"


@requirement("old.state.ociVersion")
def test_the_ociversion_of_the_state_is_a_release_by_which_it_can_have_been_created(created):
    assert release_of(created) == "a release of version 1"


@requirement("state.id.required")
def test_the_state_tells_the_container_s_id_in_each_status(container):
    assert in_each_status(container, "id") == dict.fromkeys(("created", "running", "stopped"), container.id)


@requirement("state.id.required")
def test_the_state_tells_the_id_letter_for_letter(container, another):
    odd = another(id=f"{container.id}-Ada_1.0")
    odd.create()

    assert odd.state()["id"] == f"{container.id}-Ada_1.0"


@requirement("state.bundle.required")
def test_the_state_tells_the_bundle_in_each_status(container):
    seen = in_each_status(container, "bundle")

    assert {status: os.path.realpath(path) for status, path in seen.items()} == dict.fromkeys(
        ("created", "running", "stopped"), os.path.realpath(container.bundle)
    )


@requirement("state.bundle.absolute")
def test_a_bundle_named_by_a_relative_path_is_told_by_its_absolute_one(container):
    container.program_obeys("linger")
    container.write_config()

    container.create_as_written(bundle="bundle/../bundle", cwd=container.bundle.parent)

    seen = container.state()["bundle"]
    assert seen.startswith("/")
    assert os.path.realpath(seen) == os.path.realpath(container.bundle)


@requirement("state.annotations")
def test_the_state_tells_the_configured_annotations_in_each_status(config, container):
    config["annotations"] = ANNOTATIONS

    assert in_each_status(container, "annotations") == dict.fromkeys(("created", "running", "stopped"), ANNOTATIONS)


@requirement("state.annotations.empty")
@pytest.mark.parametrize("configured", [{}, {"annotations": {}}], ids=["absent", "empty"])
def test_without_annotations_the_state_has_none_or_an_empty_map(config, container, configured):
    config |= configured
    container.create()

    assert container.state().get("annotations", {}) == {}


# --- status ----------------------------------------------------------------------------------------------------------


@requirement("state.status.required")
def test_the_state_has_a_status_all_along(container):
    seen = in_each_status(container, "status")

    assert {status: type(word) for status, word in seen.items()} == dict.fromkeys(seen, str)


@requirement("state.status.values")
def test_the_standard_statuses_are_spelled_as_in_the_specification(container):
    seen = in_each_status(container, "status")

    assert [status for status in seen.values() if status not in {"creating", "created", "running", "stopped"}] == []


@requirement("state.status.extra-values")
def test_no_other_word_stands_where_a_standard_status_fits(container):
    seen = in_each_status(container, "status")

    assert seen == {"created": "created", "running": "running", "stopped": "stopped"}


@requirement("state.status.creating")
def test_a_container_whose_create_has_not_ended_is_not_yet_created(creation):
    seen = creation.status()
    creation.finish()

    # No container yet is one reading. The hook comes after step 2 and before create's end: a status of the runtime's
    # own would be allowed as well. When state is to answer is not said: one that waits tells what is then.
    assert seen == "created" if creation.waited else seen not in {"created", "running", "stopped"}


@requirement("state.status.created")
def test_a_created_container_is_created(created):
    assert created.status == "created"


@requirement("state.status.running")
def test_a_started_container_is_running(running):
    assert running.status == "running"


@requirement("state.status.stopped")
def test_a_container_whose_program_has_ended_is_stopped(container):
    container.run("say goodbye")

    assert container.leaves("running")["status"] == "stopped"


@requirement("state.status.stopped")
def test_a_container_killed_before_its_start_is_stopped(created):
    created.kill()

    assert created.leaves("created")["status"] == "stopped"


@requirement("state.status.stopped")
def test_a_container_whose_process_nobody_has_waited_for_yet_is_stopped(running):
    pid = running.pid
    running.hangs_up()
    eventually(lambda: residue.is_ended(pid), "the end of the container's process", running.runtime)

    assert running.status == "stopped"


@requirement("state.status.stopped")
@pytest.mark.parametrize("status", ["created", "running"])
def test_a_container_stays_stopped_when_another_process_gets_its_pid(request, stranger, status):
    container = request.getfixturevalue(status)
    pid = container.pid
    container.kill()
    container.becomes("stopped")
    lives = stranger(pid)

    assert container.status == "stopped"
    assert lives()


@requirement("state.status.stopped")
@pytest.mark.parametrize("status", ["created", "running"])
def test_a_container_whose_process_was_killed_from_outside_is_stopped(request, same_kernel, status):
    container = request.getfixturevalue(status)

    os.kill(container.pid, signal.SIGKILL)

    assert container.leaves(status)["status"] == "stopped"
    container.delete()


@requirement("state.status.stopped")
def test_a_container_is_stopped_though_a_child_of_its_program_lives(config, container):
    # The first process of a pid namespace takes all others with it.
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "pid"]
    container.run("spawn")

    assert container.leaves("running")["status"] == "stopped"


@requirement("state.status.running")
def test_a_suspended_program_is_running(running):
    running.kill("STOP")

    assert running.status == "running"


# --- pid -------------------------------------------------------------------------------------------------------------


@requirement("state.pid.created")
def test_the_state_of_a_created_container_has_a_pid(created):
    assert created.state().get("pid", 0) > 0


@requirement("state.pid.running")
def test_the_state_of_a_running_container_has_a_pid(running):
    assert running.state().get("pid", 0) > 0


@requirement("state.pid.identity")
def test_the_pid_is_that_of_the_process_that_becomes_the_program(created):
    before = created.pid
    created.start()
    created.heard("ready")

    assert (created.pid, host_view(created, "cmdline")) == (
        before,
        "".join(f"{arg}\0" for arg in created.program("listen")),
    )


@requirement("state.pid.runtime-view")
def test_the_state_tells_the_pid_as_the_runtime_sees_it(container):
    container.create("linger")
    container.start()
    facts = container.heard("facts")

    assert host_view(container, "ns/pid") == facts["namespaces"]["pid"]


@requirement("state.pid.runtime-view")
def test_a_hook_in_the_runtime_s_namespaces_is_told_the_pid_as_the_runtime_sees_it(config, container, hook_log):
    config["hooks"] = {"prestart": [hook_log.hook("prestart")]}
    container.create()

    # In status creating, a state needs no pid.
    assert hook_log.state("prestart").get("pid", container.pid) == container.pid


@requirement("state.pid.container-view")
@pytest.mark.parametrize("kind", ["createContainer", "startContainer"])
def test_a_hook_in_a_container_with_its_own_pid_namespace_is_told_pid_1(config, container, hook_log, kind):
    config["hooks"] = {kind: [hook_log.hook(kind)]}
    container.create()
    container.start()
    container.heard("facts")

    # In status creating, a state needs no pid.
    assert hook_log.state(kind).get("pid", 1) == 1


@requirement("state.pid.container-view")
def test_a_hook_in_a_container_without_a_pid_namespace_is_told_the_runtime_s_pid(config, container, hook_log):
    config["hooks"] = {"startContainer": [hook_log.hook("startContainer")]}
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "pid"]
    container.create()
    container.start()
    container.heard("facts")

    assert hook_log.state("startContainer").get("pid") == container.pid


@requirement("old.state.pid.host")
def test_a_hook_in_the_container_is_told_the_pid_as_the_host_sees_it(config, container, hook_log):
    config["hooks"] = {"startContainer": [hook_log.hook("startContainer")]}
    container.create()
    container.start()
    container.heard("facts")

    assert hook_log.state("startContainer").get("pid") == container.pid


# --- how it is written -----------------------------------------------------------------------------------------------


@requirement("state.json-schema")
def test_the_state_is_as_its_schema_has_it_in_each_status(config, container):
    config["annotations"] = ANNOTATIONS

    statuses = [container.whole_state()["status"] for _ in each_status(container)]

    # Each was held against the schema as it was read; the published one names these statuses, and no others.
    assert statuses == ["created", "running", "stopped"]


@requirement("old.state.json-pattern")
def test_the_state_has_the_members_and_types_of_the_pattern(config, container):
    config["annotations"] = ANNOTATIONS
    container.create()

    # Their types were held against the schema as the state was read.
    assert {"ociVersion", "id", "status", "pid", "bundle", "annotations"} - container.state().keys() == set()


@requirement("state.json-object")
def test_the_state_is_one_json_object_and_nothing_around_it(created):
    words = created.operate("state", created.id).stdout

    assert words.strip()[:1] + words.strip()[-1:] == "{}"
    assert created.state()["id"] == created.id


# --- the operation ---------------------------------------------------------------------------------------------------


@requirement("state.op.returns")
def test_state_returns_what_the_container_is_in_each_status(config, container):
    config["annotations"] = ANNOTATIONS

    seen = states(container)

    told = {name: [state["status"], state["id"], state.get("annotations")] for name, state in seen.items()}
    assert told == {name: [name, container.id, ANNOTATIONS] for name in ("created", "running", "stopped")}
    assert seen["running"].get("pid") == seen["created"].get("pid")


@requirement("state.op.no-id")
@pytest.mark.parametrize("arguments", [(), ("",)], ids=["none", "empty"])
def test_state_without_an_id_is_an_error(created, arguments):
    with generates_an_error():
        created.operate("state", *arguments)

    assert created.status == "created"


@requirement("state.op.unknown")
@pytest.mark.parametrize("change", [lambda id: id[:-1], lambda id: f"{id}x"], ids=["shorter", "longer"])
def test_the_state_of_an_id_that_no_container_bears_is_an_error(created, change):
    with generates_an_error():
        created.operate("state", change(created.id))

    assert created.status == "created"


@requirement("state.op.unknown")
def test_the_state_of_a_deleted_container_is_an_error(stopped):
    stopped.delete()

    with generates_an_error():
        stopped.state()
