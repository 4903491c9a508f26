"""config-linux.md#configLinuxRDMA"""

from __future__ import annotations

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..config_types import RDMA, Config

WHERE = "linux.resources.rdma"
CONTROLLERS = ("rdma",)
#: What the kernel calls them.
WORDS = {"hcaHandles": "hca_handle", "hcaObjects": "hca_object"}


def check(config: Config) -> None:
    for name, entry in configured(config).items():
        refuse_without_limit(f"linux.resources.rdma.{name}", entry)


def refuse_without_limit(path: str, entry: RDMA) -> None:
    if not WORDS.keys() & entry.keys():
        raise errors.InvalidConfig(path, "has neither hcaHandles nor hcaObjects")


def configured(config: Config) -> dict[str, RDMA]:
    return config.get("linux", {}).get("resources", {}).get("rdma", {})


def v1(config: Config) -> dict[str, str]:
    devices = [f"{name} {limits(entry)}" for name, entry in configured(config).items()]
    return {"rdma.max": "\n".join(devices)} if devices else {}


def limits(entry: RDMA) -> str:
    """What is not named stays as it is: without a limit."""
    found: dict[str, Any] = {**entry}
    return " ".join(f"{word}={found[name]}" for name, word in WORDS.items() if name in found)


def v2(config: Config) -> dict[str, str]:
    return v1(config)
