"""Huge pages: their sizes on this host, and some to be had."""

import mmap
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import controllers, faults

SIZES = Path("/sys/kernel/mm/hugepages")
#: A size that every x86-64 and most other hosts have.
USUAL = "2MB"
MAP_HUGETLB = 0x40000
KIB = 1024


def sizes() -> dict[str, int]:
    """Name of each size, as the kernel's files of cgroups have it, → bytes; the smallest first."""
    found = sorted(int(directory.name.removeprefix("hugepages-")[:-2]) for directory in SIZES.glob("hugepages-*kB"))
    return {name_of(kib): kib * KIB for kib in found}


def lack() -> str | None:
    return None if USUAL in sizes() else f"huge pages of {USUAL}"


def name_of(kib: int) -> str:
    """`2MB` of 2048."""
    for unit in ("KB", "MB"):
        if kib < KIB:
            return f"{kib}{unit}"
        kib //= KIB
    return f"{kib}GB"


@pytest.fixture
def page_sizes() -> dict[str, int]:
    """The sizes of huge pages that this host can limit: name → bytes."""
    if missing := controllers.lack("hugepageLimits"):
        raise faults.not_on_this_host(missing)
    if not (found := sizes()):
        raise faults.not_on_this_host("huge pages")
    return found


@pytest.fixture
def counted_reservations(page_sizes: dict[str, int]) -> None:
    """The gate of what is said of hosts that count reservations: Linux does since 5.7."""
    hierarchy = controllers.hierarchy_of("hugetlb")
    name = next(iter(page_sizes))
    if hierarchy is None or not {
        f"hugetlb.{name}.rsvd.{file}" for file in ("max", "limit_in_bytes")
    } & controllers.files_in(hierarchy):
        raise faults.not_on_this_host("limits of reserved huge pages (Linux 5.7)")


@pytest.fixture
def two_pages() -> Iterator[int]:
    """Two huge pages of the usual size can be had, for as long as the test takes; the bytes of one."""
    with open("/proc/meminfo") as file:
        size = next(int(line.split()[1]) * KIB for line in file if line.startswith("Hugepagesize:"))
    surplus = SIZES / f"hugepages-{size // KIB}kB" / "nr_overcommit_hugepages"
    before = surplus.read_text()
    try:
        surplus.write_text(str(int(before) + 2))
    except OSError as problem:
        raise faults.not_on_this_host(f"two huge pages ({surplus}: {problem.strerror})") from None
    try:
        refuse_scarcity(2 * size)
        yield size
    finally:
        surplus.write_text(before)


def refuse_scarcity(size: int) -> None:
    try:
        mmap.mmap(-1, size, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | MAP_HUGETLB).close()
    except OSError as problem:
        raise faults.not_on_this_host(f"two huge pages ({problem.strerror})") from None
