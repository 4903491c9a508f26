"""runtime.md#runtimeStart"""

import pytest

from bundles import rootfs as root_file_system
from conformance import generates_an_error, requirement


@requirement("start.no-id")
@pytest.mark.parametrize("arguments", [(), ("",)], ids=["none", "empty"])
def test_start_without_an_id_is_an_error(created, arguments):
    with generates_an_error():
        created.operate("start", *arguments)

    assert created.status == "created"


@requirement("start.not-created.nonexistent")
@pytest.mark.parametrize("change", [lambda id: id[:-1], lambda id: f"{id}x"], ids=["shorter", "longer"])
def test_start_of_an_id_that_no_container_bears_is_an_error(created, change):
    with generates_an_error():
        created.operate("start", change(created.id))

    assert created.status == "created"


@requirement("start.not-created.nonexistent")
def test_start_of_a_deleted_container_is_an_error(stopped):
    stopped.delete()

    with generates_an_error():
        stopped.start()


@requirement("start.not-created.creating")
def test_start_of_a_container_in_creation_is_an_error_without_effect(creation):
    container = creation.container

    with generates_an_error():
        creation.attempt("start")
    creation.finish()

    assert container.status == "created"
    container.start()
    assert container.heard("ready") is True


@requirement("start.not-created.running")
def test_start_of_a_running_container_is_an_error_without_effect(running):
    before = running.state()

    with generates_an_error():
        running.start()

    assert running.state() == before
    assert running.ask("say here") == (None, "here")


@requirement("start.not-created.stopped")
def test_start_of_a_container_whose_program_has_ended_is_an_error_without_effect(stopped):
    with generates_an_error():
        stopped.start()

    assert stopped.status == "stopped"


@requirement("start.not-created.stopped")
def test_start_of_a_container_killed_before_its_start_is_an_error_without_effect(created):
    created.kill()
    created.becomes("stopped")

    with generates_an_error():
        created.start()

    assert created.status == "stopped"


@requirement("start.runs-program")
def test_start_runs_the_program(container):
    container.create("say hello")

    container.start()

    assert container.report().answers == {"say hello": "hello"}


@requirement("start.program-missing")
def test_start_does_not_succeed_where_the_program_cannot_be_run(container, rootfs):
    container.create()
    # A program that is there while the container is created, and no longer when it is started.
    (rootfs / root_file_system.INTERPRETER.lstrip("/")).unlink()

    with generates_an_error():
        container.start()


@requirement("start.no-process")
def test_a_container_without_a_process_cannot_be_started(config, container):
    del config["process"]

    # Whether it can be created is another question: a runtime that refuses that leaves nothing to start.
    with generates_an_error():
        container.create()
        container.start()
