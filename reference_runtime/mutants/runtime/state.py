# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeState, runtime.md#runtimeQueryState"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from ... import command_line, errors
from ...kernel import processes
from ...runtime import cgroups, lifecycle, record, state
from ..ways import Change, Mutants, giving, instead
from . import words
from .kill import lives_by_number

#: The config of a container that is none.
NOTHING: Any = {}

compose = state.compose
load = record.load
is_alive = lifecycle.is_alive


def told(change: Callable[[Any], object], *statuses: str) -> Change:
    """What `state` tells is changed, in place; only in these statuses, if any are named."""

    def changed(seen: Any) -> Any:
        if not statuses or seen["status"] in statuses:
            change(seen)
        return seen

    return giving(state.query, changed)


def status_told(status: str, instead_of: str) -> Change:
    return told(lambda seen: seen.update(status=status), instead_of)


def without_member(name: str, *statuses: str) -> Change:
    return told(lambda seen: seen.pop(name, None), *statuses)


def without_empty_annotations(seen: Any) -> None:
    if "annotations" in seen:
        seen["annotations"] = {name: value for name, value in seen["annotations"].items() if value}


def pid_of_the_container_s_view(container: Any, status: str, pid: int) -> Any:
    return compose(container, status, 1 if status == lifecycle.CREATING else pid)


def always_1(container: Any, status: str, pid: int) -> Any:
    """Where a hook of the container reads it."""
    return compose(container, status, 1 if pid == os.getpid() else pid)


def never_1(container: Any, status: str, pid: int) -> Any:
    return compose(container, status, 4711 if pid == 1 else pid)


def stopped_if_suspended(seen: Any) -> None:
    with open(f"/proc/{seen['pid']}/stat", encoding="utf-8", errors="replace") as file:
        if file.read().rpartition(")")[2].split()[0] == "T":
            seen["status"] = "stopped"


def lives_in_a_member(container: Any) -> bool:
    """As long as any process of it does, not only its first."""
    return is_alive(container) or bool(cgroups.members(container))


def after_a_greeting(given: Any) -> int:
    if lifecycle.status(command_line.load(given)) == lifecycle.CREATED:
        print("Here is the state:")
    return command_line.state(given)


def also_of_nobody(given: Any) -> int:
    try:
        return command_line.state(given)
    except errors.NoSuchContainer:
        json.dump(compose(record.Container("/", given.arguments[0], "/", NOTHING), lifecycle.STOPPED, 0), sys.stdout)
        return 0


def of_the_nearest(root: str, id: str) -> Any:
    """As if a part of an ID were enough."""
    near = [name for name in words.ids_below(root) if name.startswith(id) or id.startswith(name)]
    return load(root, near[0] if near else id)


#: The pid of the ordinary container is asked for while it runs.
FATAL = {"state.pid.running"}
MUTANTS: Mutants = {
    "state.ociVersion.required": [without_member("ociVersion", "stopped")],
    "state.ociVersion.meaning": [told(lambda seen: seen.update(ociVersion="1.0"))],
    "old.state.ociVersion": [told(lambda seen: seen.update(ociVersion="1.0"))],
    "state.id.required": [
        told(lambda seen: seen.update(id=seen["id"][:6]), "running"),
        told(lambda seen: seen.update(id=seen["id"].lower())),
        without_member("id", "stopped"),
    ],
    "state.status.required": [without_member("status", "stopped")],
    "state.status.values": [told(lambda seen: seen.update(status=seen["status"].capitalize()), "created")],
    "state.status.extra-values": [status_told("exited", instead_of="stopped")],
    "state.status.creating": [status_told("created", instead_of="creating")],
    "state.status.created": [status_told("running", instead_of="created")],
    "state.status.running": [status_told("created", instead_of="running"), told(stopped_if_suspended, "running")],
    "state.status.stopped": [
        status_told("exited", instead_of="stopped"),
        instead(processes.lives, lives_by_number),
        instead(lifecycle.is_alive, lives_in_a_member),
    ],
    "state.pid.created": [without_member("pid", "created")],
    "state.pid.running": [without_member("pid", "running")],
    "state.pid.identity": [told(lambda seen: seen.update(pid=os.getppid()), "created", "running")],
    "state.pid.runtime-view": [
        told(lambda seen: seen.update(pid=1), "created", "running"),
        instead(state.compose, pid_of_the_container_s_view),
    ],
    "state.pid.container-view": [instead(state.compose, always_1), instead(state.compose, never_1)],
    "old.state.pid.host": [instead(state.pid_within, lambda container: os.getpid())],
    "state.bundle.required": [without_member("bundle", "stopped")],
    "state.bundle.absolute": [told(lambda seen: seen.update(bundle=os.path.relpath(seen["bundle"])), "created")],
    "state.annotations": [told(without_empty_annotations), without_member("annotations", "stopped")],
    "state.annotations.empty": [told(lambda seen: seen.setdefault("annotations", None), "created")],
    "state.json-schema": [told(lambda seen: seen.update(pid=str(seen["pid"])), "created")],
    "old.state.json-pattern": [told(lambda seen: seen.update(pid=str(seen["pid"])), "created")],
    "state.json-object": [words.operation("state", after_a_greeting)],
    "state.op.returns": [told(lambda seen: seen.update(status="created"), "running", "stopped")],
    "state.op.no-id": [words.invent_id("state")],
    "state.op.unknown": [words.operation("state", also_of_nobody), instead(record.load, of_the_nearest)],
}
