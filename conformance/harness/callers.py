"""Fixtures: this process, and the runtime that it calls, as no process usually is."""

import os
from collections.abc import Iterator

import pytest

from . import faults, libc, memory_policies


@pytest.fixture
def bound_caller() -> Iterator[None]:
    """This process, and the runtime that it calls, with another memory policy than usual."""
    if not memory_policies.has_numa():
        raise faults.not_on_this_host("NUMA, in the running kernel")
    libc.set_mempolicy(memory_policies.MODES["MPOL_BIND"], 1 << memory_policies.available()[0])
    yield
    libc.set_mempolicy(memory_policies.MODES["MPOL_DEFAULT"], 0)


@pytest.fixture
def linux32_caller() -> Iterator[str]:
    """This process, and the runtime that it calls, under the personality LINUX32; what the processor is without."""
    native = os.uname().machine
    try:
        before = libc.personality(libc.PER_LINUX32)
    except OSError:  # arm64 without 32-bit programs
        raise faults.not_on_this_host("the personality LINUX32, in the running kernel") from None
    yield native
    libc.personality(before)
