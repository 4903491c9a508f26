"""config-linux.md#configLinuxPersonality"""

import os

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import faults

#: What a 32-bit program is told of a 64-bit processor.
OF_32_BITS = {"x86_64": {"i686"}, "aarch64": {"armv7l", "armv8l"}}
MACHINE, PERSONALITY = "machine", "read /proc/self/personality"
LINUX, LINUX32 = "00000000", "00000008"


@pytest.fixture
def names_of_32_bits():
    native = os.uname().machine
    if native not in OF_32_BITS:
        raise faults.not_on_this_host(f"a processor whose 32-bit name is known: {native} is none")
    return OF_32_BITS[native]


def stripped(text):
    return (text or "").strip()


@requirement("personality.LINUX32")
def test_a_linux32_program_is_told_a_32_bit_processor(config, container, names_of_32_bits):
    config["linux"]["personality"] = {"domain": "LINUX32"}

    assert container.run(MACHINE).answers[MACHINE] in names_of_32_bits


@requirement("personality.LINUX32")
def test_the_kernel_tells_of_the_personality_on_either_side(config, container):
    """Of the program of a user without privilege, and of its child."""
    config["process"] |= {"user": {"uid": 1000, "gid": 1000}, "capabilities": {}}
    config["linux"]["personality"] = {"domain": "LINUX32", "flags": []}
    container.create("listen")
    container.start()

    _, child = container.ask("spawn")
    of_the_child = container.ask(f"read /proc/{child}/personality")[1]
    on_the_host = (container.process / "personality").read_text()

    assert (stripped(of_the_child), stripped(on_the_host)) == (LINUX32, LINUX32)


@requirement("personality.LINUX")
def test_a_linux_program_has_the_usual_personality_whatever_the_caller_has(config, container, linux32_caller):
    config["linux"]["personality"] = {"domain": "LINUX"}

    answers = container.run(MACHINE, PERSONALITY).answers

    assert (answers[MACHINE], stripped(answers[PERSONALITY])) == (linux32_caller, LINUX)


@requirement("personality.domain.required")
def test_a_personality_without_a_domain_is_an_error(config, container, another):
    config["linux"]["personality"] = {"domain": "LINUX", "flags": []}
    another().create()
    del config["linux"]["personality"]["domain"]

    with generates_an_error():
        container.create()


@requirement("personality.domain.unknown")
@pytest.mark.parametrize("domain", ["SVR4", "PER_LINUX32", "linux32", ""])
def test_a_domain_that_is_none_is_an_error(domain, config, container, another):
    config["linux"]["personality"] = {"domain": "LINUX32"}
    another().create()
    config["linux"]["personality"]["domain"] = domain

    with generates_an_error():
        container.create()


@requirement("personality.flags.none")
@pytest.mark.parametrize("flag", ["ADDR_NO_RANDOMIZE", "READ_IMPLIES_EXEC", "SHELF", ""])
def test_a_flag_is_an_error(flag, config, container, another):
    """None is supported, not even one that the kernel has."""
    config["linux"]["personality"] = {"domain": "LINUX", "flags": []}
    another().create()
    config["linux"]["personality"]["flags"] = [flag]

    with generates_an_error():
        container.create()
