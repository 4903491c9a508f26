"""The C library through ctypes: a prototype is declared once, where its name is bound."""

from __future__ import annotations

import ctypes
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p = (
    ctypes.c_char_p,
    ctypes.c_int,
    ctypes.c_long,
    ctypes.c_uint,
    ctypes.c_ulong,
    ctypes.c_void_p,
)
c_size_t, c_uint32, c_uint64 = ctypes.c_size_t, ctypes.c_uint32, ctypes.c_uint64
Structure, byref, sizeof = ctypes.Structure, ctypes.byref, ctypes.sizeof

_libc = ctypes.CDLL(None, use_errno=True)
#: uname(2) tells a process with the personality LINUX32 of another one.
_MACHINE = os.uname().machine
MACHINE = {"i686": "x86_64", "armv8l": "aarch64", "armv7l": "aarch64"}.get(_MACHINE, _MACHINE)


def declare(name: str, *types: Any) -> Callable[..., int]:
    """A function of the C library that returns -1 and sets errno when it fails.

    The keyword `about` names what it was called for: a path, usually.
    """
    function = _libc[name]
    function.argtypes = types

    def call(*arguments: Any, about: str | None = None) -> int:
        return succeed(function(*arguments), name, about)

    return call


def declare_syscall(name: str, number: int, *types: Any) -> Callable[..., int]:
    """A system call that the C library has no function for. Above 424 the numbers are the same on all architectures."""
    function = _libc["syscall"]  # a fresh object each time, with its own prototype
    function.argtypes = (c_long, *types)
    function.restype = c_long

    def call(*arguments: Any, about: str | None = None) -> int:
        return succeed(function(number, *arguments), name, about)

    return call


def succeed(result: int, name: str, about: str | None) -> int:
    """The result, unless it says that the call failed."""
    if result >= 0:
        return result
    number = ctypes.get_errno()
    raise OSError(number, f"{name}: {os.strerror(number)}", about)


def strings(texts: list[str]) -> Any:
    """A `char *[]` with its closing NULL."""
    return (ctypes.c_char_p * (len(texts) + 1))(*(os.fsencode(text) for text in texts), None)


def buffer(content: bytes) -> Any:
    """Memory that the kernel is given the address of."""
    return ctypes.create_string_buffer(content, len(content))


def address(memory: Any) -> int:
    return ctypes.addressof(memory)
