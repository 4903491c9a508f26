"""config.md#configLinuxProcess: capabilities

What a program has is what execve(2) made of the lists, so each list is looked at where the kernel keeps it: for root
with noNewPrivileges the permitted set stays what it was and the effective one becomes equal to it; for any other
user both become the ambient set. See "Transformation of capabilities during execve()" in capabilities(7).
"""

import os
from pathlib import Path
from typing import Any

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import host
from conformance.harness.capabilities import NAMES

#: The specification's name of a set → the kernel's, in /proc/PID/status.
SETS = {"effective": "Eff", "bounding": "Bnd", "inheritable": "Inh", "permitted": "Prm", "ambient": "Amb"}
#: What each set holds after the execve of a program by a user who is not root, all five told apart as far as may be.
OF_A_USER = {
    "bounding": ["CAP_CHOWN", "CAP_FOWNER", "CAP_KILL", "CAP_SETFCAP"],
    "inheritable": ["CAP_CHOWN", "CAP_FOWNER", "CAP_KILL"],
    "permitted": ["CAP_CHOWN", "CAP_KILL"],
    "effective": ["CAP_CHOWN", "CAP_KILL"],
    "ambient": ["CAP_CHOWN", "CAP_KILL"],
}
OF_ROOT = {
    "bounding": ["CAP_CHOWN", "CAP_FOWNER", "CAP_MKNOD", "CAP_SETUID"],
    "inheritable": ["CAP_MKNOD"],
    "permitted": ["CAP_CHOWN", "CAP_MKNOD"],
    "effective": ["CAP_CHOWN", "CAP_MKNOD"],
    "ambient": [],
}


def mask(names: list[str]) -> int:
    return sum(1 << NAMES.index(name) for name in names)


def of_a_program(*names: str) -> dict[str, list[str]]:
    """What root needs in order to use these, and no others."""
    return {kind: list(names) for kind in ("bounding", "permitted", "effective")}


def each_set(requirement_id: str) -> pytest.MarkDecorator:
    marks = [pytest.param(name, marks=requirement(requirement_id.format(name)), id=name) for name in SETS]
    return pytest.mark.parametrize("kind", marks)


@each_set("caps.{}")
def test_root_has_exactly_the_listed_capabilities(config, container, kind):
    config["process"] |= {"noNewPrivileges": True, "capabilities": OF_ROOT}

    assert container.run().facts.capabilities(SETS[kind]) == mask(OF_ROOT[kind])


@each_set("caps.{}")
def test_a_user_has_exactly_the_listed_capabilities(config, container, kind):
    config["process"] |= {"user": {"uid": 1000, "gid": 1000}, "capabilities": OF_A_USER}

    assert container.run().facts.capabilities(SETS[kind]) == mask(OF_A_USER[kind])


#: What a set needs beside it in order to be empty, by the kernel's rules, while others are not.
BESIDE_AN_EMPTY = {
    "effective": {"bounding": ["CAP_CHOWN", "CAP_KILL"], "permitted": [], "inheritable": []},
    "permitted": {"bounding": ["CAP_CHOWN", "CAP_KILL"], "effective": [], "inheritable": []},
    "bounding": {"permitted": ["CAP_CHOWN"], "effective": ["CAP_CHOWN"], "inheritable": []},
    "inheritable": {"bounding": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"], "effective": ["CAP_CHOWN"]},
    "ambient": {"bounding": ["CAP_KILL"], "inheritable": ["CAP_KILL"], "permitted": ["CAP_KILL"]},
}


@each_set("caps.{}.empty")
@pytest.mark.parametrize("empty", [True, False], ids=["empty", "missing"])
def test_a_set_without_a_list_is_empty(config, container, kind, empty):
    capabilities: dict[str, Any] = dict(BESIDE_AN_EMPTY[kind])
    if empty:
        capabilities[kind] = []
    config["process"] |= {"noNewPrivileges": True, "capabilities": capabilities}
    if kind == "ambient":
        config["process"]["user"] = {"uid": 1000, "gid": 1000}

    assert container.run().facts.capabilities(SETS[kind]) == 0


#: Capability → an attempt that only it allows to root, and one that needs none.
DEEDS = {
    "CAP_CHOWN": ("chown /book 5 6", "chown /book 0 0"),
    "CAP_FOWNER": ("chmod /of-another 0600", "chmod /book 0600"),
    "CAP_SYS_CHROOT": ("chroot /tmp", "chdir /tmp"),
    "CAP_SETUID": ("setuid 7", "setuid 0"),
    "CAP_SETGID": ("setgid 7", "setgid 0"),
    "CAP_DAC_OVERRIDE": ("write /of-another x", "write /book x"),
}


@requirement("caps.effective")
@pytest.mark.parametrize("name", DEEDS)
def test_a_capability_that_is_listed_can_be_used(config, container, rootfs, name):
    with_books_in(rootfs)
    config["process"]["capabilities"] = of_a_program(name)
    deed, plain = DEEDS[name]

    assert container.run(plain, deed).attempts == {plain: None, deed: None}


@requirement("caps.effective.empty")
@pytest.mark.parametrize("name", DEEDS)
def test_a_capability_that_is_not_listed_cannot_be_used(config, container, rootfs, name):
    with_books_in(rootfs)
    others = [other for other in DEEDS if other != name]
    config["process"]["capabilities"] = of_a_program(*others)
    deed, plain = DEEDS[name]

    attempts = container.run(plain, deed).attempts

    assert attempts == {plain: None, deed: "EACCES" if name == "CAP_DAC_OVERRIDE" else "EPERM"}


def with_books_in(rootfs: Path) -> None:
    for name, owner in (("book", 0), ("of-another", 1000)):
        (rootfs / name).touch(0o600)
        os.chown(rootfs / name, owner, owner)


@requirement("caps.constants")
@pytest.mark.parametrize("first", [0, 1], ids=["even", "odd"])
def test_every_capability_of_the_kernel_can_be_given(config, container, first):
    """Every second one in turn, so that none is there by chance."""
    last = int(host.text("/proc/sys/kernel/cap_last_cap"))
    names = [
        name for number, name in enumerate(NAMES[: last + 1]) if number % 2 == first and host.has_capability(number)
    ]
    config["process"] |= {"noNewPrivileges": True, "capabilities": dict.fromkeys(SETS, names)}

    facts = container.run().facts

    assert {kind: facts.capabilities(SETS[kind]) for kind in SETS} == dict.fromkeys(SETS, mask(names))


@requirement("caps.unmappable-no-fail")
def test_a_capability_that_cannot_be_granted_is_no_error(config, container):
    config["process"]["capabilities"] = of_a_program("CAP_CHOWN", "CAP_READ_BOOKS")

    assert container.run().facts.capabilities("Eff") == mask(["CAP_CHOWN"])


@requirement("old.caps.unmappable-error")
def test_a_capability_that_the_kernel_does_not_know_is_an_error(config, container, another):
    config["process"]["capabilities"] = of_a_program("CAP_CHOWN")
    another().create()

    config["process"]["capabilities"] = of_a_program("CAP_READ_BOOKS")

    with generates_an_error():
        container.create()
        container.start()
