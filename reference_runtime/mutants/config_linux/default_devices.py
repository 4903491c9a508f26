# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxDefaultDevices"""

from __future__ import annotations

import os
import stat
from typing import Any

from ...config_linux import default_devices, devices
from ...kernel import files
from ..ways import Change, Mutants, instead, without

make = default_devices.make
make_listed = devices.make_all


def leaving_out(path: str) -> Change:
    def making(root: files.Root, found: str, numbers: int) -> None:
        if found != path:
            make(root, found, numbers)

    return instead(default_devices.make, making)


def for_root_alone(path: str) -> Change:
    def making(root: files.Root, found: str, numbers: int) -> None:
        make(root, found, numbers)
        if found == path:
            os.chmod(files.link_of(root.open(path)), 0o600)

    return instead(default_devices.make, making)


def take_the_place_of_defaults(root: files.Root, config: Any) -> None:
    make_listed(root, config)
    if devices.listed(config):
        directory = root.make_directory("/dev")
        for path, _, _ in default_devices.DEVICES:
            os.unlink(os.path.basename(path), dir_fd=directory)


def make_any_multiplexer(root: files.Root) -> None:
    """The right numbers, but a node of its own."""
    root.make_node(root.make_directory("/dev"), "ptmx", stat.S_IFCHR | 0o666, os.makedev(5, 2))


MUTANTS: Mutants = {
    f"defaultdev.{name}": [leaving_out(f"/dev/{name}"), for_root_alone(f"/dev/{name}")]
    for name in ("null", "zero", "full", "random", "urandom", "tty")
} | {
    "defaultdev.in-addition": [instead(devices.make_all, take_the_place_of_defaults)],
    "defaultdev.console": [without(default_devices.bind_console)],
    "defaultdev.ptmx": [instead(default_devices.link_ptmx, make_any_multiplexer)],
}

#: An ordinary container's masked files are bound to /dev/null.
FATAL = {"defaultdev.null"}
