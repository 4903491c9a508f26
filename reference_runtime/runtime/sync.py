"""The conversation while a container is born, and the word that starts it.

    create                              stager                         init
      │ fork ────────────────────────────►│
      │◄──────────────────────── "map me" │  a new user namespace: its ids are mapped from outside
      │ "mapped" ────────────────────────►│
      │                                   │ fork ────────────────────────►│
      │◄───────────────────── "born 1234" │ exits                         │
      │ adopts init, oom_score_adj, network devices                       │
      │ "adopted 1234" ──────────────────────────────────────────────────►│ mounts, devices
      │◄──────────────────────────────────────────────────────── "mounted"│
      │ prestart (1.1.0 on), createRuntime hooks                          │
      │ "go on" ─────────────────────────────────────────────────────────►│ createContainer hooks, new root, ...
      │◄──────────────────────────────────────────────────────── "created"│
      │ writes the record                                                 │
      │ "go on" ─────────────────────────────────────────────────────────►│ no longer dies with create
      │◄─────────────────────────────────────────────────────────── (end) │
                                                                          │
    start                                                                 │
      │ prestart hooks (up to 1.0.2)                                      │
      │ connects to the start socket ────────────────────────────────────►│ startContainer hooks, ..., execve
      │◄─────────────────────────────────────────────────────────── (end) │ the program is running

At any point instead: "refused: why" or "hook failed: why". An end where a word is due means that the other side has
died, and so does this one. The sockets close on execve, which is how silence comes to mean that the program is running.
"""

from __future__ import annotations

import _socket as socket  # the module `socket` is ten milliseconds of enumerations on top of this one
import os
from contextlib import suppress

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import Container

LONGEST_MESSAGE = 65536
START_SOCKET = "start"
#: How a failure is sent, and what it becomes on the other side.
FAILURES: tuple[tuple[str, type[errors.Refusal]], ...] = (
    ("hook failed: ", errors.HookFailed),
    ("refused: ", errors.BirthFailed),
)


class Channel:
    """One end of a conversation."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def say(self, word: str) -> None:
        self.end.send(word.encode(errors="replace")[:LONGEST_MESSAGE], socket.MSG_NOSIGNAL)

    def hear(self) -> str:
        """The next word, or "" at the end of the conversation."""
        try:
            heard = self.end.recv(LONGEST_MESSAGE).decode()
        except ConnectionResetError as error:
            raise errors.BirthFailed("nobody has listened to the last word") from error
        raise_failure(heard)
        return heard

    def expect(self, word: str) -> str:
        """What follows a word that is due now."""
        heard = self.hear()
        if not heard.startswith(word):
            raise errors.BirthFailed(f"{word!r} was due, and {heard!r} came: the other process has died")
        return heard[len(word) :].strip()

    def tell(self, failure: BaseException) -> None:
        with suppress(OSError):  # Nobody may be left to hear it.
            self.say(failure_word(failure))

    def close(self) -> None:
        self.end.close()


def failure_word(failure: BaseException) -> str:
    if isinstance(failure, (errors.Refusal, OSError)):
        prefix = FAILURES[0][0] if isinstance(failure, errors.HookFailed) else FAILURES[1][0]
        return prefix + errors.describe(failure)
    return f"{FAILURES[1][0]}a fault in the runtime: {type(failure).__name__}: {failure}"


def raise_failure(heard: str) -> None:
    for prefix, kind in FAILURES:
        if heard.startswith(prefix):
            raise kind(heard[len(prefix) :])


def pair() -> tuple[Channel, Channel]:
    """Both ends; a message stays one message, and an end is noticed."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Channel(here), Channel(there)


def listen(container: Container) -> socket.socket:
    """The start socket: made before the container's process is, which inherits it, since its new root hides the path.

    Reached through the directory's descriptor: the path of a socket may only be 107 bytes long.
    """
    directory = os.open(container.directory, os.O_PATH | os.O_DIRECTORY)
    try:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(f"/proc/self/fd/{directory}/{START_SOCKET}")
        listener.listen(1)
    finally:
        os.close(directory)
    return listener


def accept(listener: socket.socket) -> Channel:
    """Wait for start. This is where a created container spends its time."""
    # What socket.accept() of the module `socket` is made of; typeshed does not know it.
    descriptor = int(listener._accept()[0])  # pyright: ignore
    return Channel(socket.socket(fileno=descriptor))


def connect(container: Container) -> Channel:
    return Channel(connect_to(os.path.join(container.directory, START_SOCKET), socket.SOCK_SEQPACKET))


def connect_to(path: str, kind: int) -> socket.socket:
    directory = os.open(os.path.dirname(path) or ".", os.O_PATH | os.O_DIRECTORY)
    try:
        end = socket.socket(socket.AF_UNIX, kind)
        end.connect(f"/proc/self/fd/{directory}/{os.path.basename(path)}")
    finally:
        os.close(directory)
    return end


def receive_descriptor(end: socket.socket) -> int:
    """What `send_descriptor` has sent, closed by execve."""
    _, rights, _, _ = end.recvmsg(LONGEST_MESSAGE, socket.CMSG_SPACE(4), socket.MSG_CMSG_CLOEXEC)
    if not rights:
        raise errors.BirthFailed("a descriptor was due, and none came: the other process has died")
    return int.from_bytes(rights[0][2][:4], "little")


def send_descriptor(end: socket.socket, descriptor: int, name: str) -> None:
    """Pass an open file to whoever listens at the other end."""
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor.to_bytes(4, "little"))
    end.sendmsg([name.encode()], [rights])
