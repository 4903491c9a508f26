"""Block devices of a test's own: files in memory behind loop devices (loop(4))."""

import errno
import functools
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path
from typing import BinaryIO

import pytest

from . import controllers, faults
from .container import Config

SIZE = 8 << 20  # bytes
CONTROL = "/dev/loop-control"
LOOP_SET_FD, LOOP_SET_STATUS64, LOOP_CTL_GET_FREE = 0x4C00, 0x4C04, 0x4C82
LO_FLAGS_AUTOCLEAR = 4
#: struct loop_info64: its flags are behind five numbers of eight bytes and three of four.
INFO = struct.pack("=52xI176x", LO_FLAGS_AUTOCLEAR)
#: Whole devices, no partitions: these have no limits of their own.
DISKS = Path("/sys/block")
#: The I/O scheduler that has weights: Linux 5.0 and later have no other.
WEIGHING = "bfq"


class LoopDevice:
    """It lasts as long as its descriptor: a run that is killed leaves none behind."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(SIZE))
        with open(file, "r+b", 0) as backing:
            self._descriptor = attached(backing)
        number = os.fstat(self._descriptor).st_rdev
        self.major, self.minor = os.major(number), os.minor(number)
        self.have_no_scheduler()

    @property
    def number(self) -> str:
        """As the kernel's files have it: `7:3`."""
        return f"{self.major}:{self.minor}"

    @property
    def scheduler(self) -> Path:
        return Path(f"/sys/dev/block/{self.number}/queue/scheduler")

    def entry(self, **members: int) -> dict[str, int]:
        """An entry of blockIO for this device."""
        return {"major": self.major, "minor": self.minor, **members}

    def offer(self, config: Config, path: str) -> None:
        """Let the container read and write it, at this path."""
        numbers = {"type": "b", "major": self.major, "minor": self.minor}
        config["linux"].setdefault("devices", []).append({"path": path, "fileMode": 0o600, **numbers})
        config["linux"]["resources"]["devices"].append({"allow": True, "access": "rw", **numbers})

    def have_no_scheduler(self) -> None:
        """As a loop device has none of itself; a host may give it one."""
        with suppress(OSError):
            self.scheduler.write_text("none")

    def release(self) -> None:
        self.have_no_scheduler()
        os.close(self._descriptor)


@functools.cache
def some_numbers() -> dict[str, int]:
    """Of some block device of this host's, not to be read or written; of none, if it has none.

    The same for the whole run: configs are made of them before the first test makes a loop device.
    """
    major, minor = next((file.read_text().split(":") for file in sorted(DISKS.glob("*/dev"))), (0, 0))
    return {"major": int(major), "minor": int(minor)}


def lack() -> str | None:
    return None if some_numbers()["major"] else "a block device"


def lack_of_weights() -> str | None:
    """By the scheduler that gives them out; other weights of version 2 are counted in another way."""
    hierarchy = controllers.hierarchy_of("blkio")
    files = controllers.files_in(hierarchy) if hierarchy else frozenset[str]()
    return None if {"blkio.weight", "blkio.bfq.weight", "io.bfq.weight"} & files else f"I/O scheduler {WEIGHING}"


def attached(backing: BinaryIO) -> int:
    """The descriptor of a loop device that was free, and has the file now; not on this host where there is none."""
    try:
        with open(CONTROL, "rb", 0) as control:
            while True:
                descriptor = os.open(f"/dev/loop{ioctl(control, LOOP_CTL_GET_FREE)}", os.O_RDWR | os.O_CLOEXEC)
                if takes(descriptor, backing):
                    return descriptor
                os.close(descriptor)
    except OSError as problem:
        raise faults.not_on_this_host(f"loop devices ({problem.filename or CONTROL}: {problem.strerror})") from None


def takes(descriptor: int, backing: BinaryIO) -> bool:
    """Whether it could be given the file: another run may have been faster."""
    try:
        ioctl(descriptor, LOOP_SET_FD, backing.fileno())
    except OSError as problem:
        if problem.errno != errno.EBUSY:
            raise
        return False
    ioctl(descriptor, LOOP_SET_STATUS64, INFO)
    return True


def weighs(device: LoopDevice) -> bool:
    """Give the device a scheduler that has weights, which may bring files to every cgroup; whether there is one."""
    try:
        device.scheduler.write_text(WEIGHING)
    except OSError:
        return False
    controllers.files_in.cache_clear()
    return True


@pytest.fixture
def loop_device(place: Path) -> Iterator[Callable[[], LoopDevice]]:
    """Make a block device: `loop_device()`."""
    made: list[LoopDevice] = []

    def make() -> LoopDevice:
        made.append(LoopDevice(place / f"disk-{len(made)}"))
        return made[-1]

    yield make
    for device in made:
        device.release()


@pytest.fixture
def weighed_device(loop_device: Callable[[], LoopDevice]) -> Callable[[], LoopDevice]:
    """Make a block device whose I/O is given out by weight."""

    def make() -> LoopDevice:
        device = loop_device()
        if not weighs(device):
            raise faults.not_on_this_host(f"I/O scheduler {WEIGHING}")
        return device

    return make


@pytest.fixture
def no_weights(loop_device: Callable[[], LoopDevice]) -> None:
    """The gate of tests of what is refused where no scheduler has weights: that may come with a module."""
    if weighs(loop_device()):
        raise faults.not_on_this_host(f"a host without the I/O scheduler {WEIGHING}")
