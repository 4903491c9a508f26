"""The devices of a network namespace, as far as tests need them: pairs, what they are like, and their addresses."""

import importlib
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from . import libc

HERE = "/proc/thread-self/ns/net"
UP, RUNNING, NOARP, ALLMULTI, MULTICAST = 0x1, 0x40, 0x80, 0x200, 0x1000
GLOBAL, LINK = 0, 253
NODAD, PERMANENT = 0x02, 0x80
FOREVER = 2**32 - 1
#: What a Device has → its name among a link's attributes.
ATTRIBUTES = {"address": "address", "mtu": "mtu", "queue": "txqlen", "alias": "ifalias", "group": "group"}


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
    """The devices of one network namespace. What the kernel refuses is an OSError."""

    def __init__(self, path: str = HERE) -> None:
        """That of a file of /proc/PID/ns; this thread goes there for as long as it takes to open a socket."""
        with open(HERE) as before, open(path) as place:
            libc.setns(place.fileno(), libc.CLONE_NEWNET)
            try:
                self._kernel = pyroute2().IPRoute()
            finally:
                libc.setns(before.fileno(), libc.CLONE_NEWNET)

    def close(self) -> None:
        self._kernel.close()

    # --- what there is ---------------------------------------------------------------------------------------------

    @property
    def devices(self) -> dict[str, Device]:
        """All that there are, by name."""
        return {link.get("ifname"): _device(link) for link in self._kernel.get_links()}

    def addresses(self, name: str) -> set[Address]:
        """Those of a device; none, where there is no such device."""
        index = self._index(name)
        return {_address(found) for found in self._kernel.get_addr() if found["index"] == index}

    def lasting_addresses(self, name: str) -> set[Address]:
        """Those that mean something to everybody: for its own link the kernel gives a device others."""
        return {address for address in self.addresses(name) if address.scope == GLOBAL}

    # --- what is done ----------------------------------------------------------------------------------------------

    def make_pair(self, name: str, peer: str) -> None:
        """Two devices with a wire between them (veth(4))."""
        with refusals():
            self._kernel.link("add", ifname=name, kind="veth", peer={"ifname": peer})

    def change(self, name: str, *, flags: dict[int, bool] | None = None, **attributes: Any) -> None:
        """Set flags of a device, and what is in a Device."""
        change = sum(flags or {})
        value = sum(flag for flag, wanted in (flags or {}).items() if wanted)
        wanted = {ATTRIBUTES[key]: value for key, value in attributes.items()}
        with refusals():
            self._kernel.link("set", index=self._index(name), flags=value, change=change, **wanted)

    def add_address(self, name: str, address: Address) -> None:
        """One that does not last, lasts an hour. Nobody is asked whether it is a duplicate."""
        text, _, length = address.text.partition("/")
        seconds = FOREVER if address.lasting else 3600
        lifetime = {"ifa_preferred": seconds, "ifa_valid": seconds}
        how = {"flags": NODAD} if ":" in text else {}
        with refusals():
            self._kernel.addr(
                "add",
                index=self._index(name),
                address=text,
                prefixlen=int(length),
                scope=address.scope,
                IFA_CACHEINFO=lifetime,
                **how,
            )

    def remove(self, name: str) -> None:
        """And its peer with it, wherever that is; nothing, where it is gone already."""
        with suppress(OSError), refusals():
            self._kernel.link("del", index=self._index(name))

    def _index(self, name: str) -> int:
        """2³¹ − 1, which no device has, where there is none of the name."""
        return next((link["index"] for link in self._kernel.get_links() if link.get("ifname") == name), 2**31 - 1)


def pyroute2() -> Any:
    """Slow to import, and needed by one section's tests alone; its types are not told."""
    return importlib.import_module("pyroute2")


@contextmanager
def refusals() -> Generator[None]:
    """What the kernel refuses is an OSError, as of any system call."""
    try:
        yield
    except pyroute2().NetlinkError as refusal:
        raise OSError(refusal.code, os.strerror(refusal.code)) from None


def _device(link: Any) -> Device:
    lasting = link["flags"] & (UP | NOARP | ALLMULTI | MULTICAST)
    found = {key: link.get(name) for key, name in ATTRIBUTES.items()}
    found |= {"address": found["address"] or "", "alias": found["alias"] or ""}
    return Device(**found, flags=lasting, connected=bool(link["flags"] & RUNNING))


def _address(found: Any) -> Address:
    flags = found.get("flags") or found["flags"]
    text = found.get("local") or found.get("address")
    return Address(f"{text}/{found['prefixlen']}", found["scope"], bool(flags & PERMANENT))
