"""config.md#valid-values"""

from __future__ import annotations

from ... import errors
from . import fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BITS = {
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}


def check(config: Any) -> None:
    """Each known field has the type and the range that the specification gives it; unknown ones are ignored."""
    look("", config, "")


def look(path: str, value: Any, where: str) -> None:
    """`path` is a field of the specification, `where` one of its places in this config: `mounts[]`, and `mounts[3]`."""
    kind = fields.FIELDS.get(path, "").rstrip("!")
    if not kind:
        return
    refuse_wrong_type(path, kind, value, where)
    if kind == "object":
        look_inside(path, value, where)
    elif kind == "array":
        for index, item in enumerate(value):
            look(f"{path}[]", item, f"{where}[{index}]")


def look_inside(path: str, value: dict[str, Any], where: str) -> None:
    refuse_missing(path, value, where)
    for name, member in value.items():
        known = f"{path}.{name}" if path else name
        if known not in fields.FIELDS:
            known = f"{path}.*"
            if known in fields.FIELDS and path != "annotations":
                refuse_no_characters(name, where)
        look(known, member, f"{where}.{name}".lstrip("."))


def refuse_missing(path: str, value: dict[str, Any], where: str) -> None:
    """A REQUIRED field is there."""
    for name in required(path):
        if name not in value:
            raise errors.InvalidConfig(f"{where}.{name}".lstrip("."), "is missing")


def required(path: str) -> list[str]:
    """The names that an object cannot be without."""
    return REQUIRED.get(path, [])


def refuse_wrong_type(path: str, kind: str, value: Any, where: str) -> None:
    """A value of another type, range or word list than the field's is an error, and is never bent into shape."""
    if not matches(kind, value):
        raise errors.InvalidConfig(where or "the document", f"{kind} expected, not {shown(value)}")
    if isinstance(value, str) and not path.startswith("annotations"):
        refuse_no_characters(value, where)


def refuse_no_characters(text: str, where: str) -> None:
    """What the kernel could not be told: it ends its texts with a NUL, and half of a surrogate pair has no bytes."""
    if "\0" in text:
        raise errors.InvalidConfig(where, "a NUL cannot be part of this text")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise errors.InvalidConfig(where, f"{text!a} has half of a character")


def matches(kind: str, value: Any) -> bool:
    if kind in ("string", "text"):
        return isinstance(value, str) and (value != "" or kind == "string")
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("object", "array"):
        return isinstance(value, dict if kind == "object" else list)
    if kind in BITS or ".." in kind:
        return is_integer(value) and in_range(kind, value)
    return value in kind.split("|")


def is_integer(value: Any) -> bool:
    """For Python true is 1; for JSON it is not."""
    return isinstance(value, int) and not isinstance(value, bool)


def in_range(kind: str, value: int) -> bool:
    lowest, highest = BITS[kind] if kind in BITS else kind.split("..")
    return (lowest == "" or int(lowest) <= value) and (highest == "" or value <= int(highest))


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def required_names() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, kind in fields.FIELDS.items():
        if kind.endswith("!"):
            parent, _, name = path.rpartition(".")
            found.setdefault(parent, []).append(name)
    return found


REQUIRED = required_names()
