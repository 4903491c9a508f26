"""runtime.md#runtimeDelete"""

from __future__ import annotations

import os
import signal

from .. import errors
from ..config import hooks, root
from ..config_linux import intel_rdt, namespaces
from ..kernel import files, processes
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
    # A create that was killed early has left a record without a process.
    if container.pid:
        processes.send_signal(container.pid, container.started, signal.SIGKILL)
        cgroups.thaw(container)
        processes.wait_for_end(container.pid, container.started, DEADLINE)
    destroy(container)
    run_poststop(container)


def destroy(container: Container) -> None:
    """What create has made is removed; what was there before, joined or bound, stays. The record goes last:
    while it is there, a delete that failed half way can be tried again."""
    cgroups.remove(container)
    intel_rdt.remove_own(container.config, container.groups)
    clear_root(container)
    record.remove(container)


def clear_root(container: Container) -> None:
    """The mounts in the root file system, and the places that were made for them and for devices."""
    path = root.locate(container.config, container.bundle)
    if container.bound:
        detach_root(container, path)
    if os.path.isdir(path):
        files.remove_noted(path, record.read_journal(container))


def detach_root(container: Container, path: str) -> None:
    """A mount table of the container's own has gone with its last process; any other has to be tidied up."""
    pid = os.fork()
    if pid == 0:
        try:
            joined = namespaces.open_joined(container.config)
            if "mount" in joined:
                namespaces.enter("mount", joined["mount"])
            root.detach(container.bound, path)
        except (errors.Refusal, OSError):
            os._exit(1)  # The table is gone, and all that was in it.
        finally:
            os._exit(0)
    processes.reap(pid)


def run_poststop(container: Container) -> None:
    """The container is gone; only what is remembered here still knows its hooks."""
    hooks.run(container.config, "poststop", state.compose(container, lifecycle.STOPPED, 0))
