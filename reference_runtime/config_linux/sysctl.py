"""config-linux.md#configLinuxSysctl"""

from __future__ import annotations

from .. import errors
from ..kernel import files, namespaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Namespace

WHERE = "linux.sysctl"
#: Which namespace makes a parameter the container's own; every other one is the host's.
OWNERS = {
    "net.": "network",
    "fs.mqueue.": "ipc",
    "kernel.msg": "ipc",
    "kernel.sem": "ipc",
    "kernel.shm": "ipc",
    "kernel.auto_msgmni": "ipc",
    "kernel.domainname": "uts",
    "kernel.hostname": "uts",
    "user.": "user",
}
#: Type of namespace → the runtime's own.
OWN = {kind: f"/proc/self/ns/{'net' if kind == 'network' else kind}" for kind in OWNERS.values()}


def check(config: Config) -> None:
    for name in config.get("linux", {}).get("sysctl", {}):
        refuse_detour(name)
        refuse_hosts_own(config, name)


def refuse_detour(name: str) -> None:
    """What begins like a parameter of the container's could lead to one of the host's."""
    if not {"", ".", ".."}.isdisjoint(path(name).split("/")):
        raise errors.InvalidConfig(WHERE, f"{name!r} is the name of no parameter")


def refuse_hosts_own(config: Config, name: str) -> None:
    """A parameter without a namespace of the container's cannot be set for the container alone."""
    owner = next((kind for prefix, kind in OWNERS.items() if dotted(name).startswith(prefix)), None)
    entries = config.get("linux", {}).get("namespaces", [])
    found = next((entry for entry in entries if entry["type"] == owner), None)
    if owner is None:
        raise errors.InvalidConfig(f"{WHERE}.{name}", "is the same for the whole host")
    if found is None:
        raise errors.InvalidConfig(f"{WHERE}.{name}", f"needs a {owner} namespace")
    if is_runtimes_own(found):
        raise errors.Unsupported(f"{WHERE}.{name}", f"{found.get('path')} is the runtime's own {owner} namespace")


def is_runtimes_own(entry: Namespace) -> bool:
    """What is no namespace at all is told elsewhere."""
    try:
        return "path" in entry and namespaces.identity(entry["path"]) == namespaces.identity(OWN[entry["type"]])
    except (OSError, ValueError):
        return False


def dotted(name: str) -> str:
    """sysctl(8) takes slashes for dots, and then dots for slashes: whichever comes first is the separator."""
    first = next((character for character in name if character in "./"), ".")
    return name if first == "." else name.translate({ord("."): "/", ord("/"): "."})


def set_parameters(proc: int, config: Config) -> None:
    """Through the runtime's own /proc: the container's may be missing, and is about to be read-only."""
    for name, value in config.get("linux", {}).get("sysctl", {}).items():
        try:
            write(proc, name, value)
        except OSError as refusal:
            raise errors.Unsupported(f"{WHERE}.{name}", errors.describe(refusal)) from refusal


def write(proc: int, name: str, value: str) -> None:
    files.write(path(name), value, directory=proc)


def path(name: str) -> str:
    return "sys/" + dotted(name).translate({ord("."): "/", ord("/"): "."})
