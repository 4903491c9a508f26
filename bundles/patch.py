"""RFC 6902, as much as a config needs: add, remove and replace, an append written as /-."""

import copy
import difflib
import json
from collections.abc import Iterator
from typing import Any

from . import document, pointer

Operation = dict[str, Any]
Path = tuple[str | int, ...]


class PatchError(ValueError):
    """An operation that does not fit the document."""


def difference(old: Any, new: Any) -> list[Operation]:
    """The operations that make `new` of `old`."""
    return list(_difference(old, new, ()))


def apply(value: Any, operations: list[Operation]) -> Any:
    """A new document: the old one after these operations. Raises PatchError."""
    box = {"document": copy.deepcopy(value)}
    for operation in operations:
        try:
            _carry_out(box, operation)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as problem:
            raise PatchError(f"{json.dumps(operation)[:120]} does not fit the document") from problem
    return box["document"]


def _difference(old: Any, new: Any, place: Path) -> Iterator[Operation]:
    if _key(old) == _key(new):
        return
    if document.is_object(old) and document.is_object(new):
        yield from _objects(old, new, place)
    elif document.is_array(old) and document.is_array(new):
        yield from _arrays(old, new, place)
    else:
        yield {"op": "replace", "path": pointer.join(place), "value": new}


def _objects(old: dict[str, Any], new: dict[str, Any], place: Path) -> Iterator[Operation]:
    for name in old:
        if name in new:
            yield from _difference(old[name], new[name], (*place, name))
        else:
            yield {"op": "remove", "path": pointer.join((*place, name))}
    for name in new:
        if name not in old:
            yield {"op": "add", "path": pointer.join((*place, name)), "value": new[name]}


def _arrays(old: list[Any], new: list[Any], place: Path) -> Iterator[Operation]:
    """Element by element, or the whole where that reads no worse."""
    steps = list(_steps(old, new, place))
    whole = {"op": "replace", "path": pointer.join(place), "value": new}
    yield from steps if len(json.dumps(steps)) < len(json.dumps([whole])) else [whole]


def _steps(old: list[Any], new: list[Any], place: Path) -> Iterator[Operation]:
    """From the back, so that each index still means what it meant in `old`."""
    matcher = difflib.SequenceMatcher(None, [_key(item) for item in old], [_key(item) for item in new], autojunk=False)
    for tag, start, end, new_start, new_end in reversed(matcher.get_opcodes()):
        if tag == "replace" and end - start == new_end - new_start:
            for offset in range(end - start):
                yield from _difference(old[start + offset], new[new_start + offset], (*place, start + offset))
        elif tag != "equal":
            for index in reversed(range(start, end)):
                yield {"op": "remove", "path": pointer.join((*place, index))}
            for offset, item in enumerate(new[new_start:new_end]):
                index = "-" if end == len(old) else start + offset
                yield {"op": "add", "path": pointer.join((*place, index)), "value": item}


def _key(value: Any) -> str:
    """Equal for equal JSON; Python would take 1 and true for the same."""
    return json.dumps(value, sort_keys=True)


def _carry_out(box: dict[str, Any], operation: Operation) -> None:
    *parents, name = ["document", *pointer.split(operation["path"])]
    target: Any = box
    for part in parents:
        target = target[_index(target, part) if document.is_array(target) else part]
    if operation["op"] not in {"add", "replace", "remove"}:
        raise PatchError(operation)
    if document.is_array(target):
        _alter_array(target, name, operation)
    else:
        _alter_object(target, name, operation)


def _alter_array(target: list[Any], name: str, operation: Operation) -> None:
    if operation["op"] == "add":
        target.insert(len(target) if name == "-" else _index([*target, None], name), operation["value"])
    elif operation["op"] == "replace":
        target[_index(target, name)] = operation["value"]
    else:
        del target[_index(target, name)]


def _alter_object(target: dict[str, Any], name: str, operation: Operation) -> None:
    if operation["op"] != "add":
        del target[name]
    if operation["op"] != "remove":
        target[name] = operation["value"]


def _index(array: list[Any], part: str) -> int:
    """The part as an index of that array: no sign, no leading zero, not beyond the end."""
    return [str(index) for index in range(len(array))].index(part)
