"""personality(2): what a process takes its system for."""

from __future__ import annotations

from enum import IntEnum

from . import libc


class Persona(IntEnum):
    """Execution domains, <sys/personality.h>."""

    LINUX = 0x0000
    LINUX32 = 0x0008


_personality = libc.declare("personality", libc.c_ulong)


def personality(persona: Persona) -> None:
    """Of this process, through every execve; what it was before is gone, flags included."""
    _personality(persona)
