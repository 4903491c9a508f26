"""features.md: what this runtime can do, whatever the host can; read off the sections' own tables."""

from __future__ import annotations

from .. import NEWEST, OLDEST
from ..config import hooks, mount_options
from . import linux

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Features


def describe() -> Features:
    return {
        "ociVersionMin": OLDEST,
        "ociVersionMax": NEWEST,
        "hooks": list(hooks.KINDS),
        "mountOptions": mount_options.names(),
        "linux": linux.describe(),
        "annotations": {},
        # None of them changes anything.
        "potentiallyUnsafeConfigAnnotations": [],
    }
