"""A runtime that is not where this run is: its own namespace of some type is none of those around it."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import cgroups, faults, libc
from .resources import HeldNamespace, fork
from .runtime import Runtime

#: A program that enters the namespace of a file and becomes what the rest of its words say.
ENTER = """\
import ctypes, os, sys
library = ctypes.CDLL(None, use_errno=True)
if library.setns(os.open(sys.argv[1], os.O_RDONLY | os.O_CLOEXEC), 0) < 0:
    sys.exit(f"setns: {os.strerror(ctypes.get_errno())}")
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture
def runtime_in(
    runtime: Runtime, namespace_of: Callable[..., HeldNamespace], same_kernel: None
) -> Iterator[Callable[[str], HeldNamespace]]:
    """Have the runtime start in a namespace of this type that nothing else is in: `runtime_in("uts").identity`.

    At the end, before the container is removed, it is back again.
    """
    command = runtime.command

    def move(type: str) -> HeldNamespace:
        held = namespace_of(type)
        if type == "cgroup" and cgroups.binds_namespaces() and not cgroups.is_at_top(held.pid):
            raise faults.not_on_this_host("a cgroup namespace of version 2 that reaches up to the top (nsdelegate)")
        runtime.command = (sys.executable, "-I", "-S", "-c", ENTER, held.path, *command)
        return held

    yield move
    runtime.command = command


def bind_within(table: HeldNamespace, source: HeldNamespace, file: Path) -> None:
    """Give a namespace a name that is one in this mount namespace alone; it goes with it."""
    file.touch()
    with open(table.path) as place, open(source.path) as what:
        child = fork()
        if child == 0:
            try:
                libc.setns(place.fileno(), libc.CLONE_NEWNS)
                libc.mount(f"/proc/self/fd/{what.fileno()}", str(file), flags=libc.MS_BIND)
            except OSError as problem:
                os._exit(problem.errno or 1)
            os._exit(0)
    if number := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise OSError(number, f"mount: {os.strerror(number)}", str(file))
