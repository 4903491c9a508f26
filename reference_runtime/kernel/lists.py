"""Lists of numbers as the kernel has them, of processors and of nodes: `0-3,7` (cpuset(7))."""

from __future__ import annotations

#: Stands for all that is more than a kernel counts to: Python turns no text of thousands of digits into a number.
TOO_MANY = 10**19


def span(part: str) -> tuple[int, int]:
    """First and last of `0-3`, or of `7`. ValueError for what is neither."""
    first, dash, last = part.partition("-")
    ends = (first, last if dash else first)
    if not all(end.isascii() and end.isdigit() for end in ends):
        raise ValueError(f"{part!r} is neither a number nor a range")
    lowest, highest = (end.lstrip("0") for end in ends)
    if (len(lowest), lowest) > (len(highest), highest):
        raise ValueError(f"{part!r} is no range")
    return number(lowest), number(highest)


def number(digits: str) -> int:
    """Of digits that begin with no zero."""
    return int(digits or "0") if len(digits) < len(str(TOO_MANY)) else TOO_MANY


def spans(text: str) -> list[tuple[int, int]]:
    """First and last of each part; none of an empty list. ValueError tells which part is none."""
    return [span(part) for part in text.split(",")] if text else []


def numbers(text: str) -> set[int]:
    """All of them. ValueError as above."""
    return {number for first, last in spans(text) for number in range(first, last + 1)}
