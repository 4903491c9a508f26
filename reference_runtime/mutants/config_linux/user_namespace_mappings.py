# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxUserNamespaceMappings"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ...config import root
from ...config_linux import user_namespace_mappings as mappings
from ..ways import Change, Mutants, instead, reading

locate = root.locate
KINDS = ("uidMappings", "gidMappings")


def each(change: Callable[[list[Any]], None], *kinds: str) -> Change:
    """The ranges are others before anything looks at them."""

    def changed(config: Any) -> None:
        for kind in kinds or KINDS:
            if config.get("linux", {}).get(kind):
                change(config["linux"][kind])

    return reading(changed)


def change_each(change: Callable[[Any], None]) -> Callable[[list[Any]], None]:
    def changed(ranges: list[Any]) -> None:
        for entry in ranges:
            change(entry)

    return changed


def first_alone(ranges: list[Any]) -> None:
    del ranges[1:]


def in_order(ranges: list[Any]) -> None:
    """What is not in order is left out."""
    last = -1
    for entry in list(ranges):
        if entry["containerID"] < last:
            ranges.remove(entry)
        else:
            last = entry["containerID"]


def from_the_other(kind: str) -> Change:
    other = next(each for each in KINDS if each != kind)

    def change(config: Any) -> None:
        if config.get("linux", {}).get(other):
            config["linux"][kind] = config["linux"][other]

    return reading(change)


def outside_by_the_first(entry: Any) -> None:
    entry["containerID"] += bool(entry["containerID"])


def next_outside(entry: Any) -> None:
    entry["hostID"] += bool(entry.get("containerID"))


def longer(entry: Any) -> None:
    entry["size"] += bool(entry["containerID"])


def shorter(entry: Any) -> None:
    entry["size"] -= entry["size"] > 1


def without_empty(ranges: list[Any]) -> None:
    ranges[:] = [entry for entry in ranges if entry.get("size") != 0]


def complete(name: str, value: int) -> Change:
    return each(change_each(lambda entry: entry.setdefault(name, value)))


def without_overlapping(ranges: list[Any]) -> None:
    """Of ranges that overlap the first counts."""
    kept: list[Any] = []
    for entry in ranges:
        if not any(overlap(entry, other) for other in kept):
            kept.append(entry)
    ranges[:] = kept


def overlap(one: Any, other: Any) -> bool:
    """Of what is not whole, nothing."""
    if not all({"containerID", "hostID", "size"} <= entry.keys() for entry in (one, other)):
        return False
    return any(
        one[side] < other[side] + other["size"] and other[side] < one[side] + one["size"]
        for side in ("containerID", "hostID")
    )


write_mappings = mappings.write_mappings


def forget_without(config: Any) -> None:
    """Where there is nothing to be mapped, nothing is mapped."""
    if "user" not in [entry.get("type") for entry in config.get("linux", {}).get("namespaces", [])]:
        forget(config)


def forget_joined(config: Any) -> None:
    if any(entry.get("type") == "user" and "path" in entry for entry in config.get("linux", {}).get("namespaces", [])):
        forget(config)


def insist_on_own(config: Any) -> None:
    """A namespace that is joined, but for one of the container's own that has the mappings of the config."""
    for entry in config.get("linux", {}).get("namespaces", []):
        if entry.get("type") == "user" and config["linux"].get("uidMappings"):
            entry.pop("path", None)
            for kind in KINDS:
                config["linux"][kind] = [{"containerID": 0, "hostID": 0, "size": 4000}]


def forget(config: Any) -> None:
    for kind in KINDS:
        config["linux"].pop(kind, None)


def as_many_as_fit(ranges: list[Any]) -> None:
    del ranges[300:]


def give_away(config: Any, bundle: str) -> str:
    """The files get the owners by which the container knows them."""
    path = locate(config, bundle)
    if config.get("linux", {}).get("uidMappings"):
        host = config["linux"]["uidMappings"][0]["hostID"]
        for folder, below, names in os.walk(path):
            for name in (*below, *names):
                os.chown(os.path.join(folder, name), host, host, follow_symlinks=False)
    return path


def give_shelves_away(config: Any, pid: int) -> None:
    write_mappings(config, pid)
    for entry in config.get("mounts", []):
        if "bind" in entry.get("options", []):
            os.chown(entry["source"], config["linux"]["uidMappings"][0]["hostID"], -1)


MUTANTS: Mutants = {
    "userns.uidMappings": [
        each(first_alone, "uidMappings"),
        each(in_order, "uidMappings"),
        from_the_other("uidMappings"),
        each(as_many_as_fit, "uidMappings"),
    ],
    "userns.gidMappings": [
        each(first_alone, "gidMappings"),
        each(in_order, "gidMappings"),
        from_the_other("gidMappings"),
    ],
    "userns.without-ns": [reading(forget_without)],
    "userns.joined": [reading(forget_joined), reading(insist_on_own)],
    "userns.overlap": [each(without_overlapping)],
    "userns.containerID": [complete("containerID", 0)],
    "userns.containerID.first": [each(change_each(outside_by_the_first))],
    "userns.hostID": [complete("hostID", 0)],
    "userns.hostID.first": [each(change_each(next_outside))],
    "userns.size": [complete("size", 1)],
    "userns.size.count": [each(change_each(longer)), each(change_each(shorter))],
    "userns.size.zero": [each(without_empty)],
    "userns.no-chown": [instead(root.locate, give_away), instead(mappings.write_mappings, give_shelves_away)],
    "userns.kernel-limit": [each(as_many_as_fit)],
}
