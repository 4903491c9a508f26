"""config-linux.md#configLinuxDevices: mode and owner"""

import os
import stat

import pytest

from conformance import or_an_error, requirement

#: Numbers that are set aside for experiments: nothing is behind them, on any host.
CHARACTER = {"path": "/dev/quill", "type": "c", "major": 60, "minor": 1}
PIPE = {"path": "/dev/quill", "type": "p"}
LOOK = "stat /dev/quill"


def member(report, name):
    """One member of what `stat` told of the device."""
    return (report.answers[LOOK] or {}).get(name)


@requirement("dev.fileMode")
@pytest.mark.parametrize("mode", [0o640, 0o666, 0o777, 0])
@pytest.mark.parametrize("device", [CHARACTER, PIPE], ids=["device", "pipe"])
def test_a_device_has_its_mode_whatever_the_umask(device, mode, config, container):
    config["linux"]["devices"] = [device | {"fileMode": mode}]

    report = container.run(LOOK)

    assert member(report, "mode") == f"{mode:04o}"


@requirement("dev.fileMode")
def test_a_device_that_is_there_already_has_the_mode_or_is_refused(config, container, rootfs):
    config["mounts"] = [mount for mount in config["mounts"] if not mount["destination"].startswith("/dev")]
    os.mknod(rootfs / "dev/quill", stat.S_IFCHR | 0o600, os.makedev(60, 1))
    config["linux"]["devices"] = [CHARACTER | {"fileMode": 0o640}]

    mode = or_an_error(lambda: member(container.run(LOOK), "mode"))

    assert mode in ("0640", "an error")


@requirement("dev.fileMode.decimal")
@pytest.mark.parametrize(("number", "mode"), [(438, "0666"), (432, "0660"), (644, "1204")])
def test_a_mode_is_a_number_like_any_other(number, mode, config, container):
    config["linux"]["devices"] = [CHARACTER | {"fileMode": number}]

    report = container.run(LOOK)

    assert member(report, "mode") == mode


@pytest.mark.parametrize("name", [pytest.param(name, marks=requirement(f"dev.{name}")) for name in ("uid", "gid")])
@pytest.mark.parametrize("device", [CHARACTER, PIPE], ids=["device", "pipe"])
def test_a_device_has_its_owner_and_its_group(device, name, config, container):
    owner = {"uid": 1000, "gid": 1000, name: 1007}
    config["linux"]["devices"] = [device | owner]

    report = container.run(LOOK)

    assert {each: member(report, each) for each in owner} == owner


@pytest.mark.parametrize("path", ["/dev/full", "/dev/quill"])
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=requirement(f"dev.{name}.namespace")) for name in ("uid", "gid")]
)
def test_owner_and_group_are_those_of_the_containers_user_namespace(name, path, config, container, rootfs):
    """Of a device of which the host has a node under the same path, too."""
    mapping = {"containerID": 0, "hostID": 100000, "size": 65536}
    config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}
    os.chown(rootfs, 100000, 100000)
    config["linux"]["devices"] = [{"path": path, "type": "c", "major": 1, "minor": 7, name: 1007}]

    answer = container.run(f"stat {path}").answers[f"stat {path}"] or {}

    assert (answer.get("kind"), answer.get("minor"), answer.get(name)) == ("character", 7, 1007)
