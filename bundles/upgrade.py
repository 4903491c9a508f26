"""Configs from before 1.0.0 (and what later releases renamed) made into configs of today.

Each step is one thing that changed between two tags of the specification. It alters the config in place and yields
one line for each change it made. What no step names stays as it was.
"""

import json
import pathlib
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from . import document

Config = dict[str, Any]
NEWEST = (1, 3, 0)
CAPABILITY_SETS = ("bounding", "effective", "inheritable", "permitted", "ambient")
#: What 0.3.0 and earlier kept in `linux`, by its name in `process`.
OF_THE_PROCESS = {
    "capabilities": "capabilities",
    "rlimits": "rlimits",
    "noNewPrivileges": "noNewPrivileges",
    "apparmorProfile": "apparmorProfile",
    "selinuxProcessLabel": "selinuxLabel",
}
LIMITS = ("limit", "reservation", "swap", "kernel", "kernelTCP")


def upgrade(config: Config) -> list[str]:
    """Bring a config up to 1.3.0 in place; the changes, one line each."""
    return [line for step in STEPS for line in step(config)]


def drop_nulls(config: Config) -> Iterator[str]:
    """rc1 and earlier wrote null for an unset pointer or list."""
    yield from _drop_nulls(config, "")


def _drop_nulls(value: Any, place: str) -> Iterator[str]:
    for name, child in list(document.children(value)):
        if child is None and isinstance(name, str):
            del value[name]
            yield f"{place}/{name}: null removed"
        else:
            yield from _drop_nulls(child, f"{place}/{name}")


def move_to_process(config: Config) -> Iterator[str]:
    """0.4.0 moved the process's own properties from `linux` to `process`."""
    for old, new in OF_THE_PROCESS.items():
        yield from _move(config, ("linux", old), ("process", new))


def drop_platform(config: Config) -> Iterator[str]:
    """1.0.0-rc6 dropped it: a config's sections tell its platform."""
    if config.pop("platform", None) is not None:
        yield "/platform: removed"


def split_capabilities(config: Config) -> Iterator[str]:
    """1.0.0-rc5 made five sets of one list, which had meant all of them."""
    process = _object(config, "process")
    listed = process.get("capabilities")
    if document.is_array(listed):
        process["capabilities"] = {name: listed.copy() for name in CAPABILITY_SETS}
        yield "/process/capabilities: the list became the five sets"


def drop_empty_console(config: Config) -> Iterator[str]:
    """Up to 1.0.0-rc5 an unset size was written as 0 × 0."""
    process = _object(config, "process")
    size = _object(process, "consoleSize")
    if size and not any(size.values()):
        del process["consoleSize"]
        yield "/process/consoleSize: 0 × 0 removed"


def move_oom_settings(config: Config) -> Iterator[str]:
    """1.0.0-rc6 gave the score to the process and the killer to the memory controller."""
    resources = ("linux", "resources")
    yield from _move(config, (*resources, "oomScoreAdj"), ("process", "oomScoreAdj"))
    yield from _move(config, (*resources, "disableOOMKiller"), (*resources, "memory", "disableOOMKiller"))


def rename_block_io(config: Config) -> Iterator[str]:
    """1.0.0-rc6 dropped the blkio in front of each name."""
    path = ("linux", "resources", "blockIO")
    for name in list(_object(config, *path)):
        if match := re.fullmatch(r"blkio([A-Z])(\w+)", name):
            yield from _move(config, (*path, name), (*path, match[1].lower() + match[2]))


def mark_unlimited(config: Config) -> Iterator[str]:
    """Before 1.0.0 limits were unsigned, the largest number meaning none."""
    for section, names in (("memory", LIMITS), ("cpu", ("quota", "realtimeRuntime"))):
        values = _object(config, "linux", "resources", section)
        for name in names:
            if isinstance(values.get(name), int) and values[name] >= 2**63:
                values[name] = -1
                yield f"/linux/resources/{section}/{name}: the largest number became -1"


def list_syscall_names(config: Config) -> Iterator[str]:
    """1.0.0-rc5 lets one rule name several system calls."""
    for index, rule in _elements(config, "linux", "seccomp", "syscalls"):
        if isinstance(rule.get("name"), str) and "names" not in rule:
            rule["names"] = [rule.pop("name")]
            yield f"/linux/seccomp/syscalls/{index}/name: became the list names"


