"""Values in a document that may hold anything: each is asked for with its type."""

from typing import Any

from .. import document
from . import faults


def text(value: Any, name: str, where: str) -> str:
    """A string that is there. Raises Fault."""
    found = optional_text(value, name, where)
    if not found:
        raise faults.Fault(f"{where} has no {name}")
    return found


def optional_text(value: Any, name: str, where: str) -> str:
    """A string, an empty one if it is not there. Raises Fault."""
    found = value.get(name)
    return _sound("" if found is None else found, name, where)


def texts(value: Any, name: str, where: str) -> list[str]:
    """A list of strings, an empty one if it is not there. Raises Fault."""
    return [_sound(each, name, where) for each in array(value, name, where)]


def array(value: Any, name: str, where: str) -> list[Any]:
    found = value.get(name)
    if found is not None and not document.is_array(found):
        raise faults.Fault(f"{where}: {name} is no list")
    return found or []


def object_(value: Any, name: str, where: str) -> dict[str, Any]:
    """An object, an empty one if it is not there. Raises Fault."""
    found = value.get(name)
    if found is not None and not document.is_object(found):
        raise faults.Fault(f"{where}: {name} is no object")
    return found or {}


def whole(value: Any, where: str) -> dict[str, Any]:
    """The document itself. Raises Fault if it is no object."""
    if not document.is_object(value):
        raise faults.Fault(f"{where} is no object")
    return value


def _sound(value: Any, name: str, where: str) -> str:
    """No string of ours goes further than a system call: it has no NUL, and it can be written as UTF-8."""
    if not isinstance(value, str) or "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise faults.Fault(f"{where}: {name} is no string, or not one that a process can be given")
    return value
