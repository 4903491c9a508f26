"""config-linux.md#configLinuxPIDS"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config

CONTROLLERS = ("pids",)


def v1(config: Config) -> dict[str, str]:
    """-1 is no limit."""
    pids = config.get("linux", {}).get("resources", {}).get("pids", {})
    if "limit" not in pids:
        return {}
    return {"pids.max": "max" if pids["limit"] < 0 else str(pids["limit"])}


def v2(config: Config) -> dict[str, str]:
    return v1(config)
