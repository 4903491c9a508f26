"""config-linux.md#configLinuxNetwork"""

from __future__ import annotations

from _socket import if_nametoindex  # as in sync: the module `socket` is slow to import

from .. import errors
from ..kernel import interfaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Network

WHERE = "linux.resources.network"
CONTROLLERS = ("net_cls", "net_prio")


def check(config: Config) -> None:
    for entry in configured(config).get("priorities", []):
        refuse_impossible_name(entry["name"])
        refuse_missing_interface(entry["name"])


def refuse_impossible_name(name: str) -> None:
    """It becomes a word in a line; whether an interface has that name is the kernel's to say."""
    if not interfaces.is_name(name):
        raise errors.InvalidConfig("linux.resources.network.priorities", f"no interface can be called {name!r}")


def refuse_missing_interface(name: str) -> None:
    """The kernel looks for it in the initial network namespace, whoever asks; it is to be one of the runtime's own."""
    try:
        if_nametoindex(name)
    except OSError:
        raise errors.Unsupported(f"{WHERE}.priorities", f"there is no interface {name!r}") from None


def configured(config: Config) -> Network:
    return config.get("linux", {}).get("resources", {}).get("network", {})


def v1(config: Config) -> dict[str, str]:
    network = configured(config)
    settings: dict[str, str] = {}
    if "classID" in network:
        settings["net_cls.classid"] = str(network["classID"])
    if priorities := network.get("priorities"):
        settings["net_prio.ifpriomap"] = "\n".join(f"{entry['name']} {entry['priority']}" for entry in priorities)
    return settings


def v2(_: Config) -> dict[str, str]:
    """Neither controller has a version 2, so there is nothing to be written; the lack of them is told elsewhere."""
    return {}
