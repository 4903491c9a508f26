"""config-linux.md#configLinuxPersonality"""

from __future__ import annotations

from .. import errors
from ..kernel import personalities

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config


def check(config: Config) -> None:
    refuse_flags(config)


def refuse_flags(config: Config) -> None:
    """No release of the specification has any."""
    for flag in config.get("linux", {}).get("personality", {}).get("flags", []):
        raise errors.InvalidConfig("linux.personality.flags", f"{flag!r} is none that is supported")


def set_domain(config: Config) -> None:
    """LINUX, too: this process has its own from whoever called the runtime."""
    if personality := config.get("linux", {}).get("personality"):
        personalities.personality(personalities.Persona[personality["domain"]])
