# pyright: basic, reportPrivateUsage=false
"""config.md#configHooks, and the sections of the six kinds"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

from ... import errors
from ...config import hooks
from ...kernel import namespaces, processes
from ...runtime import delete, lifecycle, start, state
from ..ways import Change, Mutants, given, giving, instead, reading, without

listed, run, run_one = hooks.listed, hooks.run, hooks.run_one
spawn, state_file, environment = hooks.spawn, hooks.state_file, hooks.environment
destroy, execute = delete.destroy, start.execute
#: What is done with one hook.
RunOne = Callable[[str, Any, Any], None]


# --- one kind is treated otherwise -----------------------------------------------------------------------------------


def one(kind: str, replacement: RunOne) -> Change:
    """Each hook of the kind is run in another way."""

    def run_it(its_kind: str, hook: Any, told: Any) -> None:
        (replacement if its_kind == kind else run_one)(its_kind, hook, told)

    return instead(hooks.run_one, run_it)


def told(kind: str, **otherwise: Any) -> Change:
    """Hooks of the kind are told something else."""
    return one(kind, lambda its_kind, hook, told: run_one(its_kind, hook, told | otherwise))


def at(kind: str, path: Callable[[Any, Any], str]) -> Change:
    """Hooks of the kind are looked for elsewhere."""
    return one(kind, lambda its_kind, hook, told: run_one(its_kind, hook | {"path": path(hook, told)}, told))


def of_each_entry(change: Callable[[Any], Any], *kinds: str) -> Change:
    """The config's hooks are changed, in place."""

    def change_all(config: Any) -> None:
        for kind in kinds or hooks.KINDS:
            for hook in config.get("hooks", {}).get(kind, []):
                change(hook)

    return reading(change_all)


def reversed_list(kind: str) -> Change:
    def listed_from_the_end(config: Any, its_kind: str) -> Any:
        return listed(config, its_kind)[:: -1 if its_kind == kind else 1]

    return instead(hooks.listed, listed_from_the_end)


def all_at_once(config: Any, kind: str, told: Any) -> None:
    """Each begins before the one before it has ended."""
    children = [in_a_child(lambda hook=hook: run_one(kind, hook, told)) for hook in listed(config, kind)]
    if any(processes.reap(child) for child in children):
        raise errors.HookFailed(f"one of the {kind} hooks")


def in_a_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        except (errors.Refusal, OSError):
            os._exit(1)
        finally:
            os._exit(0)
    return child


def in_the_background(kind: str) -> Change:
    """Nobody waits for hooks of the kind."""

    def leave_alone(its_kind: str, hook: Any, told: Any) -> None:
        def run_it() -> None:
            os.closerange(3, 256)  # nobody shall wait for what this process holds
            run_one(its_kind, hook, told)

        in_a_child(run_it)

    return one(kind, leave_alone)


# --- entries ---------------------------------------------------------------------------------------------------------


def refuse_incomplete(config: Any) -> None:
    if "hooks" in config and set(config["hooks"]) != set(hooks.KINDS):
        raise errors.InvalidConfig("hooks", "leaves some kinds out")


def refuse_empty(config: Any) -> None:
    for kind, entries in config.get("hooks", {}).items():
        if not entries:
            raise errors.InvalidConfig(f"hooks.{kind}", "is empty")


def insist_on_reading(kind: str, hook: Any, told: Any) -> None:
    """A hook that has read nothing, told by the offset that both sides share, is not to be borne."""
    kept: list[int] = []

    def remember(told: Any) -> int:
        descriptor = state_file(told)
        kept.append(os.dup(descriptor))
        return descriptor

    hooks.state_file = remember
    run_one(kind, hook, told)
    hooks.state_file = state_file
    if os.lseek(kept[0], 0, os.SEEK_CUR) == 0:
        raise errors.Refusal(f"the {kind} hook {hook['path']} has not read its state")


def of_another(told: Any) -> tuple[Any]:
    return (told | {"id": "another"},)


def through_a_shell(hook: Any, told: Any) -> int:
    try:
        return spawn(hook, told)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        return spawn({"path": "/bin/sh", "args": ["sh", hook["path"]]}, told)


