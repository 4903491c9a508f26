"""runtime.md#runtimeLifecycle

            create               start              the process ends          delete
(nothing) ─► creating ─► created ─────► running ─────────────────────► stopped ─────► (nothing)
                └───────────┴──── the process ends ────────────────────────┘
"""

from __future__ import annotations

from .. import errors
from ..kernel import processes
from . import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import Container

CREATING, CREATED, RUNNING, STOPPED = "creating", "created", "running", "stopped"

ALLOWED = {"start": {CREATED}, "kill": {CREATED, RUNNING}, "delete": {STOPPED}}


def status(container: Container) -> str:
    """Computed from the world: does the process live, and has it let go of the lock, as execve makes it do?"""
    locked = record.is_locked(container)
    if not is_alive(container):
        return CREATING if locked else STOPPED
    if not locked:
        return RUNNING
    return CREATED if container.created else CREATING


def is_alive(container: Container) -> bool:
    """A zombie is not, and neither is another process that has got the number since."""
    return bool(container.pid) and processes.lives(container.pid, container.started)


def require(container: Container, operation: str) -> None:
    """The operation is for containers in certain statuses only."""
    now = status(container)
    if now not in ALLOWED[operation]:
        raise errors.WrongStatus(f"cannot {operation} container {container.id}: it is {now}")
