"""Sparse files in archives: four ways to say which parts are stored and which are holes.

The old one of GNU has its map in the header and blocks after it; the three of PAX have it in attributes (offsets and
lengths one by one, or in one list) or before the content.
"""

import re
from typing import TYPE_CHECKING

from . import faults

if TYPE_CHECKING:
    from . import tar

NAME, MAP = b"GNU.sparse.name", b"GNU.sparse.map"
LONGEST = 1 << 16  # segments
Segments = list[tuple[int, int]]


def spread(reader: "tar.Reader", entry: "tar.Entry", header: bytes, attributes: dict[bytes, bytes]) -> None:
    """Correct an entry's size and segments if it is a sparse file. Raises Fault."""
    found = _in_blocks(reader, header) if header[156:157] == b"S" else _in_attributes(reader, attributes)
    if found is None:
        return
    entry.size, entry.segments = found
    end = 0
    for offset, length in entry.segments:
        if offset < end:
            raise faults.Fault(f"{faults.shown(entry.name)} has a broken map of its holes")
        end = offset + length
    if end > entry.size or sum(length for _, length in entry.segments) != reader.left or entry.size >= 2**63:
        raise faults.Fault(f"{faults.shown(entry.name)} has a broken map of its holes")


def _in_blocks(reader: "tar.Reader", header: bytes) -> tuple[int, Segments]:
    size = _octal(header[483:495])
    segments = _fields(header[386:482])
    more = header[482]
    while more:
        block = reader.extension()
        segments += _fields(block[:504])
        more = block[504]
        _bound(len(segments))
    return size, segments


def _fields(area: bytes) -> Segments:
    pairs = [(area[place : place + 12], area[place + 12 : place + 24]) for place in range(0, len(area), 24)]
    return [(_octal(offset), _octal(length)) for offset, length in pairs if offset[0] or length[0]]


def _in_attributes(reader: "tar.Reader", attributes: dict[bytes, bytes]) -> tuple[int, Segments] | None:
    if attributes.get(b"GNU.sparse.major") == b"1":
        return _decimal(attributes.get(b"GNU.sparse.realsize", b"")), _before_content(reader)
    if MAP not in attributes:
        return None
    words = attributes[MAP].split(b",") if attributes[MAP] else []
    _bound(len(words) // 2)
    numbers = [_decimal(word) for word in words]
    size = attributes.get(b"GNU.sparse.size") or attributes.get(b"GNU.sparse.realsize", b"")
    return _decimal(size), _paired(numbers)


def _before_content(reader: "tar.Reader") -> Segments:
    """A count and the numbers, a line each, filled up to whole blocks."""
    lines = [b""]
    numbers: list[int] = []
    while not numbers or len(numbers) < 1 + 2 * numbers[0]:
        lines = (lines[-1] + reader.read(512)).split(b"\n")
        if len(lines) == 1:
            raise faults.Fault("has a broken map of holes")
        wanted = 1 + 2 * numbers[0] if numbers else 1 + 2 * _decimal(lines[0])
        _bound(wanted // 2)
        numbers += [_decimal(line) for line in lines[:-1][: wanted - len(numbers)]]
    return _paired(numbers[1:])


def _paired(numbers: list[int]) -> Segments:
    if len(numbers) % 2:
        raise faults.Fault("has a broken map of holes")
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _octal(field: bytes) -> int:
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return int(_digits(field.split(b"\0")[0].strip() or b"0", rb"[0-7]+"), 8)


def _decimal(text: bytes) -> int:
    return int(_digits(text, rb"\d{1,19}"))


def _digits(text: bytes, form: bytes) -> bytes:
    if not re.fullmatch(form, text):
        raise faults.Fault("has a broken map of holes")
    return text


def _bound(count: int) -> None:
    if count > LONGEST:
        raise faults.Fault(f"has a map of more than {LONGEST} holes")
