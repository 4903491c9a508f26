# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxPIDS"""

from __future__ import annotations

from typing import Any

from ...config_linux import pids
from ..ways import Mutants, giving, instead, reading, without


def asked(config: Any) -> Any:
    return config.get("linux", {}).get("resources", {}).get("pids", {})


def forget(config: Any) -> None:
    asked(config).clear()


def limit_processes_of_the_user(config: Any) -> None:
    """For root, that is no limit."""
    if limit := asked(config).pop("limit", None):
        config["process"].setdefault("rlimits", []).append({"type": "RLIMIT_NPROC", "soft": limit, "hard": limit})


def allow_one_more(config: Any) -> None:
    if asked(config).get("limit", 0) > 0:
        asked(config)["limit"] += 1


def keep_the_limit_that_is_there(config: Any) -> None:
    if asked(config).get("limit") == -1:
        del asked(config)["limit"]


def take_zero_for_none(limit: int) -> str:
    return "max" if limit <= 0 else str(limit)


def default_to(limit: int) -> Any:
    def change(config: Any) -> None:
        if "pids" in config.get("linux", {}).get("resources", {}):
            asked(config).setdefault("limit", limit)

    return reading(change)


MUTANTS: Mutants = {
    "pids.limit": [reading(forget), reading(limit_processes_of_the_user), reading(allow_one_more)],
    "pids.limit.unlimited": [
        reading(keep_the_limit_that_is_there),
        giving(pids.in_words, lambda text: "1000" if text == "max" else text),
    ],
    "pids.limit.zero": [instead(pids.in_words, take_zero_for_none)],
    "pids.limit.optional": [default_to(0), default_to(-1)],
    "old.pids.limit.required": [without(pids.refuse_missing_limit)],
}
