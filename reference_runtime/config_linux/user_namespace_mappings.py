"""config-linux.md#configLinuxUserNamespaceMappings"""

from __future__ import annotations

import itertools
import os

from .. import errors
from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, IDMapping


#: The number of the last ID, which nobody has: (uid_t) -1 stands for none.
NO_ID = 2**32 - 1


def check(config: Config) -> None:
    linux = config.get("linux", {})
    for mappings in (linux.get("uidMappings", []), linux.get("gidMappings", [])):
        refuse_empty_range(mappings)
        refuse_beyond_last_id(mappings)
        refuse_overlap(mappings)
    refuse_without_namespace(config)
    refuse_no_mappings(config)


def refuse_empty_range(mappings: list[IDMapping]) -> None:
    for mapping in mappings:
        if mapping["size"] == 0:
            raise errors.InvalidConfig("linux.uidMappings, gidMappings", "a size of 0 maps nothing")


def refuse_beyond_last_id(mappings: list[IDMapping]) -> None:
    for mapping in mappings:
        if max(mapping["containerID"], mapping["hostID"]) + mapping["size"] > NO_ID:
            raise errors.InvalidConfig(
                "linux.uidMappings, gidMappings", f"there are no {mapping['size']} IDs from there"
            )


def refuse_overlap(mappings: list[IDMapping]) -> None:
    """No ID is mapped twice, on either side."""
    for side in ("containerID", "hostID"):
        ranges = sorted((mapping[side], mapping["size"]) for mapping in mappings)
        for (first, size), (second, _) in itertools.pairwise(ranges):
            if second < first + size:
                raise errors.InvalidConfig("linux.uidMappings, gidMappings", f"{side} {second} is mapped twice")


def refuse_without_namespace(config: Config) -> None:
    """Mappings are a property of a new user namespace; without one they cannot be applied."""
    linux = config.get("linux", {})
    listed = [entry for entry in linux.get("namespaces", []) if entry["type"] == "user"]
    if not listed and (linux.get("uidMappings") or linux.get("gidMappings")):
        raise errors.InvalidConfig("linux.uidMappings, gidMappings", "need a new user namespace")
    if any("path" in entry for entry in listed) and (linux.get("uidMappings") or linux.get("gidMappings")):
        raise errors.Unsupported("linux.uidMappings, gidMappings", "a namespace that is there has its own")


def refuse_no_mappings(config: Config) -> None:
    """A user namespace that maps nobody has nobody who could run the program."""
    linux = config.get("linux", {})
    new = any(entry["type"] == "user" and "path" not in entry for entry in linux.get("namespaces", []))
    if new and not (linux.get("uidMappings") and linux.get("gidMappings")):
        raise errors.Unsupported("linux.uidMappings, gidMappings", "a new user namespace needs both")


def write_mappings(config: Config, pid: int) -> None:
    """Written from outside, by a process that has the privilege over the ids on the outside."""
    linux = config.get("linux", {})
    write_one("linux.uidMappings", f"/proc/{pid}/uid_map", linux.get("uidMappings", []))
    write_one("linux.gidMappings", f"/proc/{pid}/gid_map", linux.get("gidMappings", []))


def write_one(where: str, file: str, mappings: list[IDMapping]) -> None:
    try:
        files.write(file, lines(mappings))
    except OSError as error:
        why = f"the kernel does not take these {len(mappings)} ({os.strerror(error.errno or 0)})"
        raise errors.Unsupported(where, why) from error


def lines(mappings: list[IDMapping]) -> str:
    """All in one write: the kernel takes no second one."""
    return "".join(f"{each['containerID']} {each['hostID']} {each['size']}\n" for each in mappings)
