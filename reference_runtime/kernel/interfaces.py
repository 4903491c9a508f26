"""Names of network interfaces, as the kernel takes them (dev_valid_name)."""

from __future__ import annotations

#: Bytes.
LONGEST = 15
#: What it takes in none, with all that it holds for blanks.
NEVER = frozenset(b" \t\n\v\f\r\xa0/:%\0")


def is_name(name: str) -> bool:
    letters = name.encode()
    return 0 < len(letters) <= LONGEST and NEVER.isdisjoint(letters) and name not in (".", "..")
