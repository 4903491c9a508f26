"""Users and groups as the image itself has them, in /etc/passwd and /etc/group; lines that are none are left out."""

from typing import Any

from . import faults, tree

LARGEST = 1 << 20  # bytes of either file
LARGEST_ID = 2**32 - 2


def resolve(root: tree.Tree, wanted: str) -> dict[str, Any]:
    """process.user for USER[:GROUP], each a name or a number. Raises Fault for who is not there."""
    user, colon, group = wanted.partition(":")
    if not user or (colon and not group):
        raise faults.Fault(f"config: User {wanted!r} is neither USER nor USER:GROUP")
    number = _number(user)
    known = [line for line in _lines(root, "passwd", 4) if (line[0] == user if number is None else line[2] == number)]
    if number is None and not known:
        raise faults.Fault(f"config: there is no user {user!r} in /etc/passwd")
    uid = known[0][2] if number is None else number
    found = {"uid": uid, "gid": _group(root, group) if group else known[0][3] if known else 0}
    if number is None and not group:
        also = {line[2] for line in _lines(root, "group", 4) if user in line[3].split(",")} - {found["gid"]}
        found |= {"additionalGids": sorted(also)} if also else {}
    return found


def _group(root: tree.Tree, group: str) -> int:
    number = _number(group)
    if number is not None:
        return number
    for line in _lines(root, "group", 4):
        if line[0] == group:
            return line[2]
    raise faults.Fault(f"config: there is no group {group!r} in /etc/group")


def _lines(root: tree.Tree, name: str, least: int) -> list[list[Any]]:
    """The fields of each line, its numbers as numbers."""
    content = root.read([b"etc", name.encode()], LARGEST) or b""
    rows: list[list[Any]] = []
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        row: list[Any] = line.split(":")
        for place in (2, 3) if name == "passwd" else (2,):
            if len(row) >= least:
                row[place] = _number(row[place])
        if len(row) >= least and row[0] and None not in row:
            rows.append(row)
    return rows


def _number(text: str) -> int | None:
    """A number, or None for a name. Raises Fault for a number that is no id."""
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) > 10 or int(text) > LARGEST_ID:
        raise faults.Fault(f"{text[:40]} is no uid or gid")
    return int(text)
