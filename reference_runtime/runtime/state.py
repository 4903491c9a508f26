"""runtime.md#runtimeState, runtime.md#runtimeQueryState"""

from __future__ import annotations

import os

from .. import NEWEST, releases
from . import lifecycle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import State
    from .record import Container


def query(container: Container) -> State:
    """The state as it is now."""
    status = lifecycle.status(container)
    return compose(container, status, container.pid if lifecycle.is_alive(container) else 0)


def compose(container: Container, status: str, pid: int) -> State:
    """The state as its reader sees it: a hook inside the container has another idea of the pid."""
    state: State = {"ociVersion": NEWEST, "id": container.id, "status": status, "bundle": container.bundle}
    if pid:
        state["pid"] = pid
    if annotations := container.config.get("annotations"):
        state["annotations"] = annotations
    return state


def pid_within(container: Container) -> int:
    """The pid that the container's process tells the hooks which it runs: as they see it; up to 1.0.2, as the host."""
    return container.pid if releases.is_before(container.config, "1.1.0") else os.getpid()
