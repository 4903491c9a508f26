# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeLifecycle and runtime.md#runtimeState: the hooks' steps, their failures, and what they are told"""

from __future__ import annotations

import os
import signal
from typing import Any

from ... import errors
from ...config import hooks
from ...kernel import processes
from ...runtime import create, delete, record, stager, sync
from ..config.hooks import one, postponed, told
from ..ways import Change, Mutants, instead, without

listed, run, run_one, is_fatal = hooks.listed, hooks.run, hooks.run_one, hooks.is_fatal
fork, remove, run_poststop, failure_word = stager.fork, record.remove, delete.run_poststop, sync.failure_word
IN_CREATE = ("prestart", "createRuntime", "createContainer")
IN_START = ("startContainer", "poststart")


def none_of(kind: str) -> Change:
    def listed_but_for(config: Any, its_kind: str) -> Any:
        return [] if its_kind == kind else listed(config, its_kind)

    return instead(hooks.listed, listed_but_for)


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
        {f"hooks.{kind}.invoked": [none_of(kind)] for kind in hooks.KINDS},
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
