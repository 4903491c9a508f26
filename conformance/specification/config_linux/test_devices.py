"""config-linux.md#configLinuxDevices"""

import os
import stat

import pytest

from conformance import eventually, generates_an_error, or_an_error, requirement
from conformance.harness import device_nodes
from conformance.harness.device_nodes import kind_and_numbers

#: Numbers that are set aside for experiments: nothing is behind them, on any host.
CHARACTER = {"path": "/dev/quill", "type": "c", "major": 60, "minor": 1}
BLOCK = {"path": "/dev/slate", "type": "b", "major": 61, "minor": 2}
PIPE = {"path": "/dev/flute", "type": "p"}
#: Which devices may be used is another section's matter.
EVERYTHING = {"allow": True, "access": "rwm"}
#: Type → how `stat` calls it.
KINDS = {"c": "character", "u": "character", "b": "block", "p": "fifo"}


def looks(device):
    """The command that looks at a device, by whatever way it was supplied: links are followed."""
    return f"stat {device['path']}"


def asked_for(device):
    return (KINDS[device["type"]], *(device[name] for name in ("major", "minor") if name in device))


def seen(report, *devices):
    """Path → kind and numbers, of the devices in the container."""
    return {device["path"]: kind_and_numbers(report.answers[looks(device)]) for device in devices}


# --- available -------------------------------------------------------------------------------------------------------


@requirement("dev.available")
@pytest.mark.parametrize("readonly", [False, True], ids=["writable root", "read-only root"])
def test_every_listed_device_is_there(readonly, config, container):
    config["root"]["readonly"] = readonly
    listed = [CHARACTER, BLOCK, PIPE, CHARACTER | {"path": "/dev/ink/quill", "minor": 3}]
    config["linux"]["devices"] = listed

    report = container.run(*map(looks, listed))

    assert seen(report, *listed) == {device["path"]: asked_for(device) for device in listed}


@requirement("dev.available")
def test_the_device_behind_a_node_can_be_used(config, container):
    config["linux"]["resources"]["devices"] = [EVERYTHING]
    config["linux"]["devices"] = [{"path": "/dev/blank", "type": "c", "major": 1, "minor": 5}]

    report = container.run("head /dev/blank 4", "write /dev/blank")

    assert report.attempts == {"head /dev/blank 4": None, "write /dev/blank": None}
    assert report.answers["head /dev/blank 4"] == "\0\0\0\0"


@requirement("dev.available")
def test_one_device_may_have_two_names(config, container):
    listed = [CHARACTER, CHARACTER | {"path": "/dev/pen"}]
    config["linux"]["devices"] = listed

    report = container.run(*map(looks, listed))

    assert seen(report, *listed) == {device["path"]: asked_for(CHARACTER) for device in listed}


@requirement("dev.available")
def test_a_dev_of_the_root_file_system_gets_the_devices(config, container):
    config["mounts"] = [mount for mount in config["mounts"] if not mount["destination"].startswith("/dev")]
    config["linux"]["devices"] = [CHARACTER, BLOCK]

    report = container.run(looks(CHARACTER), looks(BLOCK))

    assert seen(report, CHARACTER, BLOCK) == {device["path"]: asked_for(device) for device in (CHARACTER, BLOCK)}


@requirement("dev.available")
def test_a_device_is_there_though_the_container_may_not_make_a_node_of_it(config, container, experiments):
    number = {name: CHARACTER[name] for name in ("type", "major", "minor")}
    config["linux"]["resources"]["devices"] = [EVERYTHING, {"allow": False, **number, "access": "m"}]
    config["linux"]["devices"] = [CHARACTER]

    report = container.run(looks(CHARACTER), "mknod /tmp/quill c 60 1", "mknod /tmp/pen c 60 2")

    assert seen(report, CHARACTER) == {"/dev/quill": asked_for(CHARACTER)}
    assert (report.attempts["mknod /tmp/quill c 60 1"], report.attempts["mknod /tmp/pen c 60 2"]) == ("EPERM", None)


@pytest.fixture
def in_a_user_namespace(config, rootfs):
    """The container's root is nobody's on the host; the bundle's files are its own."""
    mapping = {"containerID": 0, "hostID": 100000, "size": 65536}
    config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}
    os.chown(rootfs, 100000, 100000)


