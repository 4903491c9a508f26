"""Reading config.json as it was written: where it is broken, and which names it gives twice."""

import contextlib
import json
import os
import pathlib
import stat
from collections.abc import Iterator
from typing import Any, TypeGuard

from . import pointer

LARGEST = 64 << 20  # bytes of a document


class DocumentError(Exception):
    """There is no JSON document at this path; one line says why."""


class Members(dict[str, Any]):
    """A JSON object that remembers the names it was given more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = [name for name in self if names.count(name) > 1] if len(self) < len(names) else []


def write(path: pathlib.Path, text: str, replace: bool = False) -> None:
    """Write a document whole or not at all; one that is there stays, unless it is to be replaced. Raises OSError."""
    if replace and path.exists() and not path.is_file():  # a pipe, a terminal
        path.write_text(text, encoding="utf-8")
        return
    place = path.resolve() if replace else path
    written = place.with_name(f".{place.name}.{os.getpid()}") if replace else place
    with contextlib.ExitStack() as undo:
        try:
            with written.open("x", encoding="utf-8") as file:
                undo.callback(written.unlink, missing_ok=True)
                file.write(text)
        except OSError as problem:  # a full disk does not tell which file it is about
            raise OSError(problem.errno, problem.strerror, str(path)) from problem
        if replace:
            if place.exists():
                written.chmod(stat.S_IMODE(place.stat().st_mode))
            written.rename(place)
        undo.pop_all()


def locate(path: pathlib.Path) -> pathlib.Path:
    """The config of a bundle, or the path itself."""
    return path / "config.json" if path.is_dir() else path


def read(path: pathlib.Path) -> Any:
    """The document at a path, its objects as Members."""
    try:
        with path.open("rb") as file:
            return parse(file.read(LARGEST + 1), str(path))
    except OSError as problem:
        raise DocumentError(f"{path}: {problem.strerror}") from problem


def parse(content: bytes, name: str) -> Any:
    """The document in these bytes, its objects as Members; `name` is what it is called if it is none."""
    try:
        if len(content) > LARGEST:
            raise ValueError(f"more than {LARGEST >> 20} MiB")
        return json.loads(content.decode("utf-8"), object_pairs_hook=Members, parse_constant=_refuse)
    except UnicodeDecodeError as problem:
        raise DocumentError(f"{name}: byte {problem.start} is not UTF-8") from problem
    except json.JSONDecodeError as problem:
        raise DocumentError(f"{name}:{problem.lineno}:{problem.colno}: {problem.msg}") from problem
    except RecursionError as problem:
        raise DocumentError(f"{name}: nested too deeply") from problem
    except ValueError as problem:
        raise DocumentError(f"{name}: {problem}") from problem


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def repeated(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[str]:
    """Pointers of the members whose name stands twice in one object."""
    if isinstance(value, Members):
        yield from (pointer.join((*place, name)) for name in value.repeated)
    for part, child in children(value):
        yield from repeated(child, (*place, part))


def children(value: Any) -> Iterator[tuple[str | int, Any]]:
    """The members of an object or the elements of an array, each with its name or index."""
    if is_object(value):
        yield from value.items()
    elif is_array(value):
        yield from enumerate(value)


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
