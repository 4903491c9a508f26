"""config-linux.md#configLinuxDevices"""

from __future__ import annotations

import os
import stat

from .. import errors
from ..kernel import files, mounts, namespaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Device

#: On Linux `u`, an unbuffered character device, is a character device like any other.
TYPES = {"c": stat.S_IFCHR, "u": stat.S_IFCHR, "b": stat.S_IFBLK, "p": stat.S_IFIFO}
DEFAULT_MODE = 0o666


def check(config: Config) -> None:
    for index, device in enumerate(listed(config)):
        where = f"linux.devices[{index}]"
        refuse_missing_numbers(where, device)
        refuse_impossible_numbers(where, device)
        refuse_relative_path(where, device)
        refuse_no_file(where, device)
    refuse_two_at_one_path(listed(config))


def refuse_missing_numbers(where: str, device: Device) -> None:
    """Only a pipe does without major and minor."""
    for name in files.HIGHEST:
        if device["type"] != "p" and name not in device:
            raise errors.InvalidConfig(f"{where}.{name}", "is missing")


def refuse_impossible_numbers(where: str, device: Device) -> None:
    for name, highest in files.HIGHEST.items():
        if device["type"] != "p" and not 0 <= device.get(name, 0) <= highest:
            raise errors.InvalidConfig(f"{where}.{name}", f"no device has the number {device.get(name)}")


def refuse_relative_path(where: str, device: Device) -> None:
    if not device["path"].startswith("/"):
        raise errors.InvalidConfig(f"{where}.path", f"{device['path']!r} is not a full path")


def refuse_no_file(where: str, device: Device) -> None:
    """A device is a file, which these can be no path of."""
    if os.path.basename(device["path"]) in ("", ".", ".."):
        raise errors.Unsupported(f"{where}.path", f"{device['path']!r} is no file's")


def refuse_two_at_one_path(devices: list[Device]) -> None:
    """The second would find the first at its place."""
    found: dict[str, tuple[int, int]] = {}
    for device in devices:
        asked = TYPES[device["type"]], numbers(device)
        if found.setdefault(device["path"], asked) != asked:
            raise errors.InvalidConfig("linux.devices", f"{device['path']} is to be two devices")


def listed(config: Config) -> list[Device]:
    return config.get("linux", {}).get("devices", [])


def make_all(root: files.Root, config: Config, ready: list[int]) -> None:
    """What has been made ready elsewhere, one node a device, is bound; everything else is made."""
    for index, device in enumerate(listed(config)):
        try:
            make(root, device, ready[index] if ready else None)
        except OSError as refusal:
            raise errors.Unsupported(
                f"linux.devices[{index}]", f"{device['path']}: {errors.describe(refusal)}"
            ) from refusal


def make(root: files.Root, device: Device, ready: int | None) -> None:
    """The node, with its owner and mode; what is there already has to be that very device."""
    parent = root.make_directory(os.path.dirname(device["path"]))
    name = os.path.basename(device["path"])
    try:
        found = look(parent, name)
        if found is not None:
            refuse_mismatch(found, device)
        elif ready is None:
            make_node(root, parent, name, device)
        else:
            bind(root, ready, device["path"])
    finally:
        os.close(parent)


def look(parent: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None


def make_node(root: files.Root, parent: int, name: str, device: Device) -> None:
    try:
        root.make_node(parent, name, TYPES[device["type"]] | 0o600, numbers(device))
    except PermissionError:
        # In a user namespace nobody may make a device, but everybody may bind the host's.
        bind_hosts(root, device)
        return
    give_looks(parent, name, device.get("uid", 0), device.get("gid", 0), mode(device))


def give_looks(parent: int, name: str, uid: int, gid: int, mode: int) -> None:
    """Owner and mode, for the node itself: by its name, they might be given to what a link leads to."""
    node = os.open(name, files.O_PATH | os.O_NOFOLLOW, dir_fd=parent)
    os.chown(files.link_of(node), uid, gid)
    os.chmod(files.link_of(node), mode)
    os.close(node)


def numbers(device: Device) -> int:
    return 0 if device["type"] == "p" else os.makedev(device.get("major", 0), device.get("minor", 0))


def mode(device: Device) -> int:
    """A number like any other in JSON: 438 is what C calls 0666."""
    return device.get("fileMode", DEFAULT_MODE) & 0o7777


def bind(root: files.Root, node: int, path: str) -> None:
    place = root.make_file(path)
    mounts.attach(node, place, path)
    os.close(place)


def bind_hosts(root: files.Root, device: Device) -> None:
    """The node of the same name on the host, if it is the device that is asked for."""
    refuse_mismatch(os.stat(device["path"], follow_symlinks=False), device)
    tree = mounts.clone_tree(device["path"], recursive=False)
    bind(root, tree, device["path"])
    os.close(tree)


def refuse_mismatch(found: os.stat_result, device: Device) -> None:
    """The very device, with the looks that are asked for: it is somebody else's, and not to be changed."""
    if not is_device(found, device):
        raise errors.InvalidConfig("linux.devices", f"{device['path']} is there, and is not the device asked for")
    if not has_looks(found, device):
        raise errors.InvalidConfig("linux.devices", f"{device['path']} is there, with another owner or mode")


def is_device(found: os.stat_result, device: Device) -> bool:
    same_type = stat.S_IFMT(found.st_mode) == TYPES[device["type"]]
    return same_type and (device["type"] == "p" or found.st_rdev == numbers(device))


def has_looks(found: os.stat_result, device: Device) -> bool:
    """Of what the config says; what it does not say may be anything."""
    if "fileMode" in device and mode(device) != stat.S_IMODE(found.st_mode):
        return False
    return (device.get("uid", found.st_uid), device.get("gid", found.st_gid)) == (found.st_uid, found.st_gid)


# --- in a user namespace ---------------------------------------------------------------------------------------------


def make_ready(config: Config) -> int | None:
    """Nodes in a file system of the runtime's own, each named by its index: to be bound where nobody may make any.

    None, where the runtime itself may not make any either.
    """
    tree = mounts.new_filesystem("tmpfs", "devices", ["mode=711"])
    try:
        for index, device in enumerate(listed(config)):
            os.mknod(str(index), TYPES[device["type"]] | 0o600, numbers(device), dir_fd=tree)
    except PermissionError:
        os.close(tree)
        return None
    return tree


def give_ready_looks(tree: int, config: Config, pid: int) -> None:
    """Called outside, once it is known who is who in the container's user namespace: that of this process."""
    for index, device in enumerate(listed(config)):
        owner = outside(f"/proc/{pid}/uid_map", device.get("uid", 0), device)
        group = outside(f"/proc/{pid}/gid_map", device.get("gid", 0), device)
        give_looks(tree, str(index), owner, group, mode(device))


def outside(file: str, id: int, device: Device) -> int:
    found = namespaces.outside(file, id)
    if found is None:
        raise errors.InvalidConfig("linux.devices", f"{device['path']}: {id} is nobody in the user namespace")
    return found


def take_ready(tree: int, config: Config, place: str) -> list[int]:
    """Each node as a mount to be attached. For a moment, the file system has to be mounted for that: at any place."""
    target = os.open(place, os.O_PATH | os.O_DIRECTORY)
    mounts.attach(tree, target, place)
    paths = (os.path.join(place, str(index)) for index in range(len(listed(config))))
    nodes = [mounts.clone_tree(path, recursive=False) for path in paths]
    mounts.umount(place, mounts.MNT_DETACH)
    os.close(target)
    return nodes
