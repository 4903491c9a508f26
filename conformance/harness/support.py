"""What the runtime itself says it does not do: its `features` document, where it has one."""

from typing import Any, cast

Config = dict[str, Any]

#: Names that the specification defines. Only they can be declined: any other is a fault that a test has made.
HOOKS = {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}
NAMESPACES = {"pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"}


def declines(config: Config, features: Config | None) -> str | None:
    """What this config asks for and the runtime's features leave out; None if there is no such thing.

    A list that is missing or null says nothing about support: only one that is there, and lacks the name, does.
    """
    if features is None:
        return None
    wanted: list[tuple[str, Any, set[str]]] = [
        ("hooks", features.get("hooks"), HOOKS & section(config, "hooks").keys()),
        ("linux.namespaces", section(features, "linux").get("namespaces"), NAMESPACES & namespace_types(config)),
    ]
    for where, offered, names in wanted:
        if isinstance(offered, list) and (left_out := sorted(names.difference(cast("list[str]", offered)))):
            return f"{left_out[0]} is not among the runtime's features, {where}"
    if any(map(is_mapped, entries(config, "mounts"))) and has_no_mapped_mounts(features):
        return "id-mapped mounts are not among the runtime's features, linux.mountExtensions.idmap"
    of_linux = section(features, "linux")
    if section(config, "linux").get("netDevices") and section(of_linux, "netDevices").get("enabled") is False:
        return "network devices are not among the runtime's features, linux.netDevices"
    return None


def is_mapped(mount: Config) -> bool:
    """Whether a mount asks for other owners than those of its source."""
    return bool({"uidMappings", "gidMappings"} & mount.keys() or {"idmap", "ridmap"} & words(mount, "options"))


def has_no_mapped_mounts(features: Config) -> bool:
    """Only where it is said in so many words."""
    extensions = section(section(features, "linux"), "mountExtensions")
    return section(extensions, "idmap").get("enabled") is False


def section(document: Config, name: str) -> Config:
    """A member that should be an object, in a config that may be wrong on purpose."""
    found = document.get(name)
    return cast(Config, found) if isinstance(found, dict) else {}


def entries(document: Config, name: str) -> list[Config]:
    """The objects in a member that should be a list of them, likewise."""
    found = document.get(name)
    listed = cast("list[Any]", found) if isinstance(found, list) else []
    return [entry for entry in listed if isinstance(entry, dict)]


def words(document: Config, name: str) -> set[str]:
    """The strings in a member that should be a list of them, likewise."""
    found = document.get(name)
    listed = cast("list[Any]", found) if isinstance(found, list) else []
    return {word for word in listed if isinstance(word, str)}


def namespace_types(config: Config) -> set[str]:
    return {str(entry.get("type")) for entry in entries(section(config, "linux"), "namespaces")}
