"""config.md#configLinuxMountOptions: times of access, as files are read on a mount"""

import pytest

from conformance import requirement
from conformance.harness import mount_flags

#: What the kernel does by default since 2.6.30; a text that only takes an option back does not say which it is.
DEFAULT = {"relatime"}
ANY_BUT_NONE = {"relatime", "strictatime"}


def on_a_new_file_system(*options: str, fine: set[str]):
    """For the requirement of the last option."""
    return pytest.param(options, fine, marks=requirement(f"mntopt.{options[-1]}"), id=",".join(options))


def on_a_bind_mount(option: str, *, source: str, fine: set[str]):
    return pytest.param(option, source, fine, marks=requirement(f"mntopt.{option}"), id=f"{option} of {source}")


@pytest.mark.parametrize(
    ("options", "fine"),
    [
        on_a_new_file_system("noatime", fine={"noatime"}),
        on_a_new_file_system("atime", "noatime", fine={"noatime"}),
        on_a_new_file_system("atime", fine=ANY_BUT_NONE),
        on_a_new_file_system("noatime", "atime", fine=ANY_BUT_NONE),
        on_a_new_file_system("nodiratime", fine={"relatime, nodiratime"}),
        on_a_new_file_system("diratime", "nodiratime", fine={"relatime, nodiratime"}),
        on_a_new_file_system("strictatime", "nodiratime", fine={"strictatime, nodiratime"}),
        on_a_new_file_system("diratime", fine=DEFAULT),
        on_a_new_file_system("nodiratime", "diratime", fine=DEFAULT),
        on_a_new_file_system("relatime", fine={"relatime"}),
        on_a_new_file_system("norelatime", fine=ANY_BUT_NONE),
        on_a_new_file_system("relatime", "norelatime", fine=ANY_BUT_NONE),
        on_a_new_file_system("strictatime", "norelatime", fine={"strictatime"}),
        on_a_new_file_system("strictatime", fine={"strictatime"}),
        on_a_new_file_system("nostrictatime", "strictatime", fine={"strictatime"}),
        on_a_new_file_system("nostrictatime", fine=DEFAULT),
        on_a_new_file_system("strictatime", "nostrictatime", fine=DEFAULT),
        on_a_new_file_system("noatime", "nostrictatime", fine={"noatime"}),
    ],
)
def test_a_new_file_system_keeps_times_as_asked(config, container, options, fine):
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "shelf", "options": list(options)}]

    report = container.run(*mount_flags.look_at_times("/shelf"))

    assert mount_flags.times(report, "/shelf") in fine


@pytest.mark.parametrize(
    ("option", "source", "fine"),
    [
        on_a_bind_mount("noatime", source="strictatime", fine={"noatime"}),
        on_a_bind_mount("nodiratime", source="relatime", fine={"relatime, nodiratime"}),
        on_a_bind_mount("relatime", source="noatime", fine={"relatime"}),
        on_a_bind_mount("relatime", source="strictatime", fine={"relatime"}),
        on_a_bind_mount("strictatime", source="relatime", fine={"strictatime"}),
        on_a_bind_mount("strictatime", source="noatime", fine={"strictatime"}),
    ],
)
def test_a_bind_mount_keeps_times_as_asked_and_not_as_its_source(config, container, tree, option, source, fine):
    tree.give(source)
    before = tree.mountpoints
    config["mounts"] += [{"destination": "/shelf", "source": str(tree.path), "options": ["bind", option]}]

    report = container.run(*mount_flags.look_at_times("/shelf"))

    assert mount_flags.times(report, "/shelf") in fine
    assert tree.mountpoints == before


@requirement("mntopt.times-of-bind")
@pytest.mark.parametrize(
    ("option", "source", "fine"),
    [
        ("atime", "noatime", ANY_BUT_NONE),
        ("diratime", "nodiratime", DEFAULT),
        ("nostrictatime", "strictatime", DEFAULT),
    ],
)
def test_a_bind_mount_does_not_take_over_what_its_options_take_back(config, container, tree, option, source, fine):
    tree.give(source)
    config["mounts"] += [{"destination": "/shelf", "source": str(tree.path), "options": ["bind", option]}]

    report = container.run(*mount_flags.look_at_times("/shelf"))

    assert mount_flags.times(report, "/shelf") in fine
