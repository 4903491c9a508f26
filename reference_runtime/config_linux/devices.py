"""config-linux.md#configLinuxDevices"""

from __future__ import annotations

import os
import stat

from .. import errors
from ..kernel import files, mounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Device

#: On Linux `u`, an unbuffered character device, is a character device like any other.
TYPES = {"c": stat.S_IFCHR, "u": stat.S_IFCHR, "b": stat.S_IFBLK, "p": stat.S_IFIFO}


def check(config: Config) -> None:
    for device in listed(config):
        refuse_no_numbers(device)
        refuse_relative_path(device)


def refuse_no_numbers(device: Device) -> None:
    """Only a pipe does without major and minor."""
    for name in ("major", "minor"):
        if device["type"] != "p" and name not in device:
            raise errors.InvalidConfig("linux.devices", f"{device['path']}: {name} is missing")


def refuse_relative_path(device: Device) -> None:
    if not device["path"].startswith("/"):
        raise errors.InvalidConfig("linux.devices", f"{device['path']!r} is not a full path")


def listed(config: Config) -> list[Device]:
    return config.get("linux", {}).get("devices", [])


def make_all(root: files.Root, config: Config) -> None:
    for device in listed(config):
        make(root, device)


def make(root: files.Root, device: Device) -> None:
    """The node, with its owner and mode; what is there already has to be that very device."""
    parent = root.make_directory(os.path.dirname(device["path"]))
    name = os.path.basename(device["path"])
    try:
        make_node(root, parent, name, device)
    except FileExistsError:
        refuse_mismatch(os.stat(name, dir_fd=parent, follow_symlinks=False), device)
    finally:
        os.close(parent)


def make_node(root: files.Root, parent: int, name: str, device: Device) -> None:
    try:
        root.make_node(parent, name, TYPES[device["type"]] | 0o600, numbers(device))
    except PermissionError:
        # In a user namespace nobody may make a device, but everybody may bind the host's.
        bind_node(root, device)
        return
    give_looks(parent, name, device)


def give_looks(parent: int, name: str, device: Device) -> None:
    """Owner and mode, for the node itself: by its name, they might be given to what a link leads to."""
    node = os.open(name, files.O_PATH | os.O_NOFOLLOW, dir_fd=parent)
    refuse_mismatch(os.fstat(node), device)
    os.chown(files.link_of(node), device.get("uid", 0), device.get("gid", 0))
    os.chmod(files.link_of(node), mode(device))
    os.close(node)


def numbers(device: Device) -> int:
    return 0 if device["type"] == "p" else os.makedev(device.get("major", 0), device.get("minor", 0))


def mode(device: Device) -> int:
    """A number like any other in JSON: 438 is what C calls 0666."""
    return device.get("fileMode", 0o666)


def bind_node(root: files.Root, device: Device) -> None:
    """The node of the same name on the host, if it is the device that is asked for."""
    refuse_mismatch(os.stat(device["path"], follow_symlinks=False), device)
    tree = mounts.clone_tree(device["path"], recursive=False)
    place = root.make_file(device["path"])
    mounts.attach(tree, place, device["path"])
    os.close(place)
    os.close(tree)


def refuse_mismatch(found: os.stat_result, device: Device) -> None:
    if not is_device(found, device):
        raise errors.InvalidConfig("linux.devices", f"{device['path']} is there, and is not the device asked for")


def is_device(found: os.stat_result, device: Device) -> bool:
    same_type = stat.S_IFMT(found.st_mode) == TYPES[device["type"]]
    return same_type and (device["type"] == "p" or found.st_rdev == numbers(device))
