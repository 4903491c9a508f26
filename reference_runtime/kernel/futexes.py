"""set_robust_list(2): words of shared memory in which the kernel notes that their owner has died, however it died."""

from __future__ import annotations

import os

from . import libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    import mmap
    from typing import Any

#: <linux/futex.h>
OWNER_DIED = 0x40000000


class robust_list_head(libc.Structure):
    _fields_ = [("list", libc.c_void_p), ("futex_offset", libc.c_long), ("list_op_pending", libc.c_void_p)]


#: Older than the numbers that all architectures share.
_NUMBER = 273 if libc.MACHINE == "x86_64" else 99
_set_robust_list = libc.declare_syscall("set_robust_list", _NUMBER, libc.c_void_p, libc.c_size_t)

#: What the kernel reads at this process's end, and so must outlive everything else in here.
_owned: list[Any] = []


def own(page: mmap.mmap, offset: int) -> None:
    """Make a word (four bytes, at a multiple of four) this process's, and the only one that is: the C library's list,
    of locks that nobody takes here, is forgotten. Processes that are forked own nothing."""
    word = libc.c_uint32.from_buffer(page, offset)
    word.value = os.getpid()
    head = robust_list_head()
    # A list that is empty, beside the one word that its owner has been about to add to it.
    head.list, head.list_op_pending = libc.address(head), libc.address(word)
    _owned[:] = [word, head]
    _set_robust_list(libc.byref(head), libc.sizeof(head))


def give_up(page: mmap.mmap, offset: int) -> None:
    """As the kernel would at this process's end."""
    page[offset + 3] |= OWNER_DIED >> 24


def has_lost_owner(page: mmap.mmap, offset: int) -> bool:
    """Whoever looks makes no system call, and takes no memory: the one byte says it."""
    return bool(page[offset + 3] & OWNER_DIED >> 24)
