"""config.md#configPOSIXMounts: uidMappings and gidMappings of a mount"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import mounts, namespaces
from ..kernel.mounts import Attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, IDMapping, Mount
    from .mount_options import Options


def check(config: Config) -> None:
    for entry in config.get("mounts", []):
        refuse_half_mapping(entry)
        refuse_empty_range(entry)
        refuse_no_bind(entry)
        refuse_option_alone(entry)


def refuse_half_mapping(entry: Mount) -> None:
    """User and group mappings of a mount come together."""
    if ("uidMappings" in entry) != ("gidMappings" in entry):
        raise errors.InvalidConfig("mounts", f"{entry['destination']}: uidMappings and gidMappings come together")


def refuse_empty_range(entry: Mount) -> None:
    for mapping in [*entry.get("uidMappings", []), *entry.get("gidMappings", [])]:
        if mapping["size"] == 0:
            raise errors.InvalidConfig("mounts", f"{entry['destination']}: a size of 0 maps nothing")


def refuse_no_bind(entry: Mount) -> None:
    if is_mapped(entry) and not {"bind", "rbind"} & set(entry.get("options", [])):
        raise errors.Unsupported("mounts", f"{entry['destination']}: only a bind mount is given mappings here")


def refuse_option_alone(entry: Mount) -> None:
    if not is_mapped(entry) and {"idmap", "ridmap"} & set(entry.get("options", [])):
        raise errors.InvalidConfig("mounts", f"{entry['destination']}: idmap needs uidMappings and gidMappings")


def is_mapped(entry: Mount) -> bool:
    return bool(entry.get("uidMappings"))


def clone_mapped(entry: Mount, options: Options, source: str) -> int:
    """A copy of the source's tree that shows other owners; the files themselves, and other mounts, keep theirs.

    Made by create: it takes privileges over the file system that a container in a user namespace has not got.
    """
    tree = mounts.clone_tree(source, recursive=mounts.Mount.REC in options.flags)
    users = namespaces.user_namespace(uid_lines(entry), gid_lines(entry))
    recursive = options.idmap == "ridmap"
    mounts.set_attributes(tree, Attribute.IDMAP, userns=users, recursive=recursive, about=source)
    os.close(users)
    return tree


def uid_lines(entry: Mount) -> str:
    return lines(entry.get("uidMappings", []))


def gid_lines(entry: Mount) -> str:
    return lines(entry.get("gidMappings", []))


def lines(mappings: list[IDMapping]) -> str:
    """As for user namespaces: the file's id is the one inside, what is shown the one outside."""
    return "".join(f"{each['containerID']} {each['hostID']} {each['size']}\n" for each in mappings)
