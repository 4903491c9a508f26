# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeCreate"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ... import bundle, command_line, errors
from ...config import hooks, hostname, rlimits
from ...config_linux import cgroups_path
from ...kernel import cgroups
from ...runtime import create, lifecycle, record, state, sync
from ..ways import Change, Mutants, giving, instead
from .state import NOTHING, status_told

accept = sync.accept
bring_forth = create.create
main = command_line.main
read = bundle.read
set_hostname = hostname.set_hostname
set_limits = rlimits.set_limits
take_name = record.take_name
run_hooks = hooks.run


def is_complete(arguments: list[str]) -> bool:
    return "" not in arguments and "--bundle" in arguments[:-2]


def forgive_missing_words(arguments: list[str]) -> int:
    """Without a bundle or an ID nothing is done, and that is called a success."""
    code = main(arguments)
    return code if "create" not in arguments or is_complete(arguments) else 0


def accept_occupied(*_: Any) -> None:
    pass


def replace_namesake(draft: str, container: Any) -> None:
    shutil.rmtree(container.directory, ignore_errors=True)
    take_name(draft, container)


def replace_running_namesake(draft: str, container: Any) -> None:
    """Its cgroup and what runs in there are taken over, too."""
    cgroups_path.refuse_occupied = accept_occupied
    replace_namesake(draft, container)


def forget_namesake(draft: str, container: Any) -> None:
    """Refused, and the other one pays for it."""
    try:
        take_name(draft, container)
    except errors.AlreadyExists:
        await_namesake(container)
        record.remove(container)
        raise


def await_namesake(container: Any) -> None:
    """Until the other one has been created: one that loses its record on the way fails, and there is none to lose."""
    deadline = time.monotonic() + 5
    with suppress(errors.NoSuchContainer):
        while not record.load(container.root, container.id).created and time.monotonic() < deadline:
            time.sleep(0.001)


#: What one step of a mutant leaves to a later one: a descriptor; the root of all containers.
KEPT: dict[str, int] = {}


def succeed_all_the_same(root: str, id: str, directory: str, options: Any) -> Any:
    """Whoever comes second is told of no error."""
    with suppress(errors.AlreadyExists):
        bring_forth(root, id, directory, options)


def run_hooks_all_the_same(draft: str, container: Any) -> None:
    """Refused, after its hooks have been run."""
    try:
        take_name(draft, container)
    except errors.AlreadyExists:
        hooks.run(container.config, "createRuntime", state.compose(container, lifecycle.CREATING, 0))
        raise


def after_a_failure(spoil: Callable[[str, str], object]) -> Change:
    """What a create that fails leaves behind."""

    def create_or_spoil(root: str, id: str, directory: str, options: Any) -> Any:
        try:
            return bring_forth(root, id, directory, options)
        except (errors.Refusal, OSError):
            spoil(root, id)
            raise

    return instead(create.create, create_or_spoil)


def leave_a_process(root: str, id: str) -> None:
    if os.fork() == 0:
        os.closerange(0, 256)
        os.execv("/bin/sleep", ["sleep", "600"])


def leave_a_directory(root: str, id: str) -> None:
    os.makedirs(os.path.join(root, id, "left"), exist_ok=True)


def leave_cgroups(root: str, id: str) -> None:
    for hierarchy in cgroups.hierarchies():
        os.makedirs(f"{hierarchy.mountpoint}/{id}", exist_ok=True)


def leave_a_container(root: str, id: str) -> None:
    container = record.Container(root, id, "/", NOTHING)
    record.reserve(container)
    record.unlock(container)


def set_hostname_at_start(config: Any) -> None:
    def set_both(limits: Any) -> None:
        set_hostname(config)
        set_limits(limits)

    rlimits.set_limits = set_both


def run_one_before(listener: Any) -> Any:
    """A first copy of the program does not wait for start."""
    return accept(listener) if os.fork() else sync.pair()[0]


def can_be_carried_out(entry: Any) -> bool:
    with open("/proc/filesystems", encoding="ascii") as lines:
        known = {line.split()[-1] for line in lines}
    return os.path.exists(entry["source"]) if "bind" in entry.get("options", []) else entry.get("type") in known


def leaving_out_the_impossible(directory: str) -> Any:
    """What cannot be carried out is not asked for."""
    config = read(directory)
    linux: Any = config.get("linux", {})
    if not os.path.isdir(os.path.join(directory, config["root"]["path"])):
        config["root"]["path"] = "rootfs"
    config["mounts"] = [entry for entry in config.get("mounts", []) if can_be_carried_out(entry)]
    linux["namespaces"] = [entry for entry in linux.get("namespaces", []) if os.path.exists(entry.get("path", "/"))]
    keys = linux.get("sysctl", {})
    linux["sysctl"] = {key: keys[key] for key in keys if os.path.exists("/proc/sys/" + key.replace(".", "/"))}
    if linux.get("resources", {}).get("cpu", {}).get("cpus", "0") == "70000":
        del linux["resources"]["cpu"]
    return config


def renamed_at_start(config: Any, kind: str, told: Any) -> None:
    """By what the config says then: a descriptor from before the root has changed still leads to the file."""
    if kind == "createContainer":
        KEPT["config"] = os.open(bundle.config_path(told["bundle"]), os.O_RDONLY)
    if kind == "startContainer":
        with suppress(json.JSONDecodeError):
            set_hostname(json.loads(os.pread(KEPT["config"], 1 << 20, 0)))
    run_hooks(config, kind, told)


def read_again(container: Any) -> Any:
    """From the bundle, whatever it holds by now."""
    container.config = read(container.bundle)
    return container


def read_again_if_there(container: Any) -> Any:
    with suppress(errors.Refusal, json.JSONDecodeError):
        container.config = read(container.bundle)
    return container


MUTANTS: Mutants = {
    "create.no-args": [instead(command_line.main, forgive_missing_words)],
    "create.dup-id.error": [instead(record.take_name, replace_running_namesake)],
    "create.dup-id.at-once": [instead(create.create, succeed_all_the_same)],
    "create.dup-id.at-once.whole": [instead(record.take_name, forget_namesake)],
    "create.dup-id.no-effect": [
        instead(record.take_name, forget_namesake),
        instead(record.take_name, run_hooks_all_the_same),
    ],
    "create.invalid-id": [after_a_failure(leave_a_process)],
    "create.creates": [status_told("creating", instead_of="created")],
    "create.applies-all-but-process": [instead(hostname.set_hostname, set_hostname_at_start)],
    "create.args-not-applied": [instead(sync.accept, run_one_before)],
    "create.cannot-apply.error": [instead(bundle.read, leaving_out_the_impossible)],
    "create.cannot-apply.no-container": [after_a_failure(leave_a_container)],
    "create.later-changes": [giving(record.load, read_again), instead(hooks.run, renamed_at_start)],
}
