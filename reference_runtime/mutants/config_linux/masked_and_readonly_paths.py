# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxMaskedPaths, config-linux.md#configLinuxReadonlyPaths"""

from __future__ import annotations

import contextlib
import os
from itertools import takewhile
from typing import Any

from ...config_linux import masked_paths, readonly_paths
from ..ways import Mutants, giving, instead, reading, without


def forbid(place: int, path: str) -> None:
    """Of no concern to a program that may override permissions."""
    with contextlib.suppress(OSError):  # /sys is read-only
        os.chmod(path, 0)


def keep_first(config: Any) -> None:
    """Of those that a test has put there: the ordinary ones lie elsewhere."""
    linux = config["linux"]
    if not linux.get("maskedPaths", ["/proc"])[0].startswith("/proc"):
        linux["maskedPaths"] = linux["maskedPaths"][:1]


def until_one_is_missing(paths: list[str]) -> list[str]:
    return list(takewhile(os.path.exists, paths))


MUTANTS: Mutants = {
    "masked.unreadable": [instead(masked_paths.mask, forbid), reading(keep_first)],
    "masked.no-write-through": [without(masked_paths.mask)],
    "masked.absolute": [without(masked_paths.refuse_relative)],
    "masked.nonexistent": [giving(masked_paths.listed, until_one_is_missing)],
    "readonly.set": [
        without(readonly_paths.make_readonly),
        instead(readonly_paths.make_readonly, masked_paths.mask),
        without(readonly_paths.make_root_readonly),
    ],
    "readonly.absolute": [without(readonly_paths.refuse_relative)],
    "readonly.nonexistent": [giving(readonly_paths.listed, until_one_is_missing)],
}
