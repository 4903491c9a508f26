# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxNamespaces"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import sys
from typing import Any

from ... import errors
from ...config_linux import namespaces, time_offset
from ...kernel import namespaces as kernel
from ..ways import Change, Mutants, given, giving, instead, reading, without

enter = namespaces.enter
EVERYTHING = [{"containerID": 0, "hostID": 0, "size": 65536}]


def entries(config: Any) -> list[Any]:
    return config.setdefault("linux", {}).setdefault("namespaces", [])


def drop(config: Any, type: str) -> None:
    config["linux"]["namespaces"] = [entry for entry in entries(config) if entry.get("type") != type]


def add(config: Any, type: str) -> None:
    """A new namespace of this type, if there is to be none."""
    if type not in [entry.get("type") for entry in entries(config)]:
        entries(config).append({"type": type})
        map_everything(config, type)


def inherit_from_the_first(config: Any, type: str) -> None:
    """Not the namespace that the runtime is in, but that of the host's first process."""
    if type not in [entry.get("type") for entry in entries(config)]:
        name = {"network": "net", "mount": "mnt"}.get(type, type)
        entries(config).append({"type": type, "path": f"/proc/1/ns/{name}"})


def map_everything(config: Any, type: str) -> None:
    if type == "user":
        config["linux"] |= {"uidMappings": EVERYTHING, "gidMappings": EVERYTHING}


def share(type: str) -> Change:
    """The container stays in the runtime's own namespace, though it is told to have a new one."""
    if type == "mount":
        return reading(lambda config: drop(config, type))
    if type == "user":
        return reading(share_users)
    return giving(namespaces.new, lambda flags: flags & ~namespaces.FLAGS[type])


def share_users(config: Any) -> None:
    if {"type": "user"} in entries(config):
        drop(config, "user")
        forget_mappings(config)


def forget_mappings(config: Any) -> None:
    config["linux"].pop("uidMappings", None)
    config["linux"].pop("gidMappings", None)


def move_in(config: Any) -> None:
    """Into the UTS namespace of a container that is there already."""
    root = sys.argv[sys.argv.index("--root") + 1]
    for file in glob.glob(f"{root}/*/record.json"):
        with open(file, encoding="utf-8") as record:
            pid = json.load(record)["pid"]
        if pid and os.path.exists(f"/proc/{pid}/ns/uts"):
            drop(config, "uts")
            entries(config).append({"type": "uts", "path": f"/proc/{pid}/ns/uts"})


def ignore_path(config: Any, type: str) -> None:
    for entry in entries(config):
        if entry.get("type") == type and entry.pop("path", None):
            map_everything(config, type)


def enter_whatever(type: str) -> Change:
    """As setns(2) does if it is not told a type."""

    def entering(kind: str, descriptor: int) -> None:
        if kind == type:
            kernel.setns(descriptor, 0)
        else:
            enter(kind, descriptor)

    return instead(namespaces.enter, entering)


def shrug(type: str) -> Change:
    """What cannot be entered is not entered."""

    def entering(kind: str, descriptor: int) -> None:
        with contextlib.suppress(*[OSError] if kind == type else []):
            enter(kind, descriptor)

    return instead(namespaces.enter, entering)


def keep_last(config: Any, type: str) -> None:
    of_type = [entry for entry in entries(config) if entry.get("type") == type]
    drop(config, type)
    entries(config).extend(of_type[-1:])
    if type == "user" and any("path" in entry for entry in of_type[-1:]):
        forget_mappings(config)


def guess_type(config: Any) -> None:
    for entry in entries(config):
        entry.setdefault("type", "uts")


def keep_known(config: Any) -> None:
    config["linux"]["namespaces"] = [entry for entry in entries(config) if entry.get("type") in namespaces.FLAGS]


def forget_lost_path(config: Any) -> None:
    for entry in entries(config):
        if not os.path.exists(entry.get("path", "/")):
            del entry["path"]


def map_to_the_same(config: Any) -> None:
    if {"type": "user"} in entries(config):
        map_everything(config, "user")


def refuse_users(config: Any) -> None:
    if {"type": "user"} in entries(config):
        raise errors.Unsupported("linux.namespaces", "user")


def of(type: str) -> Mutants:
    return {
        f"ns.{type}.new": [share(type)],
        f"ns.{type}.join": [reading(lambda config: ignore_path(config, type))],
        f"ns.{type}.inherit": [
            reading(lambda config: add(config, type)),
            *([] if type in ("pid", "user") else [reading(lambda config: inherit_from_the_first(config, type))]),
        ],
        f"ns.{type}.wrong-type": [enter_whatever(type), shrug(type)],
        f"ns.{type}.duplicate": [reading(lambda config: keep_last(config, type))],
        f"ns.{type}.supported": [share(type)],
    }


MUTANTS: Mutants = {id: changes for type in namespaces.FLAGS for id, changes in of(type).items()} | {
    "ns.uts.new": [share("uts"), reading(move_in)],
    "ns.user.supported": [reading(map_to_the_same)],
    "ns.time.supported": [without(time_offset.set_offsets)],
    "ns.array": [reading(lambda config: add(config, "ipc"))],
    "ns.type.required": [reading(guess_type), reading(keep_known)],
    "ns.type.unknown": [reading(keep_known)],
    "ns.path.absolute": [without(namespaces.refuse_relative_path)],
    "ns.path.runtime-namespace": [given(namespaces.open_one, lambda path: (f"/proc/1/root{path}",))],
    "ns.path.nonexistent": [reading(forget_lost_path)],
    "old.ns.types-supported": [reading(refuse_users)],
}
