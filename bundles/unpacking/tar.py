"""The entries of a tar archive, read once from front to end: ustar, PAX and GNU headers.

Python's tarfile would take a damaged header in the middle for the end of the archive, reads a header of any size into
memory and keeps all entries; here a fault is a Fault, and nothing is kept.
"""

import dataclasses
import enum
import re
from collections.abc import Iterator

from . import faults, sparse, streams

BLOCK = 512
NOTHING = bytes(BLOCK)
LARGEST_HEADER = 1 << 20  # bytes of names and attributes for one entry
LARGEST_ID = 2**32 - 2  # the last one means: no change
SECOND = 1_000_000_000
RECORD = re.compile(rb"(\d{1,7}) ([^=]+)=")
Attributes = dict[bytes, bytes]


class Kind(enum.Enum):
    FILE = "file"
    HARD_LINK = "hard link"
    LINK = "symbolic link"
    CHARACTER = "character device"
    BLOCK = "block device"
    DIRECTORY = "directory"
    FIFO = "fifo"


KINDS = {
    **dict.fromkeys((b"0", b"\0", b"7", b"S"), Kind.FILE),
    b"1": Kind.HARD_LINK,
    b"2": Kind.LINK,
    b"3": Kind.CHARACTER,
    b"4": Kind.BLOCK,
    b"5": Kind.DIRECTORY,
    b"6": Kind.FIFO,
}


@dataclasses.dataclass(slots=True)
class Entry:
    name: bytes
    kind: Kind
    mode: int = 0o755
    uid: int = 0
    gid: int = 0
    mtime: int | None = None  # nanoseconds
    target: bytes = b""  # of a link
    device: tuple[int, int] = (0, 0)
    xattrs: Attributes = dataclasses.field(default_factory=dict[bytes, bytes])
    size: int = 0  # of a file, its holes included
    segments: list[tuple[int, int]] = dataclasses.field(default_factory=list[tuple[int, int]])  # what is stored of it


class Reader:
    """An archive in a stream. Of the present entry, `read` gives what is stored, and `place` tells where it begins."""

    def __init__(self, stream: streams.Stream, needs_end: bool = True) -> None:
        self.stream, self.needs_end = stream, needs_end
        self.place = 0
        self.left, self.padding = 0, 0

    def entries(self) -> Iterator[Entry]:
        """Each entry in turn. Raises Fault where the archive is broken or cut off."""
        common: Attributes = {}
        special: Attributes = {}
        while header := self._header():
            size = number(header[124:136], "size", 0)
            match flag := header[156:157]:
                case b"x" | b"X":
                    special |= self._pax(size)
                case b"g":
                    common |= self._pax(size)
                case b"L" | b"K":
                    name = self._metadata(size).split(b"\0")[0]
                    special[b"path" if flag == b"L" else b"linkpath"] = name
                case b"V":  # the name of the whole
                    self._hold(size)
                case _:
                    yield self._entry(header, flag, size, common | special)
                    special = {}
        if special:
            raise faults.Fault("is cut off after the attributes of an entry")

    def read(self, count: int) -> bytes:
        """The next bytes of the present entry, so many or all that are left."""
        count = min(count, self.left)
        self.left -= count
        return self._take(count)

    def _take(self, count: int) -> bytes:
        content = self.stream.read(count)
        self.place += len(content)
        if len(content) < count:
            raise faults.Fault(f"is cut off at byte {self.place}")
        return content

    def extension(self) -> bytes:
        """One more block of the present entry's header."""
        return self._take(BLOCK)

    def _hold(self, size: int) -> None:
        self.left, self.padding = size, -size % BLOCK

    def _header(self) -> bytes | None:
        """The next header block; None at the end."""
        while self.read(streams.CHUNK):
            pass
        self._take(self.padding)
        self._hold(0)
        if not self.needs_end and not self.stream.peek(1):
            return None
        block = self._take(BLOCK)
        if block == NOTHING:
            return None
        if number(block[148:156], "checksum") not in _checksums(block):
            raise faults.Fault(f"is no tar archive, or broken, at byte {self.place - BLOCK}")
        return block

    def _metadata(self, size: int) -> bytes:
        if size > LARGEST_HEADER:
            raise faults.Fault(f"has a header of {size} bytes at byte {self.place}: that is too long")
        self._hold(size)
        return self.read(size)

    def _pax(self, size: int) -> Attributes:
        """Attributes as PAX writes them. The sparse map's first form repeats its names: it becomes the second here."""
        found: Attributes = {}
        content = self._metadata(size)
        place = 0
        while place < len(content):
            match = RECORD.match(content, place)
            end = place + int(match[1]) if match else 0
            if not match or not match.end() < end <= len(content) or content[end - 1 : end] != b"\n":
                raise faults.Fault(f"has broken attributes before byte {self.place}")
            key, value = match[2], content[match.end() : end - 1]
            if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
                key, value = sparse.MAP, b",".join(filter(None, (found.get(sparse.MAP), value)))
            found[key] = value
            place = end
        return found

    def _entry(self, header: bytes, flag: bytes, size: int, attributes: Attributes) -> Entry:
        name = attributes.get(sparse.NAME) or attributes.get(b"path") or _name(header)
        target = attributes.get(b"linkpath") or header[157:257].split(b"\0")[0]
        kind = KINDS.get(flag)
        if kind is None:
            raise faults.Fault(f"{faults.shown(name)} is of a type that nobody can unpack: {flag!r}")
        if b"\0" in name + target or not name:
            raise faults.Fault(f"{faults.shown(name)} is no name")
        if kind is Kind.FILE and name.endswith(b"/"):
            kind = Kind.DIRECTORY
        entry = Entry(
            name,
            kind,
            mode=number(header[100:108], "mode") & 0o7777,
            uid=_id(attributes.get(b"uid"), header[108:116]),
            gid=_id(attributes.get(b"gid"), header[116:124]),
            mtime=_time(attributes.get(b"mtime"), header[136:148]),
            target=target,
            xattrs=_xattrs(attributes),
        )
        if kind is Kind.FILE:
            self._hold(decimal(attributes[b"size"], "size") if attributes.get(b"size") else size)
            entry.size = self.left
            entry.segments = [(0, self.left)]
            sparse.spread(self, entry, header, attributes)
        elif kind in (Kind.CHARACTER, Kind.BLOCK):
            entry.device = number(header[329:337], "major", 0, 4095), number(header[337:345], "minor", 0, 2**20 - 1)
        return entry


