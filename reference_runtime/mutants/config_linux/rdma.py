# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxRDMA"""

from __future__ import annotations

import os
from typing import Any

from ...config_linux import rdma
from ..ways import Mutants, giving, reading

DEVICES = "/sys/class/infiniband"


def asked(config: Any) -> dict[str, Any]:
    return config.get("linux", {}).get("resources", {}).get("rdma", {})


def take_the_first(config: Any) -> None:
    """All limits for the first device that there is."""
    if asked(config) and os.path.isdir(DEVICES):
        first = min(os.listdir(DEVICES))
        limits = list(asked(config).values())
        asked(config).clear()
        asked(config)[first] = limits[-1]


def keep_known(config: Any) -> None:
    for name in list(asked(config)):
        if not os.path.exists(f"{DEVICES}/{name}"):
            del asked(config)[name]


def drop_unlimited(config: Any) -> None:
    for name in [name for name, limits in asked(config).items() if not limits]:
        del asked(config)[name]


def exchange(config: Any) -> None:
    names = {"hcaHandles": "hcaObjects", "hcaObjects": "hcaHandles"}
    for device, limits in asked(config).items():
        asked(config)[device] = {names[name]: limit for name, limit in limits.items()}


MUTANTS: Mutants = {
    "rdma.key": [reading(take_the_first), reading(keep_known), reading(lambda config: asked(config).clear())],
    "rdma.hcaHandles": [
        reading(exchange),
        giving(rdma.limits, lambda words: words if "hca_object" in words else f"{words} hca_object=0"),
    ],
    "rdma.hcaObjects": [
        reading(exchange),
        giving(rdma.limits, lambda words: words if "hca_handle" in words else f"{words} hca_handle=0"),
    ],
    "rdma.one-of": [reading(drop_unlimited)],
}
