"""Reads results.jsonl (see FORMAT.md): a header, one line a test, a footer.

ResultsError      the file cannot be read as results; its text is one line, `FILE:LINE: what is wrong`
"""

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

Shape = TypeVar("Shape")

FORMAT = 1
OUTCOMES = (
    "passed",
    "failed",
    "broken",
    "advice not followed",
    "contested",
    "soft",
    "informational",
    "not on this host",
    "declined",
    "not in this version",
)
RED = {"failed", "broken"}


class ResultsError(ValueError):
    """These are no results, or not ones that this version can read."""


@dataclass(frozen=True)
class Requirement:
    """An entry of the catalogue as the run knew it."""

    id: str
    document: str
    section: str
    level: str
    since: str | None = None
    until: str | None = None
    what: str = ""
    contested: str | None = None
    soft: str | None = None
    untested: str | None = None
    link: str | None = None

    @property
    def address(self) -> str:
        return f"{self.document}#{self.section}" if self.section else self.document


@dataclass(frozen=True)
class Call:
    """One operation of the runtime and what came back."""

    argv: list[str] = field(default_factory=list[str])
    exit: int | None = None
    signal: str | None = None
    timed_out: bool = False
    seconds: float = 0.0
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True)
class Test:
    """One test and its outcome."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    test: str
    outcome: str
    title: str = ""
    requirement: str | None = None
    chapter: str = "specification"
    seconds: float = 0.0
    runtime_seconds: float = 0.0
    reason: str | None = None
    expected: str | None = None
    seen: str | None = None
    trace: str | None = None
    calls: list[Call] = field(default_factory=list[Call])
    patch: list[dict[str, Any]] | None = None
    replay: str | None = None
    facts: dict[str, Any] | None = None


@dataclass(frozen=True)
class Header:
    """The runtime, the specification and the environment of a run."""

    suite: str = ""
    started: str = ""
    command: list[str] = field(default_factory=list[str])
    runtime: dict[str, Any] = field(default_factory=dict[str, Any])
    specification: dict[str, Any] = field(default_factory=dict[str, Any])
    host: dict[str, Any] = field(default_factory=dict[str, Any])
    ordinary: dict[str, Any] = field(default_factory=dict[str, Any])
    catalogue: list[Requirement] = field(default_factory=list[Requirement])


@dataclass(frozen=True)
class Footer:
    """The end of a run: without one, the run is not whole."""

    finished: str = ""
    exit: int = 0
    interrupted: bool = False
    partial: bool | None = None
    counts: dict[str, int] = field(default_factory=dict[str, int])
    wall: float = 0.0
    workers: int = 1
    runtime_seconds: float = 0.0
    tests: int = 0
    harness_ms_per_test: float = 0.0
    runtime_share: float = 0.0


@dataclass(frozen=True)
class Results:
    """One run."""

    path: Path
    header: Header
    tests: list[Test]
    footer: Footer | None

    @property
    def whole(self) -> bool:
        return self.footer is not None and not self.footer.interrupted

    @property
    def version(self) -> str:
        """The release of the specification that was judged."""
        return str(self.header.specification.get("version") or "")

    @property
    def requirements(self) -> dict[str, Requirement]:
        return {requirement.id: requirement for requirement in self.header.catalogue}


def read(path: Path) -> Results:
    header: Header | None = None
    footer: Footer | None = None
    tests: list[Test] = []
    for number, line in _lines(path):
        where = f"{path}:{number}"
        kind = line.get("kind")
        if footer is not None:
            raise ResultsError(f"{where}: a line after the footer")
        if (kind == "header") != (header is None):
            raise ResultsError(f"{where}: {'a second header' if header else 'the first line is not a header'}")
        if kind == "header":
            header = _header(line, where)
        elif kind == "test":
            tests.append(_test(line, where))
        elif kind == "footer":
            footer = _build(Footer, line, where)
        else:
            raise ResultsError(f"{where}: unknown kind of line: {kind!r}")
    if header is None:
        raise ResultsError(f"{path}: no header, so no results")
    return Results(path, header, tests, footer)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines; a last one that was cut short, as by a kill, is left out."""
    try:
        # Not splitlines(): the runtime's words may hold U+2028, which is no end of a line here.
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise ResultsError(f"{path}: {error.strerror}") from error
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except (ValueError, RecursionError) as error:
            if number == len(lines):  # without a newline at its end: the writer died in it
                return
            raise ResultsError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(line, dict):
            raise ResultsError(f"{path}:{number}: not a JSON object")
        yield number, cast("dict[str, Any]", line)


def _header(line: dict[str, Any], where: str) -> Header:
    if line.get("format") != FORMAT:
        raise ResultsError(f"{where}: format {line.get('format')!r} is not one that this version reads ({FORMAT})")
    entries: list[object] = line.get("catalogue") or []
    catalogue = [_build(Requirement, entry, f"{where}: catalogue[{n}]") for n, entry in enumerate(entries)]
    return _build(Header, line | {"catalogue": catalogue}, where)


def _test(line: dict[str, Any], where: str) -> Test:
    if line.get("outcome") not in OUTCOMES:
        raise ResultsError(f"{where}: unknown outcome: {line.get('outcome')!r}")
    calls = [_build(Call, call, f"{where}: calls[{n}]") for n, call in enumerate(line.get("calls") or [])]
    return _build(Test, line | {"calls": calls}, where)


def _build(shape: type[Shape], line: object, where: str) -> Shape:
    """A dataclass from a JSON object: unknown keys and nulls are left out, the rest must have the declared type."""
    if not isinstance(line, dict):
        raise ResultsError(f"{where}: not a JSON object")
    values = cast("dict[str, Any]", line)
    taken: dict[str, Any] = {}
    for member in dataclasses.fields(cast("Any", shape)):
        value = values.get(member.name)
        if value is None:
            if member.default is dataclasses.MISSING and member.default_factory is dataclasses.MISSING:
                raise ResultsError(f'{where}: "{member.name}" is missing')
        elif isinstance(value, _accepted(shape, member.name)):
            taken[member.name] = value
        else:
            raise ResultsError(f'{where}: "{member.name}" is of the wrong type: {type(value).__name__}')
    return shape(**taken)


@functools.cache
def _accepted(shape: type, name: str) -> tuple[type, ...]:
    """What isinstance() may find in this member; a JSON 1 is a fine float."""
    hint = typing.get_type_hints(shape)[name]
    members = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    accepted = {typing.get_origin(member) or member for member in members}
    return (*accepted, int) if float in accepted else tuple(accepted)
