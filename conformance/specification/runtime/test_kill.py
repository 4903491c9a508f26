"""runtime.md#runtimeKill"""

import signal
from pathlib import Path

import pytest

from conformance import eventually, generates_an_error, requirement
from conformance.harness import residue

#: None of them ends a process that waits for it, and a runtime that sends another one is found out.
SIGNALS = ("HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "CONT", "WINCH")


@requirement("kill.no-id")
@pytest.mark.parametrize("arguments", [(), ("",), ("", "KILL")], ids=["none", "empty", "only a signal"])
def test_kill_without_an_id_is_an_error(running, arguments):
    with generates_an_error():
        running.operate("kill", *arguments)

    assert running.ask("say here") == (None, "here")


@requirement("kill.nonexistent")
@pytest.mark.parametrize("change", [lambda id: id[:-1], lambda id: f"{id}x"], ids=["shorter", "longer"])
def test_kill_of_an_id_that_no_container_bears_is_an_error(running, change):
    with generates_an_error():
        running.operate("kill", change(running.id), "KILL")

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


@requirement("kill.stopped")
@pytest.mark.parametrize("signal", ["KILL", "TERM"])
def test_kill_of_a_process_that_nobody_has_waited_for_yet_is_an_error(running, signal):
    pid = running.pid
    running.hangs_up()
    eventually(lambda: residue.is_ended(pid), "the end of the container's process", running.runtime)

    # The kernel would take a signal to such a process, and drop it.
    with generates_an_error():
        running.kill(signal)


@requirement("kill.stopped")
@pytest.mark.parametrize("signal", ["KILL", "TERM"])
def test_kill_of_a_stopped_container_does_not_hit_another_process_that_has_got_its_pid(running, stranger, signal):
    pid = running.pid
    running.hangs_up()
    running.becomes("stopped")
    lives = stranger(pid)

    with generates_an_error():
        running.kill(signal)

    assert lives()
    assert running.status == "stopped"


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
def test_the_process_receives_each_signal_by_its_number(container):
    # All that a program can wait for; 32 and 33 are the C library's own.
    numbers = sorted({*range(1, 32), 34, 64} - {signal.SIGKILL, signal.SIGSTOP})
    container.create(*[f"trap {' '.join(map(str, numbers))}"] * len(numbers))
    container.start()

    received = [number_received(container, number) for number in numbers]

    assert received == numbers


def number_received(container, number):
    container.heard("ready")
    container.kill(str(number))
    return int(container.heard("value"))


@requirement("kill.signal-delivered")
def test_a_suspended_program_is_suspended_and_goes_on(running):
    process = running.process
    running.kill("STOP")
    does = eventually(lambda: doing(process).strip("RS"), "what STOP does to a process", running.runtime)

    running.kill("CONT")

    assert does == "T"
    assert running.ask("say here") == (None, "here")


def doing(process: Path):
    """The letter for what a process does (proc_pid_stat(5)); X where there is none."""
    try:
        return (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return "X"


@requirement("kill.signal-unknown")
@pytest.mark.parametrize("word", ["NOSUCH", "65", "1000000", "KILL,TERM"])
def test_a_signal_that_does_not_exist_is_an_error_and_no_other_is_sent(container, word):
    container.create(f"trap {' '.join(SIGNALS)}")
    container.start()
    container.heard("ready")

    with generates_an_error():
        container.kill(word)

    container.kill("USR1")
    assert container.heard("value") == "USR1"


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