def anchor_mounts(config: Config) -> Iterator[str]:
    """Before 1.0.0 destinations were relative to the root file system."""
    for index, mount in _elements(config, "mounts"):
        destination = mount.get("destination")
        if "windows" not in config and isinstance(destination, str) and not destination.startswith("/"):
            mount["destination"] = f"/{destination}"
            yield f"/mounts/{index}/destination: {destination!r} became absolute"


def spell_device_types(config: Config) -> Iterator[str]:
    """Up to 0.3.0 a device's type was the letter's number."""
    for path in (("linux", "devices"), ("linux", "resources", "devices")):
        for index, device in _elements(config, *path):
            kind = device.get("type")
            if isinstance(kind, int) and 0 < kind < 128 and chr(kind) in "abcup":
                device["type"] = chr(kind)
                yield f"/{'/'.join(path)}/{index}/type: {kind} became {chr(kind)!r}"


def merge_monitoring(config: Config) -> Iterator[str]:
    """1.3.0 has one switch for both kinds of monitoring."""
    rdt = _object(config, "linux", "intelRdt")
    old = [name for name in ("enableCMT", "enableMBM") if name in rdt]
    wanted = True in [rdt.pop(name) for name in old]
    if wanted:
        rdt["enableMonitoring"] = True
    if old:
        yield f"/linux/intelRdt: {' and '.join(old)} {'became enableMonitoring' if wanted else 'removed'}"


def raise_version(config: Config) -> Iterator[str]:
    old = config.get("ociVersion")
    match = re.match(r"(\d+)\.(\d+)\.(\d+)(-?)", str(old))
    numbers = tuple(int(part[:9]) for part in match.groups()[:3]) if match else (0, 0, 0)
    if numbers < NEWEST or (numbers == NEWEST and match and match[4]):
        config["ociVersion"] = ".".join(map(str, NEWEST))
        yield f"/ociVersion: {old} became {config['ociVersion']}"


STEPS: tuple[Callable[[Config], Iterator[str]], ...] = (
    drop_nulls,
    move_to_process,
    drop_platform,
    split_capabilities,
    drop_empty_console,
    move_oom_settings,
    rename_block_io,
    mark_unlimited,
    list_syscall_names,
    anchor_mounts,
    spell_device_types,
    merge_monitoring,
    raise_version,
)


def _object(value: Any, *path: str) -> Config:
    """The object at a path; an empty one, that belongs to nothing, where there is none."""
    for name in path:
        value = value.get(name) if document.is_object(value) else None
    return value if document.is_object(value) else {}


def _elements(config: Config, *path: str) -> Iterator[tuple[int, Config]]:
    *parents, name = path
    for index, item in document.children(_object(config, *parents).get(name)):
        if isinstance(index, int) and document.is_object(item):
            yield index, item


def _move(config: Config, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[str]:
    """Move a value to another address, unless one stands there already."""
    source = _object(config, *old[:-1])
    if old[-1] not in source:
        return
    target: Any = config
    for name in new[:-1]:
        target = target.setdefault(name, {}) if document.is_object(target) else None
    if not document.is_object(target):
        return
    value = source.pop(old[-1])
    if new[-1] in target:
        yield f"/{'/'.join(old)}: removed, /{'/'.join(new)} stands"
    else:
        target[new[-1]] = value
        yield f"/{'/'.join(old)}: moved to /{'/'.join(new)}"


def run(path: pathlib.Path, output: pathlib.Path | None) -> int:
    """Print each change, and write the new config to `output` or, with the changes on stderr, to stdout."""
    config = document.read(document.locate(path))
    if not document.is_object(config):
        raise document.DocumentError(f"{path}: the document is no object")
    changes = upgrade(config)
    text = json.dumps(config, indent=2) + "\n"
    if output:
        document.write(output, text, replace=True)
    for change in changes:
        print(change if change.isprintable() else ascii(change), file=sys.stdout if output else sys.stderr)
    if not output:
        print(text, end="")
    return 0
