# pyright: basic
"""config-linux.md#configLinuxDefaultDevices"""

from __future__ import annotations

import os
from typing import Any

from ...config_linux import default_devices, devices
from ..ways import Change, Mutants, given, instead, without

make = default_devices.make
make_listed = devices.make_all


def leave_out(name: str) -> Change:
    return instead(default_devices.make, lambda root, path, numbers: path == name or make(root, path, numbers))


def make_another(name: str, major: int, minor: int) -> Change:
    wrong = os.makedev(major, minor)
    return given(default_devices.make, lambda root, path, numbers: (root, path, wrong if path == name else numbers))


def replace(root: Any, config: Any) -> None:
    """The config's own list stands for all."""
    if devices.listed(config):
        directory = root.open("/dev")
        for name in ("zero", "full", "random", "urandom"):
            os.unlink(name, dir_fd=directory)
    make_listed(root, config)


MUTANTS: Mutants = {
    "defaultdev.null": [make_another("/dev/null", 1, 5)],
    "defaultdev.zero": [leave_out("/dev/zero"), make_another("/dev/zero", 1, 3)],
    "defaultdev.full": [leave_out("/dev/full"), make_another("/dev/full", 1, 5)],
    "defaultdev.random": [leave_out("/dev/random"), make_another("/dev/random", 1, 5)],
    "defaultdev.urandom": [leave_out("/dev/urandom"), make_another("/dev/urandom", 1, 5)],
    "defaultdev.tty": [leave_out("/dev/tty"), make_another("/dev/tty", 1, 3)],
    "defaultdev.in-addition": [instead(devices.make_all, replace)],
    "defaultdev.console": [without(default_devices.bind_console)],
    "defaultdev.ptmx": [without(default_devices.link_ptmx)],
}