def first_word(hook: Any, told: Any) -> tuple[Any, Any]:
    return hook | {"path": hook["path"].split(maxsplit=1)[0]}, told


def own_name_first(hook: Any, told: Any) -> tuple[Any, Any]:
    return hook | {"args": [hook["path"], *hook.get("args", [])[1:]]}, told


def make_absolute(hook: Any) -> None:
    hook["path"] = os.path.normpath("/" + hook["path"])


def leave_out_nothing(hook: Any) -> None:
    if hook.get("timeout", 1) < 1:
        del hook["timeout"]


def give_path(hook: Any) -> None:
    hook.setdefault("path", hook["args"][0])


def in_milliseconds(pid: int, name: str, timeout: Any) -> tuple[int, str, Any]:
    return pid, name, timeout and timeout / 1000


def leave_it_running(kind: str, hook: Any, told: Any) -> None:
    """When the time is over, go on, as if the hook had succeeded."""
    pid = spawn(hook, told)
    if processes.ended(pid, hook.get("timeout")):
        hooks.refuse_failure(kind, processes.reap(pid))


# --- namespaces ------------------------------------------------------------------------------------------------------


def below_the_root(hook: Any, told: Any) -> str:
    return f"{told['bundle']}/rootfs{hook['path']}"


def somewhere_else(kind: str, hook: Any, told: Any) -> None:
    """A hook that is run in a namespace of its own is in neither the runtime's nor the container's."""

    def leave_and_run() -> None:
        namespaces.unshare(namespaces.Clone.NEWUTS)
        run_one(kind, hook, told)

    if processes.reap(in_a_child(leave_and_run)):
        raise errors.HookFailed(f"the {kind} hook {hook['path']}")


def keep_what_is_outside(config: Any, kind: str, told: Any) -> None:
    """startContainer hooks are opened before the root changes."""
    if kind == "createContainer":
        for hook in listed(config, "startContainer"):
            if os.path.exists(hook["path"]):
                descriptor = os.open(hook["path"], os.O_RDONLY)
                os.set_inheritable(descriptor, True)
                hook["path"] = f"/proc/self/fd/{descriptor}"
    run(config, kind, told)


#: Descriptors from before the root changes, for after it.
KEPT: dict[str, int] = {}


def with_the_runtimes_name(config: Any, kind: str, told: Any) -> None:
    """startContainer hooks are run in the uts namespace that /proc shows before the root changes."""
    if kind == "createContainer":
        KEPT["uts"] = os.open("/proc/1/ns/uts", os.O_RDONLY)
    if kind == "startContainer" and listed(config, kind):
        own = os.open("/proc/self/ns/uts", os.O_RDONLY)
        namespaces.setns(KEPT["uts"], namespaces.Clone.NEWUTS)
        run(config, kind, told)
        namespaces.setns(own, namespaces.Clone.NEWUTS)
    else:
        run(config, kind, told)


# --- the time --------------------------------------------------------------------------------------------------------


def postponed(kind: str, until: str) -> Change:
    """Hooks of the kind are run right after those of another one."""

    def run_them(config: Any, its_kind: str, told: Any) -> None:
        if its_kind != kind:
            run(config, its_kind, told)
        if its_kind == until:
            run(config, kind, told)

    return instead(hooks.run, run_them)


def prestart_after_createruntime(config: Any, kind: str, told: Any) -> None:
    """Both within create, whatever the release."""
    if kind != "prestart":
        run(config, kind, told)
    if kind == "createRuntime":
        run(config, "prestart", told)


def leave_out_library(config: Any) -> None:
    config["mounts"] = [mount for mount in config.get("mounts", []) if mount["destination"] != "/library"]


def execute_after_poststart(container: Any) -> None:
    hooks.run(container.config, "poststart", state.compose(container, lifecycle.RUNNING, container.pid))
    container.config.get("hooks", {}).pop("poststart", None)
    execute(container)


def destroy_after_poststop(container: Any) -> None:
    delete.run_poststop(container)
    container.config.get("hooks", {}).pop("poststop", None)
    destroy(container)


