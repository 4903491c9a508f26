"""config.md#configPOSIXUser"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance import generates_an_error, or_an_error, requirement


@pytest.mark.parametrize(
    "member", [pytest.param(name, marks=requirement(f"user.{name}.required"), id=name) for name in ("uid", "gid")]
)
def test_a_user_that_is_not_whole_is_an_error(config, container, another, member):
    config["process"]["user"] = {"uid": 1000, "gid": 1001}
    another().create()

    del config["process"]["user"][member]

    with generates_an_error():
        container.create()
        container.start()


@pytest.mark.parametrize(
    "member", [pytest.param(name, marks=requirement(f"user.{name}.applied"), id=name) for name in ("uid", "gid")]
)
def test_the_program_runs_as_user_and_group(config, container, member):
    config["process"]["user"] = {"uid": 4321, "gid": 1234}

    facts = container.run().facts

    assert {"uid": facts.uid, "gid": facts.gid}[member] == [config["process"]["user"][member]] * 3


@pytest.mark.parametrize(
    "member", [pytest.param(name, marks=requirement(f"user.{name}.applied"), id=name) for name in ("uid", "gid")]
)
def test_a_number_that_only_the_kernel_has_is_not_turned_into_another(config, container, member):
    """A runtime may do without such numbers, and has to say so."""
    config["process"]["user"] = {"uid": 4_294_967_290, "gid": 3_000_000_000}

    seen = or_an_error(lambda: getattr(container.run().facts, member))

    assert seen in ([config["process"]["user"][member]] * 3, "an error")


@requirement("user.uid.applied")
def test_what_the_program_makes_is_the_users(config, container, rootfs):
    config["process"]["user"] = {"uid": 4321, "gid": 1234}
    (rootfs / "tmp" / "sealed").touch(0o600)

    seen = container.run("write /tmp/note", "stat /tmp/note", "open /tmp/sealed")
    made = seen.answers["stat /tmp/note"] or {}

    assert (made.get("uid"), made.get("gid")) == (4321, 1234)
    assert seen.attempts["open /tmp/sealed"] == "EACCES"


@requirement("user.umask")
@pytest.mark.parametrize("umask", [0, 63, 23], ids=oct)
def test_the_umask_is_set(config, container, umask):
    config["process"]["user"]["umask"] = umask

    assert container.run().facts.umask == umask


@contextmanager
def calling_with(umask: int) -> Iterator[None]:
    before = os.umask(umask)
    try:
        yield
    finally:
        os.umask(before)


@requirement("user.umask.unset")
@pytest.mark.parametrize("umask", [0o27, 0o77], ids=oct)
def test_without_umask_the_callers_stays(config, container, umask):
    with calling_with(umask):
        container.create("say done")
        container.start()

    assert container.report().facts.umask == umask


@requirement("user.additionalGids")
def test_the_program_is_in_the_additional_groups(config, container):
    """Beside them it may be in its own group, and in those of the caller, to which they are added."""
    config["process"]["user"] = {"uid": 1000, "gid": 1001, "additionalGids": [4711, 5, 60000]}

    groups = set(container.run().facts.groups)

    assert groups - {1001} - set(os.getgroups()).difference([5]) == {5, 4711, 60000}


@requirement("user.additionalGids")
def test_an_additional_group_gives_its_access(config, container, rootfs):
    for name, group in (("of-the-group", 4711), ("of-another", 4712)):
        (rootfs / "tmp" / name).touch(0o640)
        os.chown(rootfs / "tmp" / name, 0, group)
    config["process"]["user"] = {"uid": 1000, "gid": 1001, "additionalGids": [4711]}

    attempts = container.run("open /tmp/of-the-group", "open /tmp/of-another").attempts

    assert attempts == {"open /tmp/of-the-group": None, "open /tmp/of-another": "EACCES"}


@requirement("user.numeric-only")
def test_ids_are_numbers_whatever_the_users_are_called(config, container, rootfs):
    """Here users and groups have numbers for names, and belong to further groups."""
    (rootfs / "etc" / "passwd").write_text("1000:x:77:78::/:/bin/sh\nreader:x:1000:79::/:/bin/sh\n")
    (rootfs / "etc" / "group").write_text("1001:x:80:reader,1000\n4711:x:81:\nreaders:x:82:reader\n")
    config["process"]["user"] = {"uid": 1000, "gid": 1001, "additionalGids": [4711]}

    facts = container.run().facts

    assert (facts.uid[0], facts.gid[0], set(facts.groups) & {77, 78, 79, 80, 81, 82}) == (1000, 1001, set())
