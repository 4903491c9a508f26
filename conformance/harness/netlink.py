"""rtnetlink(7), as far as tests need it: pairs of network devices, what they are like, and the addresses they have."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from . import libc

HERE = "/proc/thread-self/ns/net"
#: Types of messages.
ERROR, DONE, NEWLINK, DELLINK, GETLINK, SETLINK, NEWADDR, GETADDR = 2, 3, 16, 17, 18, 19, 20, 22
REQUEST, ACK, EXCL, DUMP, CREATE = 0x1, 0x4, 0x200, 0x300, 0x400
#: Attributes of a device, of its kind, of an address.
ADDRESS, IFNAME, MTU, TXQLEN, LINKINFO, IFALIAS, GROUP = 1, 3, 4, 13, 18, 20, 27
KIND, DATA, VETH_PEER = 1, 2, 1
IFA_ADDRESS, IFA_LOCAL, IFA_CACHEINFO, IFA_FLAGS = 1, 2, 6, 8
UP, RUNNING, NOARP, ALLMULTI, MULTICAST = 0x1, 0x40, 0x80, 0x200, 0x1000
GLOBAL, LINK = 0, 253
NODAD, PERMANENT = 0x02, 0x80
FOREVER = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Device:
    """What a network device is like, wherever it is and whatever it is called there."""

    address: str
    mtu: int
    queue: int
    alias: str
    group: int
    flags: int
    #: There is a signal on its wire: that comes and goes as the other end does.
    connected: bool = field(compare=False)

    @property
    def is_up(self) -> bool:
        return bool(self.flags & UP)

    def has(self, flag: int) -> bool:
        return bool(self.flags & flag)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An address of a device, such as `192.0.2.5/24`."""

    text: str
    scope: int = GLOBAL
    lasting: bool = True


class Stack:
    """The devices of one network namespace."""

    def __init__(self, path: str = HERE) -> None:
        """That of a file of /proc/PID/ns; this thread goes there for as long as it takes to open a socket."""
        with open(HERE) as before, open(path) as place:
            libc.setns(place.fileno(), libc.CLONE_NEWNET)
            try:
                self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
            finally:
                libc.setns(before.fileno(), libc.CLONE_NEWNET)
        self._socket.bind((0, 0))

    def close(self) -> None:
        self._socket.close()

    # --- what there is ---------------------------------------------------------------------------------------------

    @property
    def devices(self) -> dict[str, Device]:
        """All that there are, by name."""
        return {name: device for name, _, device in self._links()}

    def addresses(self, name: str) -> set[Address]:
        """Those of a device; none, where there is no such device."""
        index = self._index(name)
        found = map(_address, self._ask(GETADDR, DUMP, struct.pack("=BBBBI", 0, 0, 0, 0, 0)))
        return {address for owner, address in found if owner == index}

    # --- what is done ----------------------------------------------------------------------------------------------

    def make_pair(self, name: str, peer: str) -> None:
        """Two devices with a wire between them (veth(4))."""
        other = _link(0) + _attribute(IFNAME, _text(peer))
        kind = _attribute(KIND, b"veth") + _attribute(DATA, _attribute(VETH_PEER, other))
        wanted = _attribute(IFNAME, _text(name)) + _attribute(LINKINFO, kind)
        self._ask(NEWLINK, ACK | CREATE | EXCL, _link(0) + wanted)

    def change(self, name: str, *, flags: dict[int, bool] | None = None, **attributes: Any) -> None:
        """Set flags of a device, and what is in a Device; it may be renamed, with `name_inside`."""
        change = sum(flags or {})
        value = sum(flag for flag, wanted in (flags or {}).items() if wanted)
        encoded = b"".join(_attribute(*_encoded(key, value)) for key, value in attributes.items())
        self._ask(SETLINK, ACK, _link(self._index(name), value, change) + encoded)

    def add_address(self, name: str, address: Address) -> None:
        """One that does not last, lasts an hour. Nobody is asked whether it is a duplicate."""
        text, _, length = address.text.partition("/")
        family = socket.AF_INET6 if ":" in text else socket.AF_INET
        packed = socket.inet_pton(family, text)
        payload = struct.pack("=BBBBI", family, int(length), 0, address.scope, self._index(name))
        payload += _attribute(IFA_LOCAL, packed) + _attribute(IFA_ADDRESS, packed)
        payload += _attribute(IFA_FLAGS, struct.pack("=I", NODAD if family == socket.AF_INET6 else 0))
        seconds = FOREVER if address.lasting else 3600
        payload += _attribute(IFA_CACHEINFO, struct.pack("=IIII", seconds, seconds, 0, 0))
        self._ask(NEWADDR, ACK | CREATE | EXCL, payload)

    def remove(self, name: str) -> None:
        """And its peer with it, wherever that is; nothing, where it is gone already."""
        with suppress(OSError):
            self._ask(DELLINK, ACK, _link(self._index(name)))

    # --- the conversation ------------------------------------------------------------------------------------------

    def _index(self, name: str) -> int:
        return next((index for found, index, _ in self._links() if found == name), -1)

    def _links(self) -> Iterator[tuple[str, int, Device]]:
        for payload in self._ask(GETLINK, DUMP, _link(0)):
            index, flags = struct.unpack_from("=4xiI", payload)
            found = dict(_attributes(payload[16:]))
            yield _string(found[IFNAME]), index, _device(found, flags)

    def _ask(self, kind: int, flags: int, payload: bytes) -> list[bytes]:
        self._socket.send(struct.pack("=IHHII", 16 + len(payload), kind, flags | REQUEST, 0, 0) + payload)
        answers: list[bytes] = []
        while True:
            for answer, content in _messages(self._socket.recv(1 << 16)):
                if answer == DONE:
                    return answers
                if answer == ERROR:
                    (number,) = struct.unpack_from("=i", content)
                    if number:
                        raise OSError(-number, f"rtnetlink {kind}: {os.strerror(-number)}")
                    return answers
                answers.append(content)


