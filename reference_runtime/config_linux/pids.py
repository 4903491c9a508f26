"""config-linux.md#configLinuxPIDS"""

from __future__ import annotations

from .. import errors, releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, PIDs

WHERE = "linux.resources.pids"
CONTROLLERS = ("pids",)


def check(config: Config) -> None:
    refuse_missing_limit(config)


def refuse_missing_limit(config: Config) -> None:
    """Until 1.3.0 there was no other reason to have the object."""
    asked = configured(config)
    if asked is not None and "limit" not in asked and releases.is_before(config, "1.3.0"):
        raise errors.InvalidConfig("linux.resources.pids.limit", "is missing")


def configured(config: Config) -> PIDs | None:
    return config.get("linux", {}).get("resources", {}).get("pids")


def v1(config: Config) -> dict[str, str]:
    limit = (configured(config) or {}).get("limit")
    return {} if limit is None else {"pids.max": in_words(limit)}


def in_words(limit: int) -> str:
    """0 is a limit as others are."""
    return "max" if limit == -1 else str(limit)


def v2(config: Config) -> dict[str, str]:
    return v1(config)
