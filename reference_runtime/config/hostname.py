"""config.md#configHostname"""

from __future__ import annotations

from .. import errors
from ..kernel import namespaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config


def check(config: Config) -> None:
    refuse_without_namespace(config)


def refuse_without_namespace(config: Config) -> None:
    """Without a UTS namespace in the config the name would be the host's, and the host would keep it."""
    types = [entry["type"] for entry in config.get("linux", {}).get("namespaces", [])]
    if config.get("hostname") and "uts" not in types:
        raise errors.Unsupported("hostname", "needs a uts namespace in linux.namespaces")


def set_hostname(config: Config) -> None:
    if name := config.get("hostname"):
        namespaces.sethostname(name)