def _device(found: dict[int, bytes], flags: int) -> Device:
    def number(kind: int) -> int:
        return struct.unpack("=I", found[kind])[0]

    alias = _string(found.get(IFALIAS, b"\0"))
    address = found.get(ADDRESS, b"").hex(":")
    lasting = flags & (UP | NOARP | ALLMULTI | MULTICAST)
    return Device(address, number(MTU), number(TXQLEN), alias, number(GROUP), lasting, bool(flags & RUNNING))


def _address(payload: bytes) -> tuple[int, Address]:
    family, length, flags, scope, index = struct.unpack_from("=BBBBI", payload)
    found = dict(_attributes(payload[8:]))
    if IFA_FLAGS in found:
        (flags,) = struct.unpack("=I", found[IFA_FLAGS])
    text = socket.inet_ntop(family, found.get(IFA_LOCAL, found.get(IFA_ADDRESS, b"")))
    return index, Address(f"{text}/{length}", scope, bool(flags & PERMANENT))


def _encoded(key: str, value: Any) -> tuple[int, bytes]:
    kinds = {"address": ADDRESS, "mtu": MTU, "queue": TXQLEN, "alias": IFALIAS, "group": GROUP, "name_inside": IFNAME}
    if key == "address":
        return kinds[key], bytes.fromhex(value.replace(":", ""))
    return kinds[key], value.encode() + b"\0" if isinstance(value, str) else struct.pack("=I", value)


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    while data:
        length, kind = struct.unpack_from("=IH", data)
        yield kind, data[16:length]
        data = data[length + 3 & ~3 :]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & 0x3FFF, data[4:length]
        data = data[length + 3 & ~3 :]


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _link(index: int, flags: int = 0, change: int = 0) -> bytes:
    """A struct ifinfomsg."""
    return struct.pack("=BxHiII", 0, 0, index, flags, change)


def _text(name: str) -> bytes:
    return name.encode() + b"\0"


def _string(value: bytes) -> str:
    return value.rstrip(b"\0").decode(errors="backslashreplace")
