# pyright: basic, reportPrivateUsage=false
"""config.md#configLinuxMountOptions: idmap and ridmap"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ...config import posix_mounts
from ...kernel import namespaces
from ...runtime import birth
from ..ways import Change, Mutants, instead, reading
from .mounts import change_owners

map_owners = posix_mounts.map_owners
mapping = posix_mounts.mapping


def not_knowing(option: str, *, keeping_mappings: bool) -> Change:
    """The word is overlooked; on a mount without mappings, that is all there was."""

    def overlook(config: Any) -> None:
        for entry in config["mounts"]:
            if option in entry.get("options", []) and not (keeping_mappings and "uidMappings" in entry):
                entry["options"].remove(option)
                entry.pop("uidMappings", None)
                entry.pop("gidMappings", None)

    return reading(overlook)


def content_without(tree: int, options: Any, users: int, about: str) -> None:
    with suppress(OSError):
        map_owners(tree, options, users, about)


def always_the_containers(entry: Any, config: Any, joined: int | None) -> int:
    if not posix_mounts.uid_lines(config["linux"]):
        return mapping(entry, config, joined)
    return namespaces.user_namespace(posix_mounts.uid_lines(config["linux"]), posix_mounts.gid_lines(config["linux"]))


def mutants_of(option: str, *, recursive: bool) -> Mutants:
    return {
        f"mntopt.{option}": [
            not_knowing(option, keeping_mappings=False),
            instead(posix_mounts.is_recursive, lambda options: not recursive),
        ],
        f"mntopt.{option}.must-map": [instead(posix_mounts.map_owners, content_without)],
        f"mntopt.{option}.own-mappings": [instead(posix_mounts.mapping, always_the_containers)],
        f"mntopt.{option}.inherit-userns": [not_knowing(option, keeping_mappings=True)],
        f"mntopt.{option}.no-userns-error": [not_knowing(option, keeping_mappings=True)],
        f"mntopt.{option}.mount_setattr": [instead(birth.Birth.make_mapped, change_owners)],
    }


MUTANTS: Mutants = mutants_of("idmap", recursive=False) | mutants_of("ridmap", recursive=True)
