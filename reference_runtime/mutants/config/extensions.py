# pyright: basic, reportPrivateUsage=false
"""config.md#configPlatformSpecificConfiguration, #configAnnotations, #configExtensibility, #valid-values"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from ... import errors
from ...config import annotations, valid_values
from ...config.valid_values import fields
from ..ways import Change, Mutants, reading, without

PROGRAM = [os.path.realpath(sys.executable), "-I", "-S", "-c", "pass"]
USER = {"uid": 0, "gid": 0}
PROCESS = {"user": USER, "cwd": "/", "args": PROGRAM}
HELD = (
    "CAP_AUDIT_WRITE CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_MKNOD CAP_NET_BIND_SERVICE "
    "CAP_NET_RAW CAP_SETFCAP CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_CHROOT"
)
MAPPING = {"containerID": 0, "hostID": 1000, "size": 10}
EVERYTHING = {"containerID": 0, "hostID": 0, "size": 65536}
#: What a runtime that minds no type makes of a member which cannot be missing.
DEFAULTS: dict[str, Any] = {
    "ociVersion": "1.0.0",
    "root": {"path": "rootfs"},
    "root.path": "rootfs",
    "process": PROCESS,
    "process.user": USER,
    "process.user.uid": 0,
    "process.user.gid": 0,
    "process.cwd": "/",
    "process.args": PROGRAM,
    "process.rlimits[].type": "RLIMIT_CORE",
    "process.rlimits[].soft": 0,
    "process.rlimits[].hard": 6,
    "process.capabilities.bounding": HELD.split(),
    "process.capabilities.permitted": HELD.split(),
    "process.capabilities.permitted[]": "CAP_SYS_CHROOT",
    "process.consoleSize.height": 33,
    "process.consoleSize.width": 33,
    "process.scheduler.policy": "SCHED_OTHER",
    "process.ioPriority.class": "IOPRIO_CLASS_BE",
    "process.ioPriority.priority": 7,
    "mounts[].destination": "/shelf",
    "mounts[].type": "tmpfs",
    **{f"mounts[].{kind}": [MAPPING] for kind in ("uidMappings", "gidMappings")},
    **{f"mounts[].{kind}[]": MAPPING for kind in ("uidMappings", "gidMappings")},
    **{f"mounts[].uidMappings[].{name}": value for name, value in MAPPING.items()},
    **{f"linux.{kind}": [EVERYTHING] for kind in ("uidMappings", "gidMappings")},
    **{f"linux.{kind}[]": EVERYTHING for kind in ("uidMappings", "gidMappings")},
    **{f"linux.uidMappings[].{name}": value for name, value in EVERYTHING.items()},
    "linux.memoryPolicy.mode": "MPOL_BIND",
    "linux.memoryPolicy.nodes": "0",
    "linux.personality.domain": "LINUX",
    "hooks.prestart[].path": PROGRAM[0],
    "hooks.prestart[].args[]": "pass",
}


def refuse(name: str, unwanted: Callable[[Any], Any]) -> Change:
    def change(config: Any) -> None:
        if unwanted(config):
            raise errors.Unsupported(name, "not here")

    return reading(change)


def of_annotations(change: Callable[[Any], Any]) -> Change:
    """The map of annotations is replaced."""

    def changed(config: Any) -> None:
        if "annotations" in config:
            config["annotations"] = change(config["annotations"])

    return reading(changed)


def keys(config: Any) -> list[str]:
    return list(config.get("annotations", {}))


def names(value: Any) -> set[str]:
    """Of all members, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


def forgive(path: str, value: Any) -> Any:
    """The value without what has a wrong type."""
    if not valid_values.matches(fields.FIELDS.get(path, "").rstrip("!"), value) and path in fields.FIELDS:
        return DEFAULTS.get(path)
    if isinstance(value, dict):
        kept = {name: forgive(path_of(path, name), member) for name, member in value.items()}
        return {name: member for name, member in kept.items() if member is not None}
    if isinstance(value, list):
        kept = [forgive(f"{path}[]", item) for item in value]
        return [item for item in kept if item not in (None, {})]
    return value


def path_of(parent: str, name: str) -> str:
    own = f"{parent}.{name}".lstrip(".")
    return own if own in fields.FIELDS else f"{parent}.*"


def forgive_namespaces(config: Any) -> None:
    entries = config["linux"]["namespaces"]
    config["linux"]["namespaces"] = [entry for entry in entries if isinstance(entry, dict) and "type" in entry]


def forgive_all(config: Any) -> None:
    forgiven = forgive("", config)
    config.clear()
    config.update(forgiven)
    forgive_namespaces(config)


def pass_over(path: str, value: Any) -> Any:
    """The value without the objects in which something has a wrong type; None is one of those."""
    if not valid_values.matches(fields.FIELDS.get(path, "").rstrip("!"), value) and path in fields.FIELDS:
        return None
    if isinstance(value, list):
        kept = [item for item in (pass_over(f"{path}[]", item) for item in value) if item is not None]
        return None if value and not kept else kept
    if not isinstance(value, dict):
        return value
    kept = {name: pass_over(path_of(path, name), member) for name, member in value.items()}
    if path in ("linux", "linux.resources"):
        return {name: member for name, member in kept.items() if member is not None}
    return None if None in kept.values() else kept


def pass_over_parts(config: Any) -> None:
    """Other than `forgive_all`: what is left of an object would be refused for what it lacks."""
    config["linux"] = pass_over("linux", config["linux"])


def leave_out_cgroup(config: Any) -> None:
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "cgroup"]


def heed_unknown(config: Any) -> None:
    if "aBook" in config:
        config["hostname"] = config["aBook"]


MUTANTS: Mutants = {
    "platform.linux": [
        reading(lambda config: config["linux"].pop("sysctl", None)),
        refuse("linux", lambda config: "resources" not in config.get("linux", {"resources": {}})),
    ],
    "platform.linux.optional": [refuse("linux", lambda config: "linux" not in config)],
    "mounts.optional": [refuse("mounts", lambda config: "mounts" not in config)],
    "annot.map": [of_annotations(lambda found: found if isinstance(found, dict) else {})],
    "annot.empty": [refuse("annotations", lambda config: config.get("annotations") == {})],
    "annot.key.nonempty": [without(annotations.refuse_empty_key)],
    "annot.unknown": [refuse("annotations", keys)],
    "annot.value.string": [of_annotations(lambda found: {key: str(value) for key, value in found.items()})],
    "annot.value.null": [of_annotations(lambda found: {key: value or "" for key, value in found.items()})],
    "annot.value.empty": [of_annotations(lambda found: {key: value for key, value in found.items() if value})],
    "annot.image.keys": [refuse("annotations", lambda config: any("opencontainers" in key for key in keys(config)))],
    "ext.unknown.no-error": [refuse("aBook", lambda config: "aBook" in names(config))],
    "ext.unknown.ignored": [reading(heed_unknown)],
    "ext.foreign-platform": [refuse("platform", {"windows", "solaris", "zos", "freebsd"}.intersection)],
    "valid.error": [reading(forgive_all), reading(pass_over_parts)],
    "valid.subset": [reading(leave_out_cgroup)],
}