def in_runtime(kind: str) -> Mutants:
    """What is asked of the kinds that are run in the runtime's namespaces."""
    return {
        f"hooks.{kind}.path-resolve": [at(kind, below_the_root)],
        f"hooks.{kind}.exec-namespace": [one(kind, somewhere_else)],
    }


def of_every(kind: str) -> Mutants:
    return {
        f"hooks.{kind}.order": [reversed_list(kind), together(kind)],
        f"hooks.{kind}.stdin-state": [told(kind, bundle="/")],
        f"hooks.{kind}.path-absolute": [of_each_entry(make_absolute, kind)],
        f"hooks.{kind}.timeout": [one(kind, leave_it_running)],
    }


def together(kind: str) -> Change:
    def run_them(config: Any, its_kind: str, told: Any) -> None:
        (all_at_once if its_kind == kind else run)(config, its_kind, told)

    return instead(hooks.run, run_them)


MUTANTS: Mutants = {
    "hooks.object": [reading(refuse_incomplete), reading(refuse_empty)],
    "hooks.exist": [without(hooks.run)],
    "hooks.state-on-stdin": [given(hooks.state_file, of_another)],
    "hooks.state-unread": [instead(hooks.run_one, insist_on_reading)],
    "hooks.env": [giving(hooks.environment, lambda env: {**os.environb, **env})],
    "hooks.env.empty": [instead(hooks.environment, lambda hook: environment(hook) if hook.get("env") else os.environb)],
    "hooks.args": [given(hooks.spawn, own_name_first)],
    "hooks.path.execv": [given(hooks.spawn, first_word), instead(hooks.spawn, through_a_shell)],
    "hooks.path.required": [of_each_entry(give_path)],
    "hooks.timeout": [given(hooks.abort_late, in_milliseconds)],
    "hooks.timeout.positive": [of_each_entry(leave_out_nothing)],
    **{id: changes for kind in hooks.KINDS for id, changes in of_every(kind).items()},
    **{
        id: changes
        for kind in ("prestart", "createRuntime", "poststart", "poststop")
        for id, changes in in_runtime(kind).items()
    },
    "hooks.prestart.timing": [postponed("prestart", "poststart")],
    "old.hooks.prestart.at-start": [
        instead(hooks.prestart_in_start, lambda config: False),
        postponed("prestart", "poststart"),
    ],
    "hooks.prestart.namespaces-exist": [told("prestart", pid=1)],
    "hooks.prestart.before-createRuntime": [postponed("prestart", "createRuntime")],
    "old.hooks.createRuntime.after-prestart": [instead(hooks.run, prestart_after_createruntime)],
    "hooks.createRuntime.timing": [postponed("createRuntime", "poststart")],
    "hooks.createRuntime.namespaces-exist": [told("createRuntime", pid=1)],
    "hooks.createRuntime.mounts-performed": [reading(leave_out_library)],
    "hooks.createContainer.path-resolve": [at("createContainer", below_the_root)],
    "hooks.createContainer.exec-namespace": [one("createContainer", somewhere_else)],
    "hooks.createContainer.timing": [postponed("createContainer", "startContainer")],
    "hooks.createContainer.after-createRuntime": [postponed("createRuntime", "createContainer")],
    "hooks.createContainer.mounts-performed": [reading(leave_out_library)],
    "hooks.startContainer.path-resolve": [instead(hooks.run, keep_what_is_outside)],
    "hooks.startContainer.exec-namespace": [
        one("startContainer", somewhere_else),
        instead(hooks.run, with_the_runtimes_name),
    ],
    "hooks.startContainer.timing": [in_the_background("startContainer")],
    "hooks.poststart.timing.after-exec": [instead(start.execute, execute_after_poststart)],
    "hooks.poststart.timing.before-return": [in_the_background("poststart")],
    "hooks.poststop.timing.after-delete": [
        instead(delete.destroy, destroy_after_poststop),
        postponed("poststop", "poststart"),
    ],
    "hooks.poststop.timing.before-return": [in_the_background("poststop")],
}
