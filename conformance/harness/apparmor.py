"""An AppArmor profile of this run's own, loaded without a parser: in the kernel's form, and as short as can be.

Its mode is complain: whoever runs under it may do everything, and can be seen to run under it.
"""

import struct
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

DIRECTORY = Path("/sys/kernel/security/apparmor")
ENABLED = Path("/sys/module/apparmor/parameters/enabled")
#: What an entry is (security/apparmor/policy_unpack.c).
U32, NAME, STRING, STRUCT, END = 2, 4, 5, 7, 8
VERSION, COMPLAIN, PROFILE = 5, 1, 0


def lack() -> str | None:
    """Why no profile can be loaded here; None where one can."""
    if not ENABLED.exists() or ENABLED.read_text().strip() != "Y":
        return "AppArmor, in the running kernel"
    return None if (DIRECTORY / ".load").exists() else "AppArmor's file system below /sys/kernel/security"


@contextmanager
def loaded(name: str) -> Generator[None, None, None]:
    """A profile under this name, as long as the context lasts. Raises OSError where the kernel does not take it."""
    (DIRECTORY / ".load").write_bytes(profile(name))
    try:
        yield
    finally:
        (DIRECTORY / ".remove").write_bytes(name.encode())


def profile(name: str) -> bytes:
    """The binary form: version, name, flags, and four words of capabilities; no rule."""
    flags = structure("flags", number(PROFILE) + number(COMPLAIN) + number(0))
    return tag("version") + number(VERSION) + structure("profile", text(name) + flags + number(0) * 4)


def structure(name: str, content: bytes) -> bytes:
    return tag(name) + bytes([STRUCT]) + content + bytes([END])


def tag(name: str) -> bytes:
    return bytes([NAME]) + counted(name)


def text(value: str) -> bytes:
    return bytes([STRING]) + counted(value)


def number(value: int) -> bytes:
    return struct.pack("<BI", U32, value)


def counted(value: str) -> bytes:
    """With its length, and the closing NUL in both."""
    content = value.encode() + b"\0"
    return struct.pack("<H", len(content)) + content
