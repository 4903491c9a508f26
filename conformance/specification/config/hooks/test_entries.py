"""config.md#configHooks
runtime.md#runtimeHooks

What an entry of a list of hooks says.
"""

import pytest

from conformance import eventually, generates_an_error, requirement
from conformance.harness import hooks

#: Longer than any path that leads from the root to where a runtime may stand.
UP = "../" * 64


@requirement("hooks.object")
@pytest.mark.parametrize("listed", [{}, {kind: [] for kind in hooks.KINDS}], ids=["none", "all empty"])
def test_hooks_may_have_no_entries(config, container, listed):
    config["hooks"] = listed

    assert container.run("say hello").answers == {"say hello": "hello"}


@requirement("hooks.exist")
def test_programs_run_when_a_container_is_started_and_deleted(config, container, hook_log):
    config["hooks"] = {kind: [hook_log.hook(kind)] for kind in ("poststart", "poststop")}

    hooks.live(container)

    assert hook_log.names == ["poststart", "poststop"]


# --- path ------------------------------------------------------------------------------------------------------------


@requirement("hooks.path.execv")
@pytest.mark.parametrize("kind", hooks.KINDS)
def test_a_path_is_no_command_line(config, container, hook_log, kind):
    interpreter = hook_log.file('two words; "$HOME" *')
    interpreter.symlink_to(hook_log.hook("any")["path"])
    config["hooks"] = {kind: [hook_log.hook("odd", path=str(interpreter))]}

    hooks.live(container, kind)

    assert hook_log.names == ["odd"]


@requirement("hooks.path.execv")
def test_a_file_of_no_executable_format_is_not_given_to_a_shell(config, container, hook_log):
    words, trace = hook_log.file("words"), hook_log.file("trace")
    words.write_text(f": > {trace}\n")
    words.chmod(0o755)
    config["hooks"] = {"poststop": [hook_log.hook("before it"), {"path": str(words)}]}

    hooks.provoke(container, "poststop")

    assert (hook_log.names, trace.exists()) == (["before it"], False)


@requirement("hooks.path.required")
@pytest.mark.parametrize("kind", hooks.KINDS)
def test_an_entry_without_a_path_is_an_error(config, container, hook_log, another, kind):
    config["hooks"] = {kind: [hook_log.hook("entry")]}
    hooks.live(another(), kind)
    del config["hooks"][kind][0]["path"]

    with generates_an_error(leaves=True):
        hooks.reach(container, kind)
        hooks.run(container, kind)

    assert hook_log.names == ["entry"]


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.path-absolute"))
def test_a_relative_path_is_an_error_even_where_it_leads_to_a_program(config, container, hook_log, another, kind):
    config["hooks"] = {kind: [hook_log.hook("entry")]}
    hooks.live(another(), kind)
    config["hooks"][kind][0]["path"] = UP + config["hooks"][kind][0]["path"].lstrip("/")

    with generates_an_error(leaves=True):
        hooks.reach(container, kind)
        hooks.run(container, kind)


# --- args and env ----------------------------------------------------------------------------------------------------


@requirement("hooks.args")
@pytest.mark.parametrize("kind", hooks.KINDS)
def test_a_hook_has_exactly_its_args(config, container, hook_log, kind):
    hook = hook_log.hook("hook", "say two  words", "", "say $HOME; *")
    hook["args"][0] = "a name of its own"
    config["hooks"] = {kind: [hook]}

    hooks.live(container, kind)

    assert hook_log.entry("hook")["orig_args"] == hook["args"]


@requirement("hooks.env")
@pytest.mark.parametrize("kind", hooks.KINDS)
def test_a_hook_has_exactly_its_env(config, container, hook_log, kind):
    env = ["ENGINE=difference", "EMPTY=", "WORDS=a = b, $ENGINE"]
    config["hooks"] = {kind: [hook_log.hook("hook", env=env)]}

    hooks.live(container, kind)

    assert sorted(hook_log.entry("hook")["env"]) == sorted(env)


@requirement("hooks.env.empty")
@pytest.mark.parametrize("kind", hooks.KINDS)
def test_a_hook_with_an_empty_env_has_none(config, container, hook_log, kind):
    config["hooks"] = {kind: [hook_log.hook("hook", env=[])]}

    hooks.live(container, kind)

    assert hook_log.entry("hook")["env"] == []


# --- timeout ---------------------------------------------------------------------------------------------------------


@requirement("hooks.timeout.positive")
@pytest.mark.parametrize("timeout", [0, -1])
@pytest.mark.parametrize("kind", hooks.KINDS)
def test_a_timeout_of_nothing_is_an_error(config, container, hook_log, another, kind, timeout):
    config["hooks"] = {kind: [hook_log.hook("entry", timeout=10)]}
    hooks.live(another(), kind)
    config["hooks"][kind][0]["timeout"] = timeout

    with generates_an_error(leaves=True):
        hooks.reach(container, kind)
        hooks.run(container, kind)


@requirement("hooks.timeout")
def test_a_timeout_counts_seconds(config, container, hook_log):
    config["hooks"] = {"poststop": [hook_log.hook("slow", "pause 0.3", timeout=hook_log.a_while)]}

    hooks.live(container)

    assert hook_log.names == ["slow"]


@requirement("hooks.timeout")
def test_only_the_hook_that_is_too_slow_is_aborted(config, container, hook_log):
    config["hooks"] = {
        "poststop": [
            hook_log.hook("first", timeout=9 * hook_log.a_while),
            hook_log.hook("endless", f"write {hook_log.file('begun')}", "linger", timeout=hook_log.a_while),
        ]
    }

    hooks.provoke(container, "poststop")

    assert (hook_log.names, hook_log.file("begun").exists()) == (["first"], True)


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.timeout"))
def test_a_hook_that_exceeds_its_timeout_is_aborted_and_has_failed(config, container, hook_log, spec_version, kind):
    begun, program = hook_log.file("begun"), hook_log.file("program")
    config["hooks"] = {kind: [hook_log.hook("endless", f"write {begun}", "linger", timeout=hook_log.a_while)]}
    container.program_obeys(f"write {program}", "linger")

    is_error = hooks.provoke(container, kind)

    if kind == "startContainer" and not is_error:
        # That start is an error is another requirement's matter: here, that the program is not run.
        eventually(lambda: program.exists() or container.current_status() == "stopped", "an end", container.runtime)
    has_failed = is_error or (kind == "startContainer" and not program.exists())
    assert (begun.exists(), hook_log.names) == (True, [])
    assert has_failed or not hooks.is_fatal(kind, spec_version)
    # That the hook's process is gone is seen when the container is removed: nothing may be left.
