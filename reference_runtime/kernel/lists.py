"""Lists of numbers as the kernel has them, of processors and of nodes: `0-3,7` (cpuset(7))."""

from __future__ import annotations

#: More digits than any number that the kernel has; Python turns no text of thousands into one.
MOST_DIGITS = 19


def span(part: str) -> tuple[int, int]:
    """First and last of `0-3`, or of `7`. ValueError for what is neither."""
    first, dash, last = part.partition("-")
    ends = (first, last if dash else first)
    if not all(end.isascii() and end.isdigit() and len(end) <= MOST_DIGITS for end in ends):
        raise ValueError(f"{part!r} is neither a number nor a range")
    lowest, highest = map(int, ends)
    if lowest > highest:
        raise ValueError(f"{part!r} is no range")
    return lowest, highest


def spans(text: str) -> list[tuple[int, int]]:
    """First and last of each part; none of an empty list. ValueError tells which part is none."""
    return [span(part) for part in text.split(",")] if text else []


def numbers(text: str) -> set[int]:
    """All of them. ValueError as above."""
    return {number for first, last in spans(text) for number in range(first, last + 1)}