@requirement("dev.available")
def test_a_device_is_there_and_can_be_used_in_a_user_namespace(config, container, in_a_user_namespace):
    """Where nobody can make a device, not even the container's root, it has to come from outside."""
    config["linux"]["resources"]["devices"] = [EVERYTHING]
    full = {"path": "/dev/full", "type": "c", "major": 1, "minor": 7}
    config["linux"]["devices"] = [full]

    report = container.run(looks(full), "head /dev/full 4")

    assert (seen(report, full), report.answers["head /dev/full 4"]) == ({"/dev/full": asked_for(full)}, "\0\0\0\0")


@requirement("dev.available")
def test_a_device_that_the_host_has_no_node_of_is_there_in_a_user_namespace(config, container, in_a_user_namespace):
    config["linux"]["devices"] = [CHARACTER, BLOCK]

    report = container.run(looks(CHARACTER), looks(BLOCK))

    assert seen(report, CHARACTER, BLOCK) == {device["path"]: asked_for(device) for device in (CHARACTER, BLOCK)}


# --- type ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", [pytest.param(type, marks=requirement(f"dev.type.{type}")) for type in KINDS])
def test_a_device_is_of_its_type(type, config, container):
    device = PIPE if type == "p" else CHARACTER | {"type": type}
    config["linux"]["devices"] = [device]

    report = container.run(looks(device))

    assert seen(report, device) == {device["path"]: asked_for(device)}


def plays(pipe, tune):
    """Whether there was somebody to read what is written into a pipe."""
    try:
        descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    os.write(descriptor, tune)
    os.close(descriptor)
    return True


@requirement("dev.type.p")
def test_a_pipe_is_read_as_it_is_written(config, container, same_kernel):
    config["linux"]["devices"] = [PIPE | {"fileMode": 0o600}]
    container.create("read /dev/flute")
    container.start()

    flute = container.process / "root/dev/flute"

    # Its reader waits for a writer; a writer should not wait for a reader who never comes.
    eventually(lambda: plays(flute, b"a tune"), "a reader of the pipe", container.runtime)

    assert container.report().answers == {"read /dev/flute": "a tune"}


@requirement("dev.type.unknown")
@pytest.mark.parametrize("type", ["a", "d", "x", "cc", "C"])
def test_a_device_of_an_unknown_type_is_an_error(type, config, container, another):
    config["linux"]["devices"] = [CHARACTER]
    another().create()
    config["linux"]["devices"] = [CHARACTER | {"type": type}]

    with generates_an_error():
        container.create()


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("type", marks=requirement("dev.type.required"), id="type"),
        pytest.param("path", marks=requirement("dev.path.required"), id="path"),
        pytest.param("major", marks=requirement("dev.majmin.required"), id="major"),
        pytest.param("minor", marks=requirement("dev.majmin.required"), id="minor"),
    ],
)
def test_a_device_that_is_not_whole_is_an_error(member, config, container, another):
    config["linux"]["devices"] = [CHARACTER]
    another().create()
    config["linux"]["devices"] = [{name: value for name, value in CHARACTER.items() if name != member}]

    with generates_an_error():
        container.create()


# --- path ------------------------------------------------------------------------------------------------------------


@requirement("dev.path.full")
def test_a_relative_path_is_an_error(config, container, another):
    config["linux"]["devices"] = [CHARACTER]
    another().create()
    config["linux"]["devices"] = [CHARACTER | {"path": "dev/quill"}]

    with generates_an_error():
        container.create()


@requirement("dev.path.anywhere")
@pytest.mark.parametrize("path", ["/quill", "/tmp/quill", "/desk/drawer/quill"])
def test_a_device_may_lie_anywhere(path, config, container):
    device = CHARACTER | {"path": path}
    config["linux"]["devices"] = [device]

    report = container.run(looks(device))

    assert seen(report, device) == {path: asked_for(device)}


@requirement("dev.path.anywhere")
def test_a_link_on_the_way_leads_to_a_place_inside(config, container, canary, rootfs):
    """On the host, too, there is something under the name that it has."""
    (rootfs / str(canary.path).lstrip("/") / "cage").mkdir(parents=True)
    (rootfs / "desk").symlink_to(canary.path)
    device = CHARACTER | {"path": "/desk/cage/quill"}
    config["linux"]["devices"] = [device]
    inside = f"stat {canary.path}/cage/quill"

    # To refuse such a root file system is to stay inside as well.
    found = or_an_error(lambda: kind_and_numbers(container.run(inside).answers[inside]))

    assert (found in (asked_for(device), "an error"), canary.harmed) == (True, [])


