"""config-linux.md#configLinuxDefaultDevices"""

import os

import pytest

from conformance import or_an_error, requirement
from conformance.harness import device_nodes
from conformance.harness.device_nodes import kind_and_numbers
from conformance.harness.faults import OperationFailed

#: Device → its numbers.
NUMBERS = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
}
#: Device → what a program that is not root's can do with it.
BEHAVIOUR = {
    "null": {"write /dev/null": None, "head /dev/null 4": ""},
    "zero": {"write /dev/zero": None, "head /dev/zero 4": "\0\0\0\0"},
    "full": {"write /dev/full": "ENOSPC", "head /dev/full 4": "\0\0\0\0"},
    "random": {"open /dev/random": None},
    "urandom": {"open /dev/urandom": None},
    "tty": {"access /dev/tty 6": True},
}


def each_device(names=tuple(NUMBERS)):
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=requirement(f"defaultdev.{name}"), id=name) for name in names]
    )


def leaves_dev_to_the_root_file_system(config):
    config["mounts"] = [mount for mount in config["mounts"] if not mount["destination"].startswith("/dev")]


@each_device()
def test_an_empty_dev_gets_the_device(name, config, container):
    # Which devices may be used is another section's matter, and so is who may: the man pages give all of them to all.
    del config["linux"]["resources"]
    config["process"]["user"] = {"uid": 1000, "gid": 1000}

    report = container.run(f"stat /dev/{name}", *BEHAVIOUR[name])

    seen = {command: report.attempts[command] or report.answers[command] for command in BEHAVIOUR[name]}
    assert kind_and_numbers(report.answers[f"stat /dev/{name}"]) == ("character", *NUMBERS[name])
    assert seen == BEHAVIOUR[name]


@each_device()
def test_a_dev_of_the_root_file_system_gets_the_device(name, config, container):
    leaves_dev_to_the_root_file_system(config)

    report = container.run(f"stat /dev/{name}")

    assert kind_and_numbers(report.answers[f"stat /dev/{name}"]) == ("character", *NUMBERS[name])


#: What a root file system may have in place of c 1:5 → how it is made.
OTHERS = {
    **device_nodes.IN_THE_WAY,
    "another device": lambda path: device_nodes.make(path, device_nodes.CHARACTER, (1, 3)),
    "block device": lambda path: device_nodes.make(path, device_nodes.BLOCK, (1, 5)),
    "link to another device": lambda path: path.symlink_to("/dev/null"),
}


@requirement("defaultdev.zero")
@pytest.mark.parametrize("other", OTHERS)
def test_something_else_in_its_place_does_not_pass_for_the_device(other, config, container, rootfs):
    leaves_dev_to_the_root_file_system(config)
    OTHERS[other](rootfs / "dev" / "zero")

    # Both to make room for the device and to refuse the root file system keep the promise.
    seen = or_an_error(lambda: kind_and_numbers(container.run("stat /dev/zero").answers["stat /dev/zero"]))

    assert seen in (("character", 1, 5), "an error")


@requirement("defaultdev.null")
def test_a_link_in_place_of_one_device_does_no_harm_to_another(config, container, rootfs):
    leaves_dev_to_the_root_file_system(config)
    # Masks may be made of /dev/null, and could notice.
    del config["linux"]["maskedPaths"]
    (rootfs / "dev" / "zero").symlink_to("/dev/null")

    seen = or_an_error(lambda: kind_and_numbers(container.run("stat /dev/null").answers["stat /dev/null"]))

    assert seen in (("character", 1, 3), "an error")


@requirement("defaultdev.zero")
def test_the_very_device_in_its_place_is_no_obstacle(config, container, rootfs):
    leaves_dev_to_the_root_file_system(config)
    device_nodes.make(rootfs / "dev" / "zero", device_nodes.CHARACTER, (1, 5))

    report = container.run("stat /dev/zero")

    assert kind_and_numbers(report.answers["stat /dev/zero"]) == ("character", 1, 5)


@each_device()
def test_a_container_in_a_user_namespace_gets_the_device(name, config, container, rootfs):
    """Where nobody can make a device, it has to come from outside."""
    mapping = {"containerID": 0, "hostID": 100000, "size": 65536}
    config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}
    os.chown(rootfs, 100000, 100000)

    report = container.run(f"stat /dev/{name}")

    assert kind_and_numbers(report.answers[f"stat /dev/{name}"]) == ("character", *NUMBERS[name])


@pytest.fixture
def dev_leads_out(config, canary, rootfs):
    """A root file system whose /dev is a link: to the canary, for whoever sees it from the host."""
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] != "/dev"]
    (rootfs / str(canary.path).lstrip("/")).mkdir(parents=True)
    (rootfs / "dev").rmdir()
    (rootfs / "dev").symlink_to(canary.path)


