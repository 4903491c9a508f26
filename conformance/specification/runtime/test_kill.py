"""runtime.md#runtimeKill"""

import pytest

from conformance import generates_an_error, requirement

#: None of them ends a process that waits for it, and a runtime that sends another one is found out.
SIGNALS = ("HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "CONT", "WINCH")


@requirement("kill.no-id")
@pytest.mark.parametrize("arguments", [(), ("",), ("", "KILL")], ids=["none", "empty", "only a signal"])
def test_kill_without_an_id_is_an_error(running, arguments):
    with generates_an_error():
        running.operate("kill", *arguments)

    assert running.ask("say here") == (None, "here")


@requirement("kill.nonexistent")
def test_kill_of_an_id_that_no_container_bears_is_an_error(running):
    with generates_an_error():
        running.operate("kill", f"{running.id}x", "KILL")

    assert running.ask("say here") == (None, "here")


@requirement("kill.nonexistent")
def test_kill_of_a_deleted_container_is_an_error(stopped):
    stopped.delete()

    with generates_an_error():
        stopped.kill()


@requirement("kill.creating")
def test_kill_of_a_container_in_creation_is_an_error_without_effect(creation):
    container = creation.container

    with generates_an_error():
        creation.attempt("kill", "KILL")
    creation.finish()

    assert container.status == "created"
    container.start()
    assert container.heard("ready") is True


@requirement("kill.created")
def test_a_created_container_can_be_killed(created):
    created.kill()

    assert created.leaves("created")["status"] == "stopped"


@requirement("kill.running")
def test_a_running_container_can_be_killed(running):
    running.kill()

    assert running.leaves("running")["status"] == "stopped"


@requirement("kill.stopped")
def test_kill_of_a_stopped_container_is_an_error_without_effect(stopped):
    with generates_an_error():
        stopped.kill()

    assert stopped.status == "stopped"


@requirement("kill.stopped")
def test_kill_of_a_container_killed_before_its_start_is_an_error_without_effect(created):
    created.kill()
    created.becomes("stopped")

    with generates_an_error():
        created.kill("TERM")

    assert created.status == "stopped"


@requirement("kill.signal-delivered")
def test_the_process_receives_the_very_signal(container):
    waiting = f"trap {' '.join(SIGNALS)}"
    container.create(*[waiting] * len(SIGNALS))
    container.start()

    received = [signal_received(container, name) for name in SIGNALS]

    assert received == list(SIGNALS)


def signal_received(container, name):
    container.heard("ready")
    container.kill(name)
    return container.heard("value")


@requirement("kill.signal-delivered")
def test_the_process_receives_a_realtime_signal(container):
    container.create("trap RTMAX TERM RTMIN")
    container.start()

    # The number is what every runtime has in common: their names for these signals differ.
    assert signal_received(container, "64") == "RTMAX"


@requirement("kill.signal-delivered")
def test_the_signal_goes_to_the_container_s_process_and_not_to_another(container, another):
    bystander = another()
    bystander.create("listen")
    bystander.start()
    bystander.heard("ready")
    container.create("trap USR1 TERM")
    container.start()

    assert signal_received(container, "USR1") == "USR1"
    assert bystander.ask("say here") == (None, "here")
