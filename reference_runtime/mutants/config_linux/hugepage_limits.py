# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxHugePageLimits"""

from __future__ import annotations

import re
from typing import Any

from ...config_linux import hugepage_limits
from ..ways import Mutants, giving, reading

BYTES = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
METRIC = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


def asked(config: Any) -> list[Any]:
    return config.get("linux", {}).get("resources", {}).get("hugepageLimits", [])


def keep(config: Any, entries: Any) -> None:
    if asked(config):
        asked(config)[:] = entries


def guess_size(config: Any) -> None:
    for entry in asked(config):
        entry.setdefault("pageSize", "2MB")


def size_of(written: str, units: dict[str, int]) -> int:
    """A reader that takes what is meant."""
    found = re.fullmatch(r"(\d+)([kKmMgG]?)i?[bB]?", written)
    assert found, "no size, however it is read"
    number, unit = found.groups()
    return int(number) * units.get(f"{unit.upper()}B", 1)


def name_of(size: int) -> str:
    for unit in reversed(BYTES):
        if size >= BYTES[unit]:
            return f"{size // BYTES[unit]}{unit}"
    return f"{size}B"


def understand(config: Any, units: dict[str, int]) -> None:
    for entry in asked(config):
        entry["pageSize"] = name_of(size_of(entry["pageSize"], units))


def only(kind: str) -> Any:
    """What comes out of it has only files of one kind: of reservations, or of what is used."""
    return giving(
        hugepage_limits.settings,
        lambda settings: {
            (file if kind == "used" else file.partition("|")[0]): value
            for file, value in settings.items()
            if ("rsvd" in file) == (kind == "reserved")
        },
    )


MUTANTS: Mutants = {
    "hugetlb.limit": [
        reading(lambda config: keep(config, [])),
        reading(lambda config: keep(config, asked(config)[-1:])),
        reading(lambda config: keep(config, [entry for entry in asked(config) if entry["limit"]])),
    ],
    "hugetlb.rsvd": [only("used")],
    "old.hugetlb.fault-only": [only("reserved")],
    "hugetlb.pageSize.required": [
        reading(guess_size),
        reading(lambda config: keep(config, [entry for entry in asked(config) if "pageSize" in entry])),
    ],
    "hugetlb.pageSize.unknown": [
        reading(lambda config: keep(config, [entry for entry in asked(config) if entry["pageSize"] != "3MB"]))
    ],
    "hugetlb.pageSize.format": [reading(lambda config: understand(config, BYTES))],
    "hugetlb.pageSize.base1024": [reading(lambda config: understand(config, METRIC))],
    "hugetlb.limit.required": [
        reading(lambda config: keep(config, [entry for entry in asked(config) if "limit" in entry])),
    ],
}
