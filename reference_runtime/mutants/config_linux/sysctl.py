# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxSysctl"""

from __future__ import annotations

import contextlib
from typing import Any

from ...config_linux import sysctl
from ...kernel import files
from ..ways import Mutants, instead, without

write = sysctl.write


def set_on_the_host(config: Any) -> None:
    """As part of the check: the runtime is still where it was called."""
    for name, value in config.get("linux", {}).get("sysctl", {}).items():
        files.write(f"/proc/{sysctl.path(name)}", value)


def set_what_there_is(proc: int, name: str, value: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        write(proc, name, value)


def set_what_the_kernel_takes(proc: int, name: str, value: str) -> None:
    with contextlib.suppress(OSError):
        write(proc, name, value)


MUTANTS: Mutants = {
    "sysctl.applied": [without(sysctl.set_parameters)],
    "sysctl.host-untouched": [instead(sysctl.check, set_on_the_host)],
    "sysctl.not-namespaced": [without(sysctl.refuse_hosts_own), without(sysctl.refuse_detour)],
    "sysctl.invalid": [instead(sysctl.write, set_what_the_kernel_takes)],
    "sysctl.unknown": [instead(sysctl.write, set_what_there_is)],
}
