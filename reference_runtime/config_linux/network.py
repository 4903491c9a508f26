"""config-linux.md#configLinuxNetwork"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config

CONTROLLERS = ("net_cls", "net_prio")


def v1(config: Config) -> dict[str, str]:
    """The kernel looks for the interfaces in the namespace of the process that writes: the runtime's."""
    network = config.get("linux", {}).get("resources", {}).get("network", {})
    settings: dict[str, str] = {}
    if "classID" in network:
        settings["net_cls.classid"] = str(network["classID"])
    if priorities := network.get("priorities"):
        settings["net_prio.ifpriomap"] = "\n".join(f"{entry['name']} {entry['priority']}" for entry in priorities)
    return settings


def v2(_: Config) -> dict[str, str]:
    """Neither controller has a version 2, so there is nothing to be written; the lack of them is told elsewhere."""
    return {}
