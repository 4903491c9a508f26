"""The kernel's list of files that change hands with a cgroup: cgroups(7), /sys/kernel/cgroup/delegate."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from . import faults
from .container import Container

FILE = Path("/sys/kernel/cgroup/delegate")
#: A program that runs another one where something else is mounted; only what that program sees is changed.
ELSEWHERE = """#!{interpreter} -ISE
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def checked(result):
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
checked(libc.unshare(0x20000))
checked(libc.mount(b"none", b"/", None, ctypes.c_ulong(0x44000), None))
checked(libc.mount({source!r}, {target!r}, None, ctypes.c_ulong(0x1000), None))
os.execv(sys.argv[1], sys.argv[1:])
"""
Listing = Callable[[list[str] | None], None]


def listed() -> set[str]:
    """The files that this host's kernel lists."""
    return set(FILE.read_text().split())


@pytest.fixture
def delegate_list(container: Container, place: Path) -> Listing:
    """Let the container's runtime find other names in the list: `delegate_list(["cgroup.procs"])`; None: no list."""
    if not FILE.parent.is_dir():
        raise faults.not_on_this_host(f"{FILE.parent}, to put another list in its place")

    def put(names: list[str] | None) -> None:
        source, target = place / "delegate", FILE
        if names is None:
            source, target = place / "nothing", FILE.parent
            source.mkdir()
        else:
            source.write_text("".join(f"{name}\n" for name in names))
        script = place / "elsewhere"
        words = {"source": str(source).encode(), "target": str(target).encode()}
        script.write_text(ELSEWHERE.format(interpreter=sys.executable, **words))
        script.chmod(0o700)
        container.runtime.command = (str(script), *container.runtime.command)

    return put
