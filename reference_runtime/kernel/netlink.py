"""rtnetlink(7): network devices and their addresses, in whatever network namespace."""

from __future__ import annotations

import _socket as socket  # as in sync: the module `socket` is slow to import
import os
import struct
from enum import IntEnum

from . import namespaces
from .namespaces import Clone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NETLINK_ROUTE = 0
IFF_UP = 0x1
IFA_F_NODAD, IFA_F_PERMANENT, IFA_F_TENTATIVE, IFA_F_DADFAILED = 0x02, 0x80, 0x40, 0x08
RT_SCOPE_UNIVERSE = 0
#: Bytes of an answer: what the kernel never exceeds in one.
LONGEST = 1 << 16


class Message(IntEnum):
    """Types of messages."""

    ERROR = 2
    DONE = 3
    NEWADDR = 20
    GETADDR = 22
    GETLINK = 18
    SETLINK = 19


class Flag(IntEnum):
    """NLM_F_*"""

    REQUEST = 0x1
    ACK = 0x4
    DUMP = 0x300
    EXCL = 0x200
    CREATE = 0x400


class Link(IntEnum):
    """Attributes of a device."""

    IFNAME = 3
    NET_NS_FD = 28


class Local(IntEnum):
    """Attributes of an address."""

    FLAGS = 8
    LABEL = 3
    CACHEINFO = 6


class Address:
    """An address as a device has it: its header, and its attributes in the kernel's own bytes."""

    __slots__ = ("attributes", "family", "flags", "index", "length", "scope")

    def __init__(self, payload: bytes) -> None:
        self.family, self.length, self.flags, self.scope, self.index = struct.unpack_from("=BBBBI", payload)
        self.attributes = dict(attributes(payload[8:]))
        if Local.FLAGS in self.attributes:
            (self.flags,) = struct.unpack("=I", self.attributes[Local.FLAGS])


class Netlink:
    """A conversation with the kernel about one network namespace's devices."""

    def __init__(self, namespace: int | None = None) -> None:
        """In the namespace that a descriptor stands for, or in that of this process."""
        if namespace is None:
            self.end = open_socket()
            return
        before = os.open("/proc/self/ns/net", os.O_RDONLY)
        namespaces.setns(namespace, Clone.NEWNET)
        try:
            self.end = open_socket()
        finally:
            namespaces.setns(before, Clone.NEWNET)
            os.close(before)

    def close(self) -> None:
        self.end.close()

    def find(self, name: str) -> tuple[int, int] | None:
        """A device's index and flags; None where there is none of that name."""
        try:
            answers = self.ask(Message.GETLINK, Flag.ACK, link(0) + attribute(Link.IFNAME, text(name)), about=name)
        except OSError as error:
            if error.errno == 19:  # ENODEV
                return None
            raise
        index, flags = struct.unpack_from("=4xiI", answers[0])
        return index, flags

    def addresses(self, index: int) -> list[Address]:
        found = map(Address, self.ask(Message.GETADDR, Flag.DUMP, struct.pack("=BBBBI", 0, 0, 0, 0, 0)))
        return [each for each in found if each.index == index]

    def move(self, index: int, namespace: int, name: str) -> None:
        """Into a namespace, where it is called `name`: one that nobody there has."""
        wanted = attribute(Link.NET_NS_FD, struct.pack("=I", namespace)) + attribute(Link.IFNAME, text(name))
        self.ask(Message.SETLINK, Flag.ACK, link(index) + wanted, about=name)

    def rename(self, index: int, name: str) -> None:
        """The kernel puts the lowest free number in the place of a `%d`."""
        self.ask(Message.SETLINK, Flag.ACK, link(index) + attribute(Link.IFNAME, text(name)), about=name)

    def set_up(self, index: int) -> None:
        self.ask(Message.SETLINK, Flag.ACK, link(index, IFF_UP, IFF_UP))

    def add_address(self, index: int, address: Address) -> None:
        flags = address.flags & ~(IFA_F_PERMANENT | IFA_F_TENTATIVE | IFA_F_DADFAILED)
        payload = struct.pack("=BBBBI", address.family, address.length, flags & 0xFF, address.scope, index)
        given = address.attributes | {Local.FLAGS: struct.pack("=I", flags)}
        payload += b"".join(attribute(kind, value) for kind, value in given.items())
        self.ask(Message.NEWADDR, Flag.ACK | Flag.CREATE | Flag.EXCL, payload)

    def ask(self, kind: Message, flags: int, payload: bytes, about: str | None = None) -> list[bytes]:
        """The answers' payloads; an OSError where the kernel refuses."""
        header = struct.pack("=IHHII", 16 + len(payload), kind, flags | Flag.REQUEST, 0, 0)
        self.end.send(header + payload)
        answers: list[bytes] = []
        while True:
            for answer, content in messages(self.end.recv(LONGEST)):
                if answer == Message.DONE:
                    return answers
                if answer == Message.ERROR:
                    (number,) = struct.unpack_from("=i", content)
                    if number:
                        raise OSError(-number, f"netlink {kind.name}: {os.strerror(-number)}", about)
                    return answers
                answers.append(content)


def open_socket() -> socket.socket:
    """In the network namespace of the calling thread."""
    end = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_ROUTE)
    end.bind((0, 0))
    return end


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and body of each, header and padding left out."""
    while data:
        length, kind = struct.unpack_from("=IH", data)
        yield kind, data[16:length]
        data = data[aligned(length) :]


def attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Likewise: type and value of each."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind, data[4:length]
        data = data[aligned(length) :]


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def link(index: int, flags: int = 0, change: int = 0) -> bytes:
    """A struct ifinfomsg."""
    return struct.pack("=BxHiII", 0, 0, index, flags, change)


def text(name: str) -> bytes:
    return os.fsencode(name) + b"\0"


def aligned(length: int) -> int:
    return (length + 3) & ~3
