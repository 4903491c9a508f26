"""config.md#configAnnotations"""

from __future__ import annotations

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config


def check(config: Config) -> None:
    refuse_empty_key(config)


def refuse_empty_key(config: Config) -> None:
    if "" in config.get("annotations", {}):
        raise errors.InvalidConfig("annotations", "a key is empty")
