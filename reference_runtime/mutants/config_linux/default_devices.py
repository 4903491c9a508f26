# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxDefaultDevices"""

from __future__ import annotations

import os
import stat
from typing import Any

from ... import errors
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


def take_the_place_of_defaults(root: files.Root, config: Any, ready: list[int]) -> None:
    make_listed(root, config, ready)
    if devices.listed(config):
        default_devices.make_all = lambda root: None


def make_any_multiplexer(root: files.Root) -> None:
    """The right numbers, but a node of its own."""
    root.make_node(root.make_directory("/dev"), "ptmx", stat.S_IFCHR | 0o666, os.makedev(5, 2))


def refuse_what_is_there(root: files.Root, path: str, numbers: int) -> None:
    if root.exists(path):
        raise errors.Unsupported("root", path)
    make(root, path, numbers)


MUTANTS: Mutants = {
    f"defaultdev.{name}": [leaving_out(f"/dev/{name}"), for_root_alone(f"/dev/{name}")]
    for name in ("null", "zero", "full", "random", "urandom", "tty")
}
MUTANTS["defaultdev.null"] += [without(default_devices.refuse_link)]
MUTANTS["defaultdev.zero"] += [instead(default_devices.make, refuse_what_is_there)]
MUTANTS |= {
    "defaultdev.in-addition": [instead(devices.make_all, take_the_place_of_defaults)],
    "defaultdev.console": [without(default_devices.bind_console), without(default_devices.refuse_link)],
    "defaultdev.ptmx": [instead(default_devices.link_ptmx, make_any_multiplexer), without(default_devices.link_ptmx)],
}

#: An ordinary container's masked files are bound to /dev/null.
FATAL = {"defaultdev.null"}
