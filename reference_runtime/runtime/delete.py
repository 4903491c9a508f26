"""runtime.md#runtimeDelete"""

from __future__ import annotations

import os
import signal

from ..config import hooks, root
from ..config_linux import namespaces
from ..kernel import processes
from . import cgroups, lifecycle, record, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import Container

#: How long a killed process may take to be gone.
DEADLINE = 10.0


def delete(container: Container) -> None:
    lifecycle.require(container, "delete")
    destroy(container)
    run_poststop(container)


def stop_and_destroy(container: Container) -> None:
    """From whatever status, as `delete --force` and a failed hook have it."""
    processes.send_signal(container.pid, container.started, signal.SIGKILL)
    processes.wait_for_end(container.pid, container.started, DEADLINE)
    destroy(container)
    run_poststop(container)


def destroy(container: Container) -> None:
    """What create has made is removed; what was there before, joined or bound, stays. The record goes last:
    while it is there, a delete that failed half way can be tried again."""
    cgroups.remove(container)
    release_mounts(container)
    record.remove(container)


def release_mounts(container: Container) -> None:
    """A mount table of the container's own has gone with its last process; another one has to be tidied up."""
    config = container.config
    if namespaces.is_new(config, "mount"):
        return
    in_mount_namespace(container, root.locate(config, container.bundle))


def in_mount_namespace(container: Container, path: str) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            joined = namespaces.open_joined(container.config)
            if "mount" in joined:
                namespaces.enter("mount", joined["mount"])
            root.unbind(path)
        except OSError:
            os._exit(1)
        finally:
            os._exit(0)
    processes.reap(pid)


def run_poststop(container: Container) -> None:
    """The container is gone; only what is remembered here still knows its hooks."""
    hooks.run_all(container.config, "poststop", state.compose(container, lifecycle.STOPPED, 0))
