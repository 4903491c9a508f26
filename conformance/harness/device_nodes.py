"""Nodes of devices: made on the host, and told by the probe's `stat`."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

CHARACTER, BLOCK = stat.S_IFCHR, stat.S_IFBLK
#: What may lie in place of any device → how it is made.
IN_THE_WAY: dict[str, Callable[[Path], object]] = {
    "file": lambda path: path.touch(),
    "directory": lambda path: path.mkdir(),
    "pipe": lambda path: os.mkfifo(path),
    "link to nothing": lambda path: path.symlink_to("/nothing"),
}


def make(path: Path, kind: int, numbers: tuple[int, int]) -> None:
    """A node that everybody may use: CHARACTER or BLOCK, major and minor."""
    os.mknod(path, kind | 0o666, os.makedev(*numbers))


def kind_and_numbers(answer: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """("character", 1, 3) or ("fifo",) of what `stat` told, whatever it told."""
    answer = answer or {}
    numbers = () if answer.get("kind") == "fifo" else (answer.get("major"), answer.get("minor"))
    return (answer.get("kind"), *numbers)
