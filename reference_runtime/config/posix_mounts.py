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
        refuse_option_alone(entry, config)


def refuse_half_mapping(entry: Mount) -> None:
    """User and group mappings of a mount come together."""
    if ("uidMappings" in entry) != ("gidMappings" in entry):
        raise errors.InvalidConfig("mounts", f"{entry['destination']}: uidMappings and gidMappings come together")


def refuse_empty_range(entry: Mount) -> None:
    for mapping in [*entry.get("uidMappings", []), *entry.get("gidMappings", [])]:
        if mapping["size"] == 0:
            raise errors.InvalidConfig("mounts", f"{entry['destination']}: a size of 0 maps nothing")


def refuse_option_alone(entry: Mount, config: Config) -> None:
    """Without mappings, and without a user namespace that has some, there is nothing to map by."""
    types = [namespace["type"] for namespace in config.get("linux", {}).get("namespaces", [])]
    if has_option(entry) and not has_mappings(entry) and "user" not in types:
        raise errors.InvalidConfig("mounts", f"{entry['destination']}: idmap needs uidMappings and gidMappings")


def has_mappings(entry: Mount) -> bool:
    return bool(entry.get("uidMappings"))


def has_option(entry: Mount) -> bool:
    return bool({"idmap", "ridmap"} & set(entry.get("options", [])))


def is_mapped(entry: Mount) -> bool:
    return has_mappings(entry) or has_option(entry)


def is_recursive(options: Options) -> bool:
    return options.idmap == "ridmap"


def map_owners(tree: int, options: Options, users: int, about: str) -> None:
    """Another look at the owners, on this tree alone: the files themselves, and other mounts, keep theirs."""
    mounts.set_attributes(tree, Attribute.IDMAP, userns=users, recursive=is_recursive(options), about=about)


def mapping(entry: Mount, config: Config, joined: int | None) -> int:
    """A user namespace that describes the mapping: the mount's own, or else the one that the container lives in."""
    if has_mappings(entry):
        return namespaces.user_namespace(uid_lines(entry), gid_lines(entry))
    if joined is not None:
        return os.dup(joined)
    linux = config.get("linux", {})
    return namespaces.user_namespace(lines(linux.get("uidMappings", [])), lines(linux.get("gidMappings", [])))


def uid_lines(entry: Mount) -> str:
    return lines(entry.get("uidMappings", []))


def gid_lines(entry: Mount) -> str:
    return lines(entry.get("gidMappings", []))


def lines(mappings: list[IDMapping]) -> str:
    """As for user namespaces: the file's id is the one inside, what is shown the one outside."""
    return "".join(f"{each['containerID']} {each['hostID']} {each['size']}\n" for each in mappings)
