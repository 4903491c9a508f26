"""config.md#configProcess: terminal and consoleSize"""

import os
import termios
from typing import Any

import pexpect
import pexpect.fdpexpect
import pytest

from conformance import generates_an_error, requirement


@requirement("proc.terminal.true")
def test_a_program_with_a_terminal_can_be_talked_to(config, container, console):
    config["process"]["terminal"] = True
    container.create("listen", options=console.options)
    container.start()

    person = pexpect.fdpexpect.fdspawn(console.terminal, timeout=container.runtime.timeout)
    assert hears(person, '{"ready": true}')
    person.sendline("say good%20morning")

    assert hears(person, '"value": "good morning"')


def hears(person: Any, words: str) -> bool:
    """Before the deadline, and before the other side has hung up: neither is an error of the test's."""
    return person.expect_exact([words, pexpect.TIMEOUT, pexpect.EOF]) == 0


@requirement("proc.terminal.true")
def test_all_three_standard_streams_are_a_terminal(config, container, console):
    config["process"]["terminal"] = True
    container.create("say done", options=console.options)
    container.hears(console.terminal)
    container.start()

    assert container.report().facts.terminal == [True, True, True]


@requirement("proc.terminal.pty-container-devpts")
def test_the_standard_streams_are_one_pseudoterminal(config, container, console):
    """UNIX98 pseudo-terminals have the major numbers 136 to 143 (Documentation/admin-guide/devices.txt)."""
    config["process"]["terminal"] = True
    streams = [f"stat /proc/self/fd/{descriptor}" for descriptor in (0, 1, 2)]
    container.create(*streams, options=console.options)
    container.hears(console.terminal)
    container.start()

    answers = container.report().answers
    kinds = {(found["kind"], found["major"] in range(136, 144)) for found in answers.values() if found}
    minors = {found["minor"] for found in answers.values() if found}

    assert (len(answers), kinds, len(minors)) == (3, {("character", True)}, 1)


@requirement("proc.terminal.default")
def test_without_terminal_the_streams_are_the_callers(config, container):
    del config["process"]["terminal"]
    container.create("listen")
    container.start()
    answer = container.ask("say hello")
    container.hangs_up()

    assert answer == (None, "hello")
    assert container.report().facts.terminal[:2] == [False, False]


@requirement("proc.consoleSize.applied")
def test_the_terminal_has_the_size_of_consolesize(config, container, console):
    config["process"] |= {"terminal": True, "consoleSize": {"height": 33, "width": 101}}
    container.create("size 0", options=console.options)
    container.hears(console.terminal)
    container.start()

    assert container.report().answers == {"size 0": [33, 101]}


@requirement("proc.consoleSize.ignored")
@pytest.mark.parametrize("terminal", [{}, {"terminal": False}], ids=["unset", "false"])
def test_consolesize_is_ignored_without_terminal(config, container, terminal):
    """Even if the caller's own streams happen to be a terminal: its size stays."""
    del config["process"]["terminal"]
    config["process"] |= {"consoleSize": {"height": 33, "width": 101}, **terminal}
    master, ours = os.openpty()
    termios.tcsetwinsize(ours, (40, 120))
    container.hears(master)

    container.program_obeys("say hello")
    container.write_config()
    container.created = True
    container.operate("create", "--bundle", str(container.bundle), container.id, stdin=ours, stdout=ours)
    container.start()
    container.report()
    # Asked out here: a container with a kernel of its own need not see a terminal in its streams.
    size = termios.tcgetwinsize(master)
    os.close(master)
    os.close(ours)

    assert size == (40, 120)


@requirement("proc.consoleSize.height")
def test_a_consolesize_without_height_is_an_error(config, container, another, console):
    config["process"] |= {"terminal": True, "consoleSize": {"height": 33, "width": 101}}
    another().create(options=console.options)

    del config["process"]["consoleSize"]["height"]

    with generates_an_error():
        container.create(options=console.options)
        container.start()


@requirement("proc.consoleSize.width")
def test_a_consolesize_without_width_is_an_error(config, container, another, console):
    config["process"] |= {"terminal": True, "consoleSize": {"height": 33, "width": 101}}
    another().create(options=console.options)

    del config["process"]["consoleSize"]["width"]

    with generates_an_error():
        container.create(options=console.options)
        container.start()
