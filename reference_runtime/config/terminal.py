"""config.md#configProcess: terminal and consoleSize"""

from __future__ import annotations

import fcntl
import os
import stat
import struct
import termios

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import ConsoleSize, Process

TIOCSPTLCK = 0x40045431
TIOCGPTPEER = 0x5441
TIOCGPTN = 0x80045430
MULTIPLEXER = os.makedev(5, 2)
STANDARD_STREAMS = (0, 1, 2)


def open_pair() -> tuple[int, int]:
    """Both sides of a new terminal of the container's own devpts; its root is `/` already."""
    manager = os.open("/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_NOFOLLOW | os.O_NONBLOCK)
    refuse_other(manager)
    os.set_blocking(manager, True)
    fcntl.ioctl(manager, TIOCSPTLCK, struct.pack("i", 0))
    return manager, fcntl.ioctl(manager, TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY)


def refuse_other(manager: int) -> None:
    """The root file system may have something of that name."""
    found = os.fstat(manager)
    if not stat.S_ISCHR(found.st_mode) or found.st_rdev != MULTIPLEXER:
        raise errors.Unsupported("process.terminal", "/dev/pts/ptmx is not the multiplexer of terminals")


def path_of(manager: int) -> str:
    (number,) = struct.unpack("i", fcntl.ioctl(manager, TIOCGPTN, struct.pack("i", 0)))
    return f"/dev/pts/{number}"


def set_size(manager: int, process: Process) -> None:
    """consoleSize counts for a terminal of ours only, never for one that the caller's streams may be."""
    if size := process.get("consoleSize"):
        fcntl.ioctl(manager, termios.TIOCSWINSZ, window(size))


def window(size: ConsoleSize) -> bytes:
    return struct.pack("HHHH", min(size["height"], 0xFFFF), min(size["width"], 0xFFFF), 0, 0)


def give_to_user(terminal: int, process: Process) -> None:
    """Whoever runs the program may open its terminal again by name."""
    os.fchown(terminal, process["user"]["uid"], -1)


def attach(terminal: int) -> None:
    """The container's side becomes the controlling terminal and all three standard streams."""
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for stream in STANDARD_STREAMS:
        os.dup2(terminal, stream)
    os.close(terminal)
