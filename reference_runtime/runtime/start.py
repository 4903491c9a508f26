"""runtime.md#runtimeStart"""

from __future__ import annotations

from .. import errors
from ..config import hooks
from ..config_linux import seccomp
from . import lifecycle, record, state, sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import Container


def start(container: Container) -> None:
    lifecycle.require(container, "start")
    refuse_no_process(container)
    try:
        if hooks.prestart_in_start(container.config):
            hooks.run(container.config, "prestart", state.query(container))
        execute(container)
        hooks.run(container.config, "poststart", state.query(container))
    except errors.HookFailed:
        from . import delete  # most starts go well, and can do without

        # runtime.md#runtimeLifecycle: a hook that fails here ends the container's life.
        delete.stop_and_destroy(container)
        raise


def refuse_no_process(container: Container) -> None:
    if "process" not in container.config:
        raise errors.Refusal(f"cannot start container {container.id}: its config has no process")


def execute(container: Container) -> None:
    """Say the word and wait for silence: the socket closes when the program is executed."""
    if seccomp.has_listener(container.config):
        from . import seccomp_agent  # few filters have one

        agent = seccomp_agent.connect(container.config)
        channel = sync.connect(container)
        seccomp_agent.introduce(container, agent, channel)
    else:
        channel = sync.connect(container)
    channel.hear()
    channel.close()
    # execve closes one descriptor after the other: the status is running only when the lock's is closed as well.
    record.wait_until_unlocked(container)
