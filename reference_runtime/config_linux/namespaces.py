"""config-linux.md#configLinuxNamespaces

And what the entries are about: glossary.md#glossaryContainerNamespace, glossary.md#glossaryRuntimeNamespace.
"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import files, namespaces
from ..kernel.namespaces import Clone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Namespace

FLAGS = {
    "cgroup": Clone.NEWCGROUP,
    "ipc": Clone.NEWIPC,
    "mount": Clone.NEWNS,
    "network": Clone.NEWNET,
    "pid": Clone.NEWPID,
    "time": Clone.NEWTIME,
    "user": Clone.NEWUSER,
    "uts": Clone.NEWUTS,
}


def check(config: Config) -> None:
    refuse_duplicates(config)
    refuse_relative_path(config)


def refuse_duplicates(config: Config) -> None:
    """A type that is given twice is an error, whatever else the entries say."""
    types = [entry["type"] for entry in listed(config)]
    for name in types:
        if types.count(name) > 1:
            raise errors.InvalidConfig("linux.namespaces", f"{name} is given more than once")


def refuse_relative_path(config: Config) -> None:
    for entry in listed(config):
        if "path" in entry and not entry["path"].startswith("/"):
            raise errors.InvalidConfig("linux.namespaces", f"{entry['path']!r} is not an absolute path")


def listed(config: Config) -> list[Namespace]:
    return config.get("linux", {}).get("namespaces", [])


def is_new(config: Config, kind: str) -> bool:
    """Does the container get a namespace of this type for itself?"""
    return any(entry["type"] == kind and "path" not in entry for entry in listed(config))


def new(config: Config) -> Clone:
    """The flags of all namespaces that are made for the container."""
    flags = Clone(0)
    for entry in listed(config):
        if "path" not in entry:
            flags |= FLAGS[entry["type"]]
    return flags


def open_joined(config: Config) -> dict[str, int]:
    """Open every namespace that is to be entered, while the paths still mean what the caller meant.

    User last: whoever has entered that one may no longer enter the others.
    """
    joined = [(entry["type"], entry["path"]) for entry in listed(config) if "path" in entry]
    joined.sort(key=lambda pair: pair[0] == "user")
    return {kind: open_one(path) for kind, path in joined}


def open_one(path: str) -> int:
    try:
        # Whatever it is, there is nothing to wait for: a pipe of that name may have no writer.
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise errors.InvalidConfig("linux.namespaces", f"{path}: {error.strerror}") from error


def enter(kind: str, descriptor: int) -> None:
    """Enter a namespace that exists; the kernel refuses one of another type, and the user namespace that one is in."""
    if kind != "user" or not is_own_user(descriptor):
        namespaces.setns(descriptor, FLAGS[kind], about=f"config.json: linux.namespaces: {kind}")
    os.close(descriptor)


def is_own_user(descriptor: int) -> bool:
    return namespaces.identity(files.link_of(descriptor)) == namespaces.identity("/proc/self/ns/user")


def unshare(flags: Clone) -> None:
    """Make new namespaces; types that the config does not name stay as they are: the runtime's."""
    if flags:
        namespaces.unshare(flags)