#: What may be found in place of c 60:1 → how it is made.
OTHERS = {
    **device_nodes.IN_THE_WAY,
    "link to a file": lambda path: path.symlink_to("/probe"),
    "another major": lambda path: device_nodes.make(path, device_nodes.CHARACTER, (61, 1)),
    "another minor": lambda path: device_nodes.make(path, device_nodes.CHARACTER, (60, 2)),
    "block device": lambda path: device_nodes.make(path, device_nodes.BLOCK, (60, 1)),
}


@pytest.fixture
def desk(config, rootfs):
    """A device that is to be made in a directory of the root file system, where something may lie already."""
    (rootfs / "dev/desk").mkdir(parents=True)
    config["mounts"] = [mount for mount in config["mounts"] if not mount["destination"].startswith("/dev")]
    config["linux"]["devices"] = [CHARACTER | {"path": "/dev/desk/quill"}]
    return rootfs / "dev/desk"


@requirement("dev.path.mismatch-error")
@pytest.mark.parametrize("other", OTHERS)
def test_something_else_in_its_place_is_an_error(other, container, another, desk):
    another().create()
    (desk / "quill").unlink(missing_ok=True)  # the twin's device, where it still is
    OTHERS[other](desk / "quill")

    with generates_an_error():
        container.create()


@requirement("dev.path.mismatch-error")
def test_something_else_in_place_of_a_pipe_is_an_error(config, container, another, desk):
    config["linux"]["devices"] = [{"path": "/dev/desk/flute", "type": "p"}]
    another().create()
    (desk / "flute").unlink(missing_ok=True)
    (desk / "flute").touch()

    with generates_an_error():
        container.create()


@requirement("dev.path.mismatch-error")
def test_two_devices_at_one_path_are_an_error(config, container, another):
    second = CHARACTER | {"minor": 2}
    config["linux"]["devices"] = [CHARACTER, second | {"path": "/dev/pen"}]
    another().create()
    config["linux"]["devices"] = [CHARACTER, second]

    with generates_an_error():
        container.create()


@requirement("dev.path.match-ok")
@pytest.mark.parametrize(
    ("device", "kind"), [(CHARACTER, stat.S_IFCHR), (BLOCK, stat.S_IFBLK), (PIPE, stat.S_IFIFO)], ids=["c", "b", "p"]
)
def test_the_very_device_in_its_place_is_no_obstacle(device, kind, config, container, desk):
    device = device | {"path": "/dev/desk/found"}
    config["linux"]["devices"] = [device]
    device_nodes.make(desk / "found", kind, (device.get("major", 0), device.get("minor", 0)))

    report = container.run(looks(device))

    assert seen(report, device) == {device["path"]: asked_for(device)}


# --- numbers ---------------------------------------------------------------------------------------------------------


@requirement("dev.majmin.pipe")
def test_a_pipe_needs_no_numbers(config, container):
    config["linux"]["devices"] = [PIPE]

    report = container.run(looks(PIPE))

    assert seen(report, PIPE) == {"/dev/flute": ("fifo",)}


@requirement("dev.majmin.applied")
@pytest.mark.parametrize(("major", "minor"), [(60, 0), (60, 1), (241, 300), (511, 1048575), (4095, 65536)])
def test_a_device_has_its_numbers(major, minor, config, container):
    """A number may need more than the 8 bits that were once enough."""
    device = CHARACTER | {"major": major, "minor": minor}
    config["linux"]["devices"] = [device]

    report = container.run(looks(device))

    assert seen(report, device) == {device["path"]: asked_for(device)}


@requirement("dev.majmin.impossible")
@pytest.mark.parametrize(("major", "minor"), [(-1, 1), (60, -1), (4096, 1), (60, 1048576)])
def test_numbers_that_no_device_has_are_an_error(major, minor, config, container, another):
    config["linux"]["devices"] = [CHARACTER]
    another().create()
    config["linux"]["devices"] = [CHARACTER | {"major": major, "minor": minor}]

    with generates_an_error():
        container.create()
