# pyright: basic
"""config-linux.md#configLinuxNamespaces"""

from __future__ import annotations

import os
from typing import Any

from ...config_linux import namespaces
from ...kernel import namespaces as kernel
from ..ways import Change, Mutants, instead, reading, without

TYPES = ("pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time")
#: A user namespace that maps everybody to themselves.
EVERYBODY = {"containerID": 0, "hostID": 0, "size": 2**32 - 1}

enter = namespaces.enter
open_one = namespaces.open_one


def listed(config: Any) -> list[Any]:
    return config.setdefault("linux", {}).setdefault("namespaces", [])


def leave_out(kind: str) -> Change:
    """No namespace of this type is made: the container shares the runtime's."""

    def change(config: Any) -> None:
        listed(config)[:] = [entry for entry in listed(config) if entry.get("type") != kind or "path" in entry]
        if kind == "uts":
            config.pop("hostname", None)
        if kind == "user":
            config["linux"].pop("uidMappings", None)
            config["linux"].pop("gidMappings", None)

    return reading(change)


def make_anew(kind: str) -> Change:
    """The path is not looked at: a new namespace instead."""

    def change(config: Any) -> None:
        for entry in listed(config):
            if entry.get("type") == kind and "path" in entry:
                del entry["path"]
                map_everybody(config, kind)

    return reading(change)


def make_unasked(kind: str) -> Change:
    """A new namespace, though the config has no entry of the type."""

    def change(config: Any) -> None:
        if not any(entry.get("type") == kind for entry in listed(config)):
            listed(config).append({"type": kind})
            map_everybody(config, kind)

    return reading(change)


def map_everybody(config: Any, kind: str) -> None:
    if kind == "user":
        config["linux"].setdefault("uidMappings", [EVERYBODY])
        config["linux"].setdefault("gidMappings", [EVERYBODY])


def enter_any(kind: str) -> Change:
    """setns(2) without the flag that says which type is meant."""

    def lax(wanted: str, descriptor: int) -> None:
        if wanted != kind:
            enter(wanted, descriptor)
        else:
            kernel.setns(descriptor, 0)
            os.close(descriptor)

    return instead(namespaces.enter, lax)


def forgive_files(kind: str) -> Change:
    """What is no namespace at all is taken for a wish for a new one."""

    def change(config: Any) -> None:
        for entry in listed(config):
            if entry.get("type") == kind and os.path.isfile(entry.get("path", "")) and not is_namespace(entry["path"]):
                del entry["path"]
                map_everybody(config, kind)

    return reading(change)


def is_namespace(path: str) -> bool:
    return os.stat(path).st_dev == os.stat("/proc/self/ns/mnt").st_dev


def keep_last(kind: str) -> Change:
    """The last of several entries wins."""

    def change(config: Any) -> None:
        several = [entry for entry in listed(config) if entry.get("type") == kind]
        for entry in several[:-1]:
            listed(config).remove(entry)
        if several and "path" in several[-1]:
            config["linux"].pop("uidMappings", None)
            config["linux"].pop("gidMappings", None)

    return reading(change)


def fill_up(config: Any) -> None:
    for kind in TYPES[:5]:
        if not any(entry.get("type") == kind for entry in listed(config)):
            listed(config).append({"type": kind})


def guess_types(config: Any) -> None:
    for entry in listed(config):
        entry.setdefault("type", "uts")


def skip_unknown(config: Any) -> None:
    listed(config)[:] = [entry for entry in listed(config) if entry.get("type", "uts") in TYPES]


def forget_missing(config: Any) -> None:
    for entry in listed(config):
        if not os.path.exists(entry.get("path", "/")):
            del entry["path"]


MUTANTS: Mutants = {
    "ns.array": [reading(fill_up)],
    "ns.type.required": [reading(guess_types)],
    "ns.type.unknown": [reading(skip_unknown)],
    "ns.path.absolute": [without(namespaces.refuse_relative_path)],
    "ns.path.nonexistent": [reading(forget_missing)],
    **{f"ns.{kind}.supported": [leave_out(kind)] for kind in TYPES},
    **{f"ns.{kind}.new": [leave_out(kind)] for kind in TYPES},
    **{f"ns.{kind}.join": [make_anew(kind)] for kind in TYPES},
    **{f"ns.{kind}.wrong-type": [enter_any(kind), forgive_files(kind)] for kind in TYPES},
    **{f"ns.{kind}.inherit": [make_unasked(kind)] for kind in TYPES},
    **{f"ns.{kind}.duplicate": [keep_last(kind)] for kind in TYPES},
}
