# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeLifecycle: its steps but for the hooks'"""

from __future__ import annotations

import json
import os
from typing import Any

from ... import bundle, errors
from ...config import hooks, hostname, process
from ...runtime import cgroups, lifecycle, record, state, sync
from ..ways import Mutants, given, giving, instead, reading, without
from . import words
from .create import leaving_out_the_impossible, read_again, read_again_if_there, run_one_before

locate = bundle.locate
run = hooks.run


def here_first(directory: str) -> str:
    return locate("." if os.path.exists(bundle.CONFIG) else directory)


def with_another_name(config: Any) -> tuple[Any]:
    return (config | {"hostname": "elsewhere"},)


def leave_out_shelf(config: Any) -> None:
    config["mounts"] = [entry for entry in config["mounts"] if entry["destination"] != "/shelf"]


#: A descriptor from before the root changes, for after it.
KEPT: dict[str, int] = {}


def read_again_at_start(config: Any, kind: str, told: Any) -> None:
    """A descriptor from before the root has changed still leads to the file."""
    if kind == "createContainer":
        KEPT["config"] = os.open(bundle.config_path(told["bundle"]), os.O_RDONLY)
    if kind == "startContainer":
        config["process"] |= json.loads(os.pread(KEPT["config"], 1 << 20, 0))["process"]
    run(config, kind, told)


def refuse_stopped(seen: Any) -> Any:
    if seen["status"] == lifecycle.STOPPED:
        raise errors.WrongStatus("it has stopped, and I do not know why")
    return seen


#: Something is left of every container.
FATAL = {"life.12.destroy"}
MUTANTS: Mutants = {
    "life.1.create-inputs": [instead(bundle.locate, here_first)],
    "life.2.resources-created": [reading(leave_out_shelf)],
    "life.2.program-not-run": [instead(sync.accept, run_one_before)],
    "life.2.config-frozen.args": [instead(hooks.run, read_again_at_start)],
    "life.2.config-frozen.hooks": [giving(record.load, read_again_if_there), giving(record.load, read_again)],
    "life.2.environment-created": [given(hostname.set_hostname, with_another_name)],
    "life.2.cannot-create-error": [instead(bundle.read, leaving_out_the_impossible)],
    "life.6.start-input": [words.on_another("start")],
    "life.8.program-run": [giving(process.arguments, lambda words: [word.replace("\\", "") for word in words])],
    "life.10.exit-any-cause": [giving(state.query, refuse_stopped)],
    "life.11.delete-input": [words.on_another("delete")],
    "life.12.destroy": [without(cgroups.remove)],
}