@each_device(("zero",))
def test_a_dev_that_is_a_link_is_looked_up_inside(name, container, canary, dev_leads_out):
    """To refuse such a root file system is to stay inside as well."""
    seen = or_an_error(lambda: kind_and_numbers(container.run(f"stat /dev/{name}").answers[f"stat /dev/{name}"]))

    assert (seen, name in canary.harmed) in ((("character", *NUMBERS[name]), False), ("an error", False))


def multiplexer(container):
    """What it is, and whether it is that of the mount at /dev/pts."""
    answers = container.run("stat /dev/ptmx", "stat /dev/pts/ptmx").answers
    return [kind_and_numbers(answers["stat /dev/ptmx"]), answers["stat /dev/ptmx"] == answers["stat /dev/pts/ptmx"]]


@requirement("defaultdev.ptmx")
def test_the_multiplexer_is_made_inside_where_dev_is_a_link(container, canary, dev_leads_out):
    seen = or_an_error(lambda: multiplexer(container))

    assert (seen, "ptmx" in canary.harmed) in (([("character", 5, 2), True], False), ("an error", False))


@requirement("defaultdev.in-addition")
def test_listed_devices_do_not_take_the_place_of_the_default_ones(config, container):
    config["linux"]["devices"] = [{"path": "/dev/spare", "type": "c", "major": 10, "minor": 229, "fileMode": 0o600}]
    expected = {name: ("character", *numbers) for name, numbers in NUMBERS.items()}

    answers = container.run(*(f"stat /dev/{name}" for name in [*NUMBERS, "spare"])).answers

    seen = {name: kind_and_numbers(answers[f"stat /dev/{name}"]) for name in [*NUMBERS, "spare"]}
    assert seen == expected | {"spare": ("character", 10, 229)}


@requirement("defaultdev.console")
def test_the_console_is_the_terminal_of_the_program(config, container, console):
    config["process"]["terminal"] = True
    container.create("stat /proc/self/fd/0", "stat /dev/console", options=console.options)
    container.hears(console.terminal)
    container.start()

    report = container.report()

    mount = report.facts.mount_at("/dev/console")
    assert report.answers["stat /dev/console"] == report.answers["stat /proc/self/fd/0"]
    assert (mount and mount.type) == "devpts"


@pytest.mark.parametrize("dev", ["empty", "of the root file system"])
@requirement("defaultdev.ptmx")
def test_the_multiplexer_is_that_of_the_containers_own_terminals(dev, config, container):
    del config["linux"]["resources"]
    if dev != "empty":
        config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] != "/dev"]

    report = container.run("stat /dev/ptmx", "stat /dev/pts/ptmx", "openpty")

    ptmx = report.answers["stat /dev/ptmx"]
    assert kind_and_numbers(ptmx) == ("character", 5, 2)
    assert ptmx == report.answers["stat /dev/pts/ptmx"]
    # The first terminal of a devpts that nobody else has.
    assert report.answers["openpty"] == "/dev/pts/0"


#: What a root file system may have in place of the multiplexer → how it is made.
IN_PLACE_OF_PTMX = {
    "file": lambda path: path.touch(),
    "node of its own": lambda path: device_nodes.make(path, device_nodes.CHARACTER, (5, 2)),
    "link elsewhere": lambda path: path.symlink_to("null"),
}


@pytest.mark.parametrize("other", IN_PLACE_OF_PTMX)
@requirement("defaultdev.ptmx")
def test_something_else_in_its_place_does_not_pass_for_the_multiplexer(other, config, container, rootfs):
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] != "/dev"]
    IN_PLACE_OF_PTMX[other](rootfs / "dev" / "ptmx")

    # To refuse the root file system keeps the promise, too.
    seen = or_an_error(lambda: multiplexer(container))

    assert seen in ([("character", 5, 2), True], "an error")


#: What a root file system may have in place of the console → how it is made.
IN_PLACE_OF_CONSOLE = {
    "file": lambda path: path.touch(),
    "device": lambda path: device_nodes.make(path, device_nodes.CHARACTER, (5, 1)),
    "link to another device": lambda path: path.symlink_to("/dev/null"),
}


@pytest.mark.parametrize("other", IN_PLACE_OF_CONSOLE)
@requirement("defaultdev.console")
def test_something_else_in_its_place_does_not_pass_for_the_console(other, config, container, console, rootfs):
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] != "/dev"]
    IN_PLACE_OF_CONSOLE[other](rootfs / "dev" / "console")
    config["process"]["terminal"] = True
    # Masks may be made of /dev/null, and could notice.
    del config["linux"]["maskedPaths"]

    # To refuse the root file system keeps the promise, too.
    try:
        container.create("stat /proc/self/fd/0", "stat /dev/console", "stat /dev/null", options=console.options)
        container.hears(console.terminal)
        container.start()
        answers = container.report().answers
        seen = [answers["stat /dev/console"] == answers["stat /proc/self/fd/0"]]
        seen += [kind_and_numbers(answers["stat /dev/null"])]
    except OperationFailed:
        seen = "refused"

    assert seen in ([True, ("character", 1, 3)], "refused")
