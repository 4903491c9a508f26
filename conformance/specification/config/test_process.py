"""config.md#configProcess"""

import pexpect.fdpexpect

from conformance import requirement


@requirement("proc.terminal.true")
def test_a_program_with_a_terminal_can_be_talked_to(config, container, console):
    config["process"]["terminal"] = True
    container.create("listen", options=console.options)
    container.start()

    person = pexpect.fdpexpect.fdspawn(console.terminal, timeout=container.runtime.timeout)
    person.expect("ready")
    person.sendline("say good%20morning")

    person.expect('"value": "good morning"')
