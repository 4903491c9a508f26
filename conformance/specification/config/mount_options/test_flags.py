"""config.md#configLinuxMountOptions: what can be forbidden on a mount, and allowed again"""

import pytest

from conformance import requirement
from conformance.harness.mount_flags import FLAGS, leave_it_to_the_flags

pytestmark = pytest.mark.usefixtures("program")

SETTING = [pytest.param(name, marks=requirement(f"mntopt.{name}"), id=name) for name in FLAGS]
CLEARING = [
    pytest.param(name, marks=requirement(f"mntopt.{flag.clearing}"), id=flag.clearing) for name, flag in FLAGS.items()
]


@pytest.fixture
def config(config):
    leave_it_to_the_flags(config)
    return config


def new(destination: str, *options: str) -> dict[str, object]:
    return {"destination": destination, "type": "tmpfs", "source": "shelf", "options": list(options)}


def bound(tree, destination: str, *options: str) -> dict[str, object]:
    return {"destination": destination, "source": str(tree.path), "options": list(options)}


@pytest.mark.parametrize("option", SETTING)
def test_a_new_file_system_has_the_flag(config, container, option):
    flag = FLAGS[option]
    config["mounts"] += [new("/marked", option), new("/plain")]

    report = container.run(*flag.ask("/marked", "/plain"))

    assert flag.seen(report, "/marked", "/plain") == {"/marked": flag.forbidden, "/plain": flag.allowed}


@pytest.mark.parametrize("option", SETTING)
def test_a_bind_mount_has_the_flag_and_its_source_has_not(config, container, tree, option):
    flag = FLAGS[option]
    config["mounts"] += [bound(tree, "/marked", "bind", option), bound(tree, "/plain", "bind")]

    report = container.run(*flag.ask("/marked", "/plain"))

    assert flag.seen(report, "/marked", "/plain") == {"/marked": flag.forbidden, "/plain": flag.allowed}


@pytest.mark.parametrize("option", SETTING)
def test_the_flag_is_for_one_mount_and_not_for_those_below(config, container, tree, option):
    flag = FLAGS[option]
    config["mounts"] += [bound(tree, "/marked", "rbind", option)]

    report = container.run(*flag.ask("/marked", "/marked/box"))

    assert flag.seen(report, "/marked", "/marked/box") == {"/marked": flag.forbidden, "/marked/box": flag.allowed}


@pytest.mark.parametrize("option", SETTING)
def test_it_holds_when_it_comes_after_its_opposite(config, container, option):
    flag = FLAGS[option]
    config["mounts"] += [new("/marked", flag.clearing, option), new("/plain", option, flag.clearing)]

    report = container.run(*flag.ask("/marked", "/plain"))

    assert flag.seen(report, "/marked", "/plain") == {"/marked": flag.forbidden, "/plain": flag.allowed}


@pytest.mark.parametrize("option", CLEARING)
def test_it_undoes_an_option_before_it_and_does_no_harm_alone(config, container, option):
    flag = FLAGS[option]
    config["mounts"] += [new("/undone", option, flag.clearing), new("/alone", flag.clearing), new("/marked", option)]

    report = container.run(*flag.ask("/undone", "/alone", "/marked"))

    seen = flag.seen(report, "/undone", "/alone", "/marked")
    assert seen == {"/undone": flag.allowed, "/alone": flag.allowed, "/marked": flag.forbidden}


@pytest.mark.parametrize("option", CLEARING)
def test_a_bind_mount_is_free_of_its_sources_flag(config, container, tree, option):
    flag = FLAGS[option]
    tree.give(option)
    config["mounts"] += [bound(tree, "/shelf", "bind", flag.clearing)]

    report = container.run(*flag.ask("/shelf"))

    assert flag.seen(report, "/shelf") == {"/shelf": flag.allowed}
    assert option in tree.mountpoints[""]