def _checksums(block: bytes) -> Iterator[int]:
    """The sum of the header, its own field as blanks; and as those wrote it who took bytes for signed."""
    unsigned = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    yield unsigned
    yield unsigned - 256 * sum(byte > 127 for byte in block[:148] + block[156:])


def number(field: bytes, what: str, least: int = -(2**63), most: int = 2**63 - 1) -> int:
    """A number in a header: octal digits, or binary with the first bit set. Raises Fault."""
    if field[0] in (0x80, 0xFF):
        value = int.from_bytes(field[1:], "big") - (256 ** (len(field) - 1) if field[0] == 0xFF else 0)
    else:
        digits = field.split(b"\0")[0].strip() or b"0"
        if not re.fullmatch(rb"-?[0-7]+", digits):
            raise faults.Fault(f"is broken: {digits!r} is no {what}")
        value = int(digits, 8)
    if not least <= value <= most:
        raise faults.Fault(f"is broken: {value} cannot be a {what}")
    return value


def decimal(text: bytes, what: str, most: int = 2**63 - 1) -> int:
    """A number among PAX attributes. Raises Fault."""
    if not re.fullmatch(rb"\d{1,19}", text) or int(text) > most:
        raise faults.Fault(f"is broken: {text[:40]!r} cannot be a {what}")
    return int(text)


def _name(header: bytes) -> bytes:
    name = header[:100].split(b"\0")[0]
    prefix = header[345:500].split(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _id(text: bytes | None, field: bytes) -> int:
    return decimal(text, "uid or gid", LARGEST_ID) if text else number(field, "uid or gid", 0, LARGEST_ID)


def _time(text: bytes | None, field: bytes) -> int:
    if not text:
        return number(field, "time", -(2**40), 2**40) * SECOND
    match = re.fullmatch(rb"(-?)(\d{1,12})(?:\.(\d*))?", text)
    if not match:
        raise faults.Fault(f"is broken: {text[:40]!r} cannot be a time")
    value = int(match[2]) * SECOND + int((match[3] or b"")[:9].ljust(9, b"0"))
    return -value if match[1] else value


def _xattrs(attributes: Attributes) -> Attributes:
    start = b"SCHILY.xattr."
    return {
        key.removeprefix(start).replace(b"%3D", b"=").replace(b"%25", b"%"): value
        for key, value in attributes.items()
        if key.startswith(start)
    }
