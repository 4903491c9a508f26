# pyright: basic, reportPrivateUsage=false
"""config.md#configLinuxProcess: oomScoreAdj, execCPUAffinity, apparmorProfile, selinuxLabel"""

from __future__ import annotations

import os
from typing import Any

from ... import errors
from ...config import apparmor, exec_cpu_affinity, oom_score_adj, process, selinux
from ...kernel import lists
from ..ways import Change, Mutants, instead, reading, without

set_score = oom_score_adj.set_score
enter_directory = process.enter_directory


def ignoring(name: str) -> Change:
    """A property of the process is not looked at."""
    return reading(lambda config: config.get("process", {}).pop(name, None))


def set_score_but_0(config: Any, pid: int) -> None:
    if config["process"].get("oomScoreAdj"):
        set_score(config, pid)


def set_score_always(config: Any, pid: int) -> None:
    config["process"].setdefault("oomScoreAdj", 0)
    set_score(config, pid)


def some_score(config: Any) -> None:
    if abs(config["process"].get("oomScoreAdj", 0)) > 1000:
        config["process"]["oomScoreAdj"] = 1000


def refuse_affinity(config: Any) -> None:
    if "execCPUAffinity" in config["process"]:
        raise errors.Unsupported("process.execCPUAffinity", "not here")


def bind_the_first_program(configured: Any) -> None:
    affinity = configured.get("execCPUAffinity", {})
    if cpus := affinity.get("final") or affinity.get("initial"):
        os.sched_setaffinity(0, lists.numbers(cpus))
    enter_directory(configured)


MUTANTS: Mutants = {
    "oom.set": [without(oom_score_adj.set_score), instead(oom_score_adj.set_score, set_score_but_0)],
    "oom.unset": [instead(oom_score_adj.set_score, set_score_always)],
    "oom.range": [reading(some_score)],
    "execaff.not-init": [instead(process.enter_directory, bind_the_first_program)],
    "execaff.format": [reading(refuse_affinity)],
    "execaff.format.invalid": [without(exec_cpu_affinity.refuse_malformed)],
    "apparmor.applied": [without(apparmor.set_profile)],
    "apparmor.not-loaded": [ignoring("apparmorProfile")],
    "selinux.label": [without(selinux.set_label)],
    "selinux.unavailable": [ignoring("selinuxLabel")],
}
