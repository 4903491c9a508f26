"""runtime.md#runtimeLifecycle: the steps of the hooks, and what follows when one of them fails"""

from contextlib import suppress

import pytest

from conformance import catalogue, eventually, generates_an_error, requirement
from conformance.harness import hooks, residue
from conformance.harness.faults import OperationFailed

#: how a hook fails → (such a hook, one that is like it and does not fail); a runtime may have blocked other signals
FAILURES = {
    "status": (hooks.ending(3), hooks.ending(0)),
    "signal": (
        hooks.program("import os; os.kill(os.getpid(), 9)"),
        hooks.program("import os; os.kill(os.getpid(), 0)"),
    ),
    "missing": (hooks.ending(0) | {"path": "/no/such/program"}, hooks.ending(0)),
    # A file that is on either side, and that nobody may execute.
    "not executable": (hooks.ending(0) | {"path": "/proc/version"}, hooks.ending(0)),
}
ENDLESS = hooks.program("import signal; signal.pause()")
each_failure = pytest.mark.parametrize("failure", FAILURES)


def annotations_for(failure):
    """A program that is missing has gone at once: whether its state can still be written must not be a matter of luck,
    so it is more than a pipe holds.
    """
    return {"long": "." * 300_000} if failure in ("missing", "not executable") else {}


def each_fatal(demand):
    return pytest.mark.parametrize("kind", hooks.each(f"hooks.{{kind}}.fail.{demand}", *hooks.FATAL))


# --- the steps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.invoked"))
def test_a_hook_is_invoked_once_in_a_containers_life(config, container, hook_log, kind):
    config["hooks"] = {kind: [hook_log.hook("hook")]}
    hooks.live(container, kind)
    at_its_step = hook_log.names

    if kind != "poststop":
        end(container, kind)

    assert (at_its_step, hook_log.names) == (["hook"], ["hook"])


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.invoked"))
def test_a_hook_may_say_more_than_a_pipe_holds(config, container, hook_log, kind):
    # What standard output is, is the caller's affair where a hook is run by create: nobody reads it meanwhile.
    streams = (1, 2) if kind in ("poststart", "poststop") else (2,)
    said = [hook_log.file(f"said {stream}") for stream in streams]
    talks = "import os; os.write({}, b'.' * 300_000); os.mknod({!r})"
    talking = [hooks.program(talks.format(stream, str(file))) for stream, file in zip(streams, said, strict=True)]
    config["hooks"] = {kind: [*talking, hook_log.hook("behind it")]}

    hooks.live(container, kind)

    assert ([file.name for file in said if not file.exists()], hook_log.names) == ([], ["behind it"])


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.invoked", *hooks.IN_RUNTIME_NAMESPACE))
def test_a_hook_has_ended_though_a_daemon_of_it_lives(config, container, hook_log, kind, daemon):
    config["hooks"] = {kind: [daemon.hook, hook_log.hook("behind it")]}

    hooks.live(container, kind)

    # Whether the daemon lives on, nothing says.
    assert (hook_log.names, daemon.began) == (["behind it"], True)


def end(container, kind):
    """The rest of the life."""
    if kind in ("createRuntime", "createContainer"):
        container.start()
    container.kill()
    container.becomes("stopped")
    container.delete()


@requirement("hooks.prestart.invoked")
def test_a_prestart_hook_is_invoked_before_the_program_begins(config, container, hook_log):
    began = hook_log.file("began")
    config["hooks"] = {"prestart": [hook_log.hook("hook", "pause 0.1", f"stat {began}")]}

    container.create(f"write {began}", "linger")
    container.start()
    container.heard("command")

    assert (hook_log.answers("hook")[f"stat {began}"], began.exists()) == ("ENOENT", True)


@requirement("hooks.lifecycle-sequence")
def test_each_kind_has_its_step_in_the_lifecycle(config, container, hook_log, spec_version):
    # Where prestart hooks belong, 1.0.2 says in two ways.
    kinds = hooks.KINDS if catalogue.at_least(spec_version, "1.1.0") else hooks.KINDS[1:]
    pauses = {"startContainer": "pause 0.3"}
    config["hooks"] = {kind: [hook_log.hook(kind, pauses.get(kind, ""))] for kind in reversed(kinds)}

    container.create()
    by_create = len(hook_log.names)
    container.start()
    container.heard("facts")
    by_start = len(hook_log.names)
    container.kill()
    container.becomes("stopped")
    by_the_end = len(hook_log.names)
    container.delete()

    names = hook_log.names
    steps = [names[:by_create], names[by_create:by_start], names[by_start:by_the_end], names[by_the_end:]]
    assert steps == [list(kinds[:-3]), ["startContainer", "poststart"], [], ["poststop"]]


