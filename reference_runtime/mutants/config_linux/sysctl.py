# pyright: basic
"""config-linux.md#configLinuxSysctl"""

from __future__ import annotations

import os
from typing import Any

from ...config import oom_score_adj
from ...config_linux import sysctl
from ...kernel import files, processes
from ..ways import Mutants, instead, reading, without


def set_on_the_host(config: Any, pid: int) -> None:
    """For as long as the container lives; then a keeper puts things right again."""
    before = {}
    for name, value in config.get("linux", {}).get("sysctl", {}).items():
        path = f"/proc/{sysctl.path(name)}"
        before[path] = files.read(path)
        files.write(path, value)
    if before and os.fork() == 0:
        os.closerange(0, 256)
        processes.ended(pid, None)
        for path, value in before.items():
            files.write(path, value)
        os._exit(0)


def leave_out_the_hosts_own(config: Any) -> None:
    parameters = config.get("linux", {}).get("sysctl", {})
    for name in list(parameters):
        if not any(sysctl.dotted(name).startswith(prefix) for prefix in sysctl.OWNERS):
            del parameters[name]


def skip_missing(config: Any) -> None:
    parameters = config.get("linux", {}).get("sysctl", {})
    for name in list(parameters):
        if not os.path.exists(f"/proc/{sysctl.path(name)}"):
            del parameters[name]


MUTANTS: Mutants = {
    "sysctl.applied": [without(sysctl.set_parameters)],
    "sysctl.host-untouched": [instead(oom_score_adj.set_score, set_on_the_host)],
    "sysctl.not-namespaced": [reading(leave_out_the_hosts_own)],
    "sysctl.unknown": [reading(skip_missing)],
}
