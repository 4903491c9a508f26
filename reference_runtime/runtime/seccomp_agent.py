"""config-linux.md#containerprocessstate: how an agent gets the descriptor that tells it of system calls.

    start                                                              init
      │ connects to the agent                                            │
      │ connects to the start socket ───────────────────────────────────►│ startContainer hooks, ...
      │ a page of memory ───────────────────────────────────────────────►│
      │                                                                  │ loads the filter
      │◄─────────────────────── (in the page) the descriptor's number ───│ waits
      │ takes the descriptor out of init, sends it and the state         │
      │ (in the page) "sent" ───────────────────────────────────────────►│ ..., execve

Behind its filter a process may be allowed nothing but execve, and whatever else it did could wait for an agent that has
not been told yet. So it says and hears nothing by a system call; and that start has died is in the page as well.
"""

from __future__ import annotations

import json
import mmap
import os
import select

from .. import NEWEST
from ..config_linux import seccomp
from ..kernel import futexes, processes
from ..kernel import seccomp as kernel
from . import lifecycle, state, sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, ContainerProcessState
    from .record import Container

#: Where in the page the answer is; the descriptor's number is before it, in four bytes.
ANSWER = 4
#: And where the kernel notes that start has died.
OWNER = 8
PAUSE = 2  # milliseconds


def connect(config: Config) -> sync.socket.socket:
    """To the agent, while there is no program yet: there will be none, unless somebody listens."""
    return sync.connect_to(seccomp.listener_path(config), sync.socket.SOCK_STREAM)


# --- in start --------------------------------------------------------------------------------------------------------


def introduce(container: Container, agent: sync.socket.socket, channel: sync.Channel) -> None:
    """Hand the agent what init got for its filter. When init has failed, that is heard on the channel."""
    descriptor = os.memfd_create("seccomp", os.MFD_CLOEXEC)
    os.ftruncate(descriptor, mmap.PAGESIZE)
    page = mmap.mmap(descriptor, mmap.PAGESIZE)
    futexes.own(page, OWNER)
    sync.send_descriptor(channel.end, descriptor, "page")
    os.close(descriptor)
    number = 0
    try:
        if number := wait_for_number(page, channel):
            listener = kernel.take_descriptor(container.pid, number)
            send(agent, compose(container), listener)
            os.close(listener)
            page[ANSWER] = 1
    except BaseException:  # whatever ends this, a signal as well: nobody else would answer
        futexes.give_up(page, OWNER)
        if number:  # its filter may have init's last system call wait for the agent, too
            processes.send_signal(container.pid, container.started, 9)
        raise
    agent.close()


def wait_for_number(page: mmap.mmap, channel: sync.Channel) -> int:
    """Of the descriptor, in init; 0 if init has something else to say, or has ended."""
    poll = select.poll()
    poll.register(channel.end.fileno(), select.POLLIN)
    while not (number := int.from_bytes(page[:ANSWER], "little")):
        if poll.poll(PAUSE):
            return 0
    return number


def compose(container: Container) -> ContainerProcessState:
    """config-linux.md#containerprocessstate: all but the descriptor itself."""
    told: ContainerProcessState = {
        "ociVersion": NEWEST,
        "fds": ["seccompFd"],
        "pid": container.pid,
        "state": state.compose(container, lifecycle.CREATED, container.pid),
    }
    if (metadata := seccomp.metadata(container.config)) is not None:
        told["metadata"] = metadata
    return told


def send(agent: sync.socket.socket, told: ContainerProcessState, listener: int) -> None:
    """The descriptor goes with the first byte, whatever the rest takes."""
    words = json.dumps(told).encode()
    rights = (sync.socket.SOL_SOCKET, sync.socket.SCM_RIGHTS, listener.to_bytes(4, "little"))
    sent = agent.sendmsg([words], [rights], sync.socket.MSG_NOSIGNAL)
    while words := words[sent:]:
        sent = agent.send(words, sync.socket.MSG_NOSIGNAL)


# --- in init ---------------------------------------------------------------------------------------------------------


def receive_page(channel: sync.Channel) -> mmap.mmap:
    """The page that the container's process shares; the descriptor is not kept."""
    descriptor = sync.receive_descriptor(channel.end)
    page = mmap.mmap(descriptor, mmap.PAGESIZE)
    os.close(descriptor)
    return page


def wait(page: mmap.mmap, listener: int) -> None:
    """Until start has sent the descriptor; by looking, not by asking. Without start there is nothing to wait for."""
    page[:ANSWER] = listener.to_bytes(ANSWER, "little")
    while not page[ANSWER]:
        # It may have answered, and died, since.
        if futexes.has_lost_owner(page, OWNER) and not page[ANSWER]:
            os._exit(1)
