# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeErrors, runtime.md#runtimeWarnings"""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from ... import errors
from ...config import hooks
from ...config_linux import network_devices
from ...kernel import processes
from ...runtime import delete, record, start, state
from ..ways import Change, Mutants, instead, without
from .create import after_a_failure, leave_a_directory, leave_a_process, leave_cgroups


def when_refused(operation: Callable[[Any], None], spoil: Callable[[Any], object]) -> Change:
    """What an operation that is refused does to the container."""

    def operate(container: Any) -> None:
        try:
            operation(container)
        except errors.WrongStatus:
            spoil(container)
            raise

    return instead(operation, operate)


def end(container: Any) -> None:
    processes.send_signal(container.pid, container.started, signal.SIGKILL)


def poststart_again(container: Any) -> None:
    hooks.run(container.config, "poststart", state.query(container))


MUTANTS: Mutants = {
    "err.rollback.create": [
        *(after_a_failure(spoil) for spoil in (leave_a_directory, leave_a_process, leave_cgroups)),
        without(network_devices.give_back),
    ],
    "err.rollback.rootfs": [without(delete.clear_root)],
    "err.rollback.start": [
        when_refused(start.start, end),
        when_refused(start.start, record.remove),
        when_refused(start.start, poststart_again),
    ],
    "err.rollback.delete": [
        when_refused(delete.delete, end),
        when_refused(delete.delete, record.remove),
        when_refused(delete.delete, delete.run_poststop),
    ],
    "warn.continue": [instead(hooks.is_fatal, lambda config, kind: True)],
}
