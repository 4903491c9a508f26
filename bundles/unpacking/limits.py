"""How much an archive may grow into: what a few kilobytes ask for can be more than a disk holds."""

from . import faults

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
SIZE = 16 << 30  # bytes
ENTRIES = 1_000_000


class Budget:
    """What may still be read, in bytes when decompressed (with the holes of sparse files), and made, in entries."""

    def __init__(self, size: int, entries: int) -> None:
        self.size, self.entries = size, entries
        self.bytes_left, self.entries_left = size, entries

    def spend(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise faults.Fault(f"grows to more than {self.size} bytes (--max-size)")

    def enter(self) -> None:
        self.entries_left -= 1
        if self.entries_left < 0:
            raise faults.Fault(f"holds more than {self.entries} entries (--max-entries)")


def count(text: str) -> int:
    """A number of entries. Raises ValueError."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def size(text: str) -> int:
    """A number of bytes as people write it: 500M, 16G. Raises ValueError."""
    unit = text[-1:].upper() if text[-1:].isalpha() else ""
    number = int(text.removesuffix(text[-1:]) if unit else text)
    if unit not in UNITS or number < 0:
        raise ValueError(text)
    return number * UNITS[unit]
