"""What no schema can say of a config: every public function of the modules here is one rule.

A rule is given a config whose values have the right types (the rest was taken out) and yields what it finds.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from .. import pointer

Config = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or unwise, in a config."""

    pointer: str
    message: str
    level: str = "MUST"  # or MUST NOT, DEFINED, SHOULD, SHOULD NOT, and NOTE: our own counsel, no demand
    requirement: str | None = None

    @property
    def advice(self) -> bool:
        """True if a config with this finding still complies."""
        return self.level in {"SHOULD", "SHOULD NOT", "NOTE"}

    def __str__(self) -> str:
        source = f"{self.level} {self.requirement}" if self.requirement else self.level
        place = self.pointer if self.pointer.isprintable() else ascii(self.pointer)
        return f"{place or '/'}: {self.message} [{source}]"


def section(config: Config, *path: str) -> Config:
    """The object at a path, empty where there is none."""
    for name in path:
        config = config.get(name) or {}
    return config


def version(config: Config) -> tuple[int, int]:
    """Major and minor of ociVersion, 1.0 where it cannot be told."""
    major, minor, *_ = str(config.get("ociVersion", "1.0.0")).split(".")
    return int(major[:9]), int(minor[:9])


def entries(config: Config, *path: str) -> list[Any]:
    """The array at a path, empty where there is none."""
    *parents, name = path
    return section(config, *parents).get(name) or []


def twice(values: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """Index and value of each value that stood there before; None counts for nothing."""
    seen: set[Any] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield index, value
        if value is not None:
            seen.add(value)


def namespace_types(config: Config) -> set[str]:
    """The types of namespace that the container does not share with its runtime."""
    return {entry.get("type", "") for entry in entries(config, "linux", "namespaces")}


def is_new(config: Config, kind: str) -> bool:
    """Whether the container gets a namespace of this type that nobody else is in yet."""
    return any(entry.get("type") == kind and "path" not in entry for entry in entries(config, "linux", "namespaces"))


def backwards(config: Config, requirement: str, *path: str) -> Iterator[Finding]:
    """The ranges of a list of numbers that end before they begin."""
    *parents, name = path
    for part in section(config, *parents).get(name, "").split(","):
        # Of any number of digits: more than can be counted with.
        first, last = ((len(end), end) for end in (end.lstrip("0") for end in part.partition("-")[::2]))
        if "-" in part and first > last:
            yield Finding(pointer.join(path), f"{part} ends before it begins", "DEFINED", requirement)


def overlap(first: int | None, size: int | None, other: int | None, others: int | None) -> bool:
    """Whether two ranges have something in common; one that is not whole has nothing."""
    if first is None or size is None or other is None or others is None:
        return False
    return first < other + others and other < first + size


def relative(config: Config, requirement: str, *path: str) -> Iterator[Finding]:
    """The elements of an array of paths that are not absolute."""
    for index, value in enumerate(entries(config, *path)):
        if not value.startswith("/"):
            yield Finding(pointer.join((*path, index)), f"{value!r} is not an absolute path", "MUST", requirement)
