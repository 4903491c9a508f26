# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeLifecycle and runtime.md#runtimeState: the hooks' steps, their failures, and what they are told"""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from ... import errors
from ...config import hooks
from ...kernel import processes
from ...runtime import create, delete, record, stager, sync
from ..config.hooks import one, postponed, told
from ..ways import Change, Mutants, instead, without

listed, run, run_one, is_fatal = hooks.listed, hooks.run, hooks.run_one, hooks.is_fatal
abort_late = hooks.abort_late
fork, remove, run_poststop, failure_word = stager.fork, record.remove, delete.run_poststop, sync.failure_word
IN_CREATE = ("prestart", "createRuntime", "createContainer")
#: Those that are run outside of the container, where a process can outlive them.
LOOSE = ("prestart", "createRuntime", "poststart", "poststop")
IN_START = ("startContainer", "poststart")


def none_of(kind: str) -> Change:
    def listed_but_for(config: Any, its_kind: str) -> Any:
        return [] if its_kind == kind else listed(config, its_kind)

    return instead(hooks.listed, listed_but_for)


def into_a_full_device(kind: str, hook: Any, told: Any) -> None:
    """Nobody takes what a hook says."""
    kept = os.dup(1), os.dup(2)
    full = os.open("/dev/full", os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(full, stream)
    try:
        run_one(kind, hook, told)
    finally:
        for descriptor, stream in zip(kept, (1, 2), strict=True):
            os.dup2(descriptor, stream)
            os.close(descriptor)
        os.close(full)


def refuse_late(pid: int, name: str, timeout: int | None) -> None:
    """A hook has failed if something of it is left when it has ended."""
    abort_late(pid, name, timeout)
    if len(members(pid)) > 1:
        raise errors.HookFailed(f"{name}: it has left something behind")


def wait_for_all(pid: int, name: str, timeout: int | None) -> None:
    """A hook has ended when nothing of it is left."""
    abort_late(pid, name, timeout)
    while len(members(pid)) > 1:
        time.sleep(0.05)


def members(pid: int) -> list[str]:
    """The processes of a hook's group; its own, which has ended, is one of them until it is waited for."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return [process for process in filter(str.isdecimal, os.listdir("/proc")) if group_of(process) == pid]


def group_of(process: str) -> int | None:
    try:
        return os.getpgid(int(process))
    except ProcessLookupError:
        return None


def left_behind(kind: str) -> Change:
    """A failure of a poststop hook would be a warning, and not be seen."""
    late = wait_for_all if kind == "poststop" else refuse_late

    def run_it(its_kind: str, hook: Any, told: Any) -> None:
        hooks.abort_late = late if its_kind == kind else abort_late
        run_one(its_kind, hook, told)

    return instead(hooks.run_one, run_it)


def never_mind(kind: str, hook: Any, state: Any) -> None:
    """A failing hook is nothing to speak of."""
    try:
        run_one(kind, hook, state)
    except errors.HookFailed as failure:
        errors.warn(str(failure))


def rest_of(kind: str) -> Change:
    """A failure of the kind is told when all of its hooks have been run."""

    def run_them(config: Any, its_kind: str, state: Any) -> None:
        if its_kind != kind:
            return run(config, its_kind, state)
        failed: list[errors.HookFailed] = []
        for hook in listed(config, kind):
            try:
                run_one(kind, hook, state)
            except errors.HookFailed as failure:
                failed.append(failure)
        for failure in failed:
            raise failure
        return None

    return instead(hooks.run, run_them)


def none_after_a_failure(its_kind: str) -> Change:
    """A failure of the kind is a warning, and the end of its hooks."""

    def run_them(config: Any, kind: str, state: Any) -> None:
        if kind != its_kind:
            return run(config, kind, state)
        try:
            for hook in listed(config, kind):
                run_one(kind, hook, state)
        except errors.HookFailed as failure:
            errors.warn(str(failure))
        return None

    return instead(hooks.run, run_them)


def always_fatal(its_kind: str) -> Change:
    return instead(hooks.is_fatal, lambda config, kind: kind == its_kind or is_fatal(config, kind))


# --- the process goes on after a failure -----------------------------------------------------------------------------


def outlive_create(birth: Any) -> int:
    """Neither the end of create nor its last word ends the container's process."""
    processes.die_with_parent = lambda yes: None
    create.end = hold_the_conversation
    return fork(birth)


def hold_the_conversation(container: Any) -> None:
    """A process that has the other end of the channel keeps the container's waiting."""
    if os.fork() == 0:
        while True:
            signal.pause()


def outlive_start(failure: BaseException) -> str:
    """The word of the failure comes from a child, and the container's process stays."""
    if isinstance(failure, errors.HookFailed) and os.fork():
        while True:
            signal.pause()
    return failure_word(failure).replace("hook failed", "refused")


# --- what is left, and what is not done ------------------------------------------------------------------------------


def keep_unfinished(container: Any) -> None:
    if container.created:
        remove(container)


def stop(container: Any) -> None:
    """The process is ended, and that is all."""
    processes.send_signal(container.pid, container.started, signal.SIGKILL)
    processes.wait_for_end(container.pid, container.started, delete.DEADLINE)


def stop_and_destroy_only(container: Any) -> None:
    stop(container)
    delete.destroy(container)


def poststop_of_the_finished(container: Any) -> None:
    if container.created:
        run_poststop(container)


def of_create(kind: str) -> Mutants:
    return {
        f"hooks.{kind}.fail.stop": [instead(stager.fork, outlive_create)],
        f"hooks.{kind}.fail.destroy": [instead(record.remove, keep_unfinished)],
        f"hooks.{kind}.fail.poststop": [instead(delete.run_poststop, poststop_of_the_finished)],
    }


def of_start(kind: str) -> Mutants:
    return {
        f"hooks.{kind}.fail.destroy": [instead(delete.stop_and_destroy, stop)],
        f"hooks.{kind}.fail.poststop": [instead(delete.stop_and_destroy, stop_and_destroy_only)],
    }


def of_fatal(kind: str) -> Mutants:
    return {
        f"hooks.{kind}.fail.error": [one(kind, never_mind)],
        f"hooks.{kind}.fail.rest-skipped": [rest_of(kind)],
    }


def tables() -> list[Mutants]:
    return [
        {f"hooks.{kind}.invoked": [none_of(kind), one(kind, into_a_full_device)] for kind in hooks.KINDS},
        {f"hooks.{kind}.invoked": [none_of(kind), one(kind, into_a_full_device), left_behind(kind)] for kind in LOOSE},
        *map(of_create, IN_CREATE),
        *map(of_start, IN_START),
        *map(of_fatal, (*IN_CREATE, *IN_START)),
        {f"hooks.{kind}.state-status": [told(kind, status="of my own")] for kind in hooks.KINDS},
        {f"hooks.{kind}.state-pid": [told(kind, pid=4711)] for kind in (*IN_CREATE, *IN_START)},
    ]


MUTANTS: Mutants = {
    **{id: changes for table in tables() for id, changes in table.items()},
    "hooks.startContainer.fail.stop": [instead(sync.failure_word, outlive_start)],
    "hooks.poststart.fail.stop": [without(delete.stop_and_destroy)],
    "hooks.poststop.fail.rest-run": [none_after_a_failure("poststop")],
    "hooks.poststop.fail.delete-succeeds": [always_fatal("poststop")],
    "old.hooks.poststart.fail.warn": [none_after_a_failure("poststart"), always_fatal("poststart")],
    "hooks.lifecycle-sequence": [postponed("createRuntime", "createContainer")],
}
