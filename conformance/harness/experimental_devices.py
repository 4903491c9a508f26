"""Devices whose numbers are set aside for experiments: no driver is behind them, so that to open one harms nobody.

What comes of it tells whether one may: the kernel looks at the rules first, and then for the driver.
"""

import errno
import os
import stat
from pathlib import Path

import pytest

from . import cgroups, faults, libc
from .container import Config
from .facts import Report

#: What comes of opening such a device where the rules let it, and where they do not.
LET_THROUGH, KEPT_OUT = "ENXIO", "EPERM"
#: As the kernel writes devices → where the container has a node of it.
NODES = {name: f"/dev/{name.replace(' ', '-')}" for name in ("c 60:1", "c 60:2", "c 61:1", "b 60:1", "b 61:2")}
KINDS = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}


def numbers(name: str) -> tuple[str, int, int]:
    """("c", 60, 1) of `c 60:1`."""
    kind, pair = name.split(" ")
    major, minor = pair.split(":")
    return kind, int(major), int(minor)


class Experiments:
    """The nodes in the container: the commands that open them, and what came of it."""

    reads, writes, updates = ([f"{verb} {path}" for path in NODES.values()] for verb in ("open", "write", "update"))

    @staticmethod
    def only(*names: str) -> dict[str, str]:
        """What is seen if these devices are let through and no others; {} stands for none."""
        return {name: LET_THROUGH if name in names else KEPT_OUT for name in NODES}

    @classmethod
    def all_but(cls, *names: str) -> dict[str, str]:
        return cls.only(*(NODES.keys() - names))

    @staticmethod
    def seen(report: Report, verb: str = "open") -> dict[str, str | None]:
        return {name: report.attempts.get(f"{verb} {path}", "not tried") for name, path in NODES.items()}


@pytest.fixture
def laboratory(place: Path) -> None:
    """The gate of tests in which devices are told apart: on a host that can, and lets this run make and open them."""
    refuse_host_without_rules()
    refuse_closed_host(place / "laboratory")


@pytest.fixture
def experiments(config: Config, laboratory: None) -> Experiments:
    """A container with a node of each device."""
    listed = [dict(zip(("type", "major", "minor"), numbers(name), strict=True), path=NODES[name]) for name in NODES]
    config["linux"]["devices"] = listed
    return Experiments()


def refuse_host_without_rules() -> None:
    if not any(each.version == 2 or "devices" in each.controllers for each in cgroups.hierarchies()):
        raise faults.not_on_this_host("cgroups that tell devices apart")


def refuse_closed_host(laboratory: Path) -> None:
    """The run's own files lie where devices cannot be opened: it takes a file system that lets them."""
    laboratory.mkdir()
    libc.mount("laboratory", str(laboratory), "tmpfs", data="size=64k")
    try:
        for name in NODES:
            if (seen := outcome(laboratory / "node", *numbers(name))) != LET_THROUGH:
                raise faults.not_on_this_host(f"device {name}, to be made, opened and found without a driver ({seen})")
    finally:
        libc.umount(str(laboratory))


def outcome(path: Path, kind: str, major: int, minor: int) -> str:
    """What comes of making a node and opening it, here: the errno's name."""
    try:
        os.mknod(path, KINDS[kind] | 0o600, os.makedev(major, minor))
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    except OSError as problem:
        return errno.errorcode.get(problem.errno or 0, str(problem))
    finally:
        path.unlink(missing_ok=True)
    return "success"
