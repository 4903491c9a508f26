"""config.md#configSpecificationVersion: where releases differ, that of the config counts"""

from __future__ import annotations

from . import NEWEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .config_types import Config


def is_before(config: Config, release: str) -> bool:
    """Whether the config is of an earlier release than this one."""
    return precedence(config.get("ociVersion", NEWEST)) < precedence(release)


def precedence(version: str) -> tuple[int, int, int, bool]:
    """For comparing: what comes before a release, as a candidate of it, is less than the release itself."""
    numbers, dash, _ = version.partition("+")[0].partition("-")
    major, minor, patch = map(int, numbers.split("."))
    return major, minor, patch, not dash