# --- a failure that ends the container -------------------------------------------------------------------------------


@each_failure
@each_fatal("error")
def test_a_failing_hook_is_an_error(config, container, another, kind, failure):
    failing, sound = FAILURES[failure]
    config["hooks"] = {kind: [sound]}
    hooks.live(another(), kind)
    config["hooks"] = {kind: [failing]}

    with generates_an_error(leaves=True):
        hooks.reach(container, kind)
        hooks.run(container, kind)


@each_fatal("stop")
def test_after_a_failing_hook_the_containers_process_is_gone(config, container, hook_log, kind):
    hooks.require_sight(container)
    teller = kind if kind in hooks.IN_RUNTIME_NAMESPACE else "createRuntime"
    config["hooks"] = {teller: [hook_log.hook("teller", "stat /proc/{pid}/ns")]}
    config["hooks"].setdefault(kind, []).append(hooks.ending(1))

    hooks.provoke(container, kind)

    pid = hook_log.state("teller").get("pid")
    assert hook_log.entry("teller")["answers"]["stat /proc/{pid}/ns"]["errno"] is None
    within = container.runtime.timeout / 5
    eventually(lambda: residue.is_ended(pid), "the end of the container's process", container.runtime, within)


@pytest.mark.parametrize("failure", [*FAILURES, "timeout"])
@each_fatal("destroy")
def test_after_a_failing_hook_the_container_is_destroyed_without_a_delete(config, container, hook_log, kind, failure):
    failing = ENDLESS | {"timeout": 1} if failure == "timeout" else FAILURES[failure][0]
    config["hooks"] = {kind: [hook_log.hook("before it"), failing]}

    hooks.provoke(container, kind)

    assert hook_log.names == ["before it"]
    with generates_an_error():
        container.state()


@each_fatal("poststop")
def test_after_a_failing_hook_the_poststop_hooks_are_run(config, container, hook_log, kind):
    config["hooks"] = {kind: [hooks.ending(1)], "poststop": [hook_log.hook("poststop")]}

    hooks.provoke(container, kind)

    assert hook_log.names == ["poststop"]


@each_fatal("rest-skipped")
def test_after_a_failing_hook_no_other_step_is_taken(config, container, hook_log, spec_version, kind):
    began = hook_log.file("began")
    # What a runtime does too early is not this requirement's; what it does meanwhile takes so long that it is seen.
    config["hooks"] = {later: [hook_log.hook(later, "pause 0.3")] for later in hooks_after(kind, spec_version)}
    config["hooks"][kind] = [hook_log.hook("before it"), hooks.ending(1), hook_log.hook("behind it")]
    container.program_obeys(f"write {began}", "linger")

    hooks.provoke(container, kind)

    since_then = [entry["hook"] for entry in hook_log.entries if entry["time"] > hook_log.entry("before it")["begun"]]
    assert (since_then, began.exists() and kind != "poststart") == (["before it"], False)


def hooks_after(kind, release):
    """The kinds of the later steps that are not taken. In 1.0 a prestart hook may be a matter of start."""
    later = hooks.FATAL[hooks.FATAL.index(kind) + 1 :]
    return later if kind != "prestart" or catalogue.at_least(release, "1.1.0") else later[2:]


# --- a failure that is only a warning --------------------------------------------------------------------------------


@each_failure
@requirement("old.hooks.poststart.fail.warn")
def test_after_a_failing_poststart_hook_all_goes_on(config, container, hook_log, failure):
    config["annotations"] = annotations_for(failure)
    config["hooks"] = {"poststart": [FAILURES[failure][0], hook_log.hook("behind it")]}
    container.create("listen")

    container.start()

    assert hook_log.names == ["behind it"]
    assert container.ask("say here") == (None, "here")


@each_failure
@requirement("hooks.poststop.fail.rest-run")
def test_after_a_failing_poststop_hook_the_next_is_run(config, container, hook_log, failure):
    config["annotations"] = annotations_for(failure)
    config["hooks"] = {"poststop": [hook_log.hook("before it"), FAILURES[failure][0], hook_log.hook("behind it")]}
    hooks.reach(container, "poststop")

    with suppress(OperationFailed):
        container.delete()

    assert hook_log.names == ["before it", "behind it"]


@each_failure
@requirement("hooks.poststop.fail.delete-succeeds")
def test_a_failing_poststop_hook_does_not_make_delete_fail(config, container, hook_log, failure):
    config["annotations"] = annotations_for(failure)
    config["hooks"] = {"poststop": [hook_log.hook("before it"), FAILURES[failure][0]]}

    hooks.live(container)

    assert hook_log.names == ["before it"]
    with generates_an_error():
        container.state()
