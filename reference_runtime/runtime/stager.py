"""The process between create and init: it puts itself where the container belongs, and init is born there.

A process cannot move itself into a new pid or time namespace, only its children; so it takes one more fork.
"""

from __future__ import annotations

import os

from ..config_linux import namespaces, time_offset
from ..kernel import credentials, processes
from ..kernel.namespaces import Clone
from . import cgroups, init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .birth import Birth


def fork(birth: Birth) -> int:
    pid = os.fork()
    if pid == 0:
        birth.keep_their_end()
        try:
            main(birth)
        except BaseException as failure:
            birth.channel.tell(failure)
        finally:
            os._exit(1)
    birth.keep_our_end()
    return pid


def main(birth: Birth) -> None:
    config = birth.container.config
    # First: a new cgroup namespace has its root where the process is; and entering needs the runtime's privileges.
    cgroups.join(birth.container)
    offsets = time_offset.open_offsets(config)
    for kind, descriptor in birth.joined.items():
        namespaces.enter(kind, descriptor)

    # The user namespace before the others: it is to own them.
    new = namespaces.new(config)
    namespaces.unshare(new & Clone.NEWUSER)
    if Clone.NEWUSER in new:
        birth.channel.say("map me")
        birth.channel.expect("mapped")
    if Clone.NEWUSER in new or "user" in birth.joined:
        become_root()
    namespaces.unshare(new & ~Clone.NEWUSER)
    time_offset.set_offsets(offsets, config)

    pid = os.fork()
    if pid == 0:
        init.main(birth)
    birth.channel.say(f"born {pid}")
    os._exit(0)


def become_root() -> None:
    """The user namespace's own root, under whatever number it is known outside."""
    credentials.set_group(0)
    credentials.set_user(0)


def end(pid: int) -> None:
    """Wait until it is gone; it has nothing more to do, or has failed."""
    processes.reap(pid)
