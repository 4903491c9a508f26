# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxControlGroups, config-linux.md#configLinuxCgroupsPath"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from ... import errors
from ...config_linux import cgroups_path
from ...kernel import cgroups as kernel
from ...kernel import files
from ...runtime import cgroups
from ..ways import Mutants, given, instead, reading

create, locate = cgroups_path.create, cgroups_path.locate
#: Places that were found in this process.
FOUND: dict[str, str] = {}


def path_of(config: Any) -> str:
    return config.get("linux", {}).get("cgroupsPath", "")


def clear_out(hierarchy: Any, path: str) -> None:
    """Whoever is in the cgroup has to die for the container."""
    if os.path.isdir(hierarchy.directory(path)):
        for pid in kernel.members(hierarchy.directory(path)):
            os.kill(pid, signal.SIGKILL)


def feign(hierarchy: Any, path: str) -> None:
    """No container, and no word of it."""
    if kernel.is_frozen(hierarchy, path):
        os._exit(0)


def ignore_path(config: Any, container: str) -> str:
    return f"/{container}"


def begin_at_home(config: Any, container: str) -> str:
    """Below the cgroup that the runtime itself is in."""
    own = next(
        line.split(":", 2)[2] for line in files.read("/proc/self/cgroup").splitlines() if "pids" in line or "::" in line
    )
    return os.path.normpath(f"/{own}/{locate(config, container)}") if path_of(config) else locate(config, container)


def append(config: Any, container: str, word: str, absolute: bool) -> str:
    found = locate(config, container)
    return f"{found}/{word}" if path_of(config) and path_of(config).startswith("/") == absolute else found


def make_outside(config: Any) -> None:
    """What the path climbs to is there before it is refused."""
    if ".." in path_of(config).split("/"):
        for hierarchy in kernel.hierarchies():
            os.makedirs(f"{hierarchy.mountpoint}/{os.path.normpath(path_of(config).lstrip('/'))}", exist_ok=True)
        raise errors.InvalidConfig("linux.cgroupsPath", path_of(config))


def find_names(config: Any) -> None:
    """Others, that a cgroup can have."""
    if path_of(config):
        names = [name.translate({0: "_", 10: "_"})[:100] for name in path_of(config).split("/")]
        config["linux"]["cgroupsPath"] = "/".join(names[:9])


def make_one(hierarchy: Any, path: str, made: list[str]) -> None:
    """The cgroup itself, and none above it."""
    os.stat(os.path.dirname(hierarchy.directory(path)))
    create(hierarchy, path, made)


def evade(config: Any, container: str) -> str:
    """A cgroup that is there belongs to somebody."""
    if container not in FOUND:
        found = locate(config, container)
        there = any(os.path.isdir(each.directory(found)) for each in kernel.hierarchies())
        FOUND[container] = f"{found}-of-{container}" if there else found
    return FOUND[container]


def share(config: Any, container: str) -> str:
    """One cgroup for all."""
    root = sys.argv[sys.argv.index("--root") + 1]
    return f"/all{root.replace('/', '-')}"


def limit_above(hierarchy: Any, path: str, settings: dict[str, str]) -> Any:
    return hierarchy, os.path.dirname(path) if path.count("/") > 1 else path, settings


def forget_limits(hierarchy: Any, path: str, made: list[str]) -> None:
    """Of a cgroup that was there."""
    file = os.path.join(hierarchy.directory(path), "pids.max")
    if os.path.exists(file):
        files.write(file, "max")
    create(hierarchy, path, made)


def drop_limits(config: Any) -> None:
    if not path_of(config):
        config["linux"].pop("resources", None)


MUTANTS: Mutants = {
    "cg.fitness-error": [instead(cgroups_path.refuse_occupied, clear_out), instead(cgroups_path.refuse_frozen, feign)],
    "cg.path.absolute": [instead(cgroups_path.locate, ignore_path), instead(cgroups_path.locate, begin_at_home)],
    "cg.path.relative": [instead(cgroups_path.locate, lambda config, id: append(config, id, "box", False))],
    "cg.path.consistent": [
        instead(cgroups_path.locate, lambda config, id: append(config, id, id, True)),
        instead(cgroups_path.locate, lambda config, id: append(config, id, id, False)),
    ],
    "cg.path.default": [reading(drop_limits)],
    "cg.path.invalid": [
        instead(cgroups_path.refuse_leaving, make_outside),
        reading(find_names),
    ],
    "cg.path.created": [instead(cgroups_path.create, make_one)],
    "cg.path.existing": [instead(cgroups_path.locate, evade)],
    "cg.resources": [given(cgroups.configure, limit_above), instead(cgroups_path.locate, share)],
    "cg.resources.absent": [instead(cgroups_path.create, forget_limits)],
}
