"""The two files that say what a run may find: expectations (known failures) and LACKS.toml (known skips).

UsageError        the file cannot be used; its text is one line, `FILE: expect[3].id: what is wrong`
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

#: What is known of a failure: that it comes, or that it may come, where a race decides.
STATUSES = ("fail", "flaky")
SKIPS = ("not on this host", "declined")
#: Hosts by their cgroups, as the header of a run has them: what is known of a runtime may be so on some of them only.
CGROUPS = ("v1", "v2", "hybrid", "none")


class UsageError(ValueError):
    """A file of demands that cannot be used as it is."""


@dataclass(frozen=True)
class Expectation:
    """A requirement or a test that is known to fail on such hosts, and why; `where` is the place of its name."""

    where: str
    id: str
    reason: str
    status: str = "fail"
    cgroups: tuple[str, ...] = CGROUPS


@dataclass(frozen=True)
class Lack:
    """A skip that is accepted: its outcome, what is skipped (a requirement or a test), how the reason begins."""

    where: str
    outcome: str
    id: str
    reason: str


def expectations(path: Path) -> list[Expectation]:
    found: list[Expectation] = []
    for where, entry in _entries(path, "expect"):
        _known(where, entry, {"id", "status", "reason", "cgroups"})
        status, reason = _text(where, entry, "status"), _text(where, entry, "reason")
        if status not in STATUSES:
            raise UsageError(f"{where}.status: must be one of {', '.join(STATUSES)}")
        cgroups = _cgroups(where, entry)
        found += [Expectation(place, id, reason, status, cgroups) for place, id in _ids(where, entry)]
    _once(found)
    return found


def lacks(path: Path) -> list[Lack]:
    found: list[Lack] = []
    for where, entry in _entries(path, "lack"):
        _known(where, entry, {"outcome", "requirement", "test", "reason"})
        if ("requirement" in entry) == ("test" in entry):
            raise UsageError(f"{where}: needs a requirement or a test, and not both")
        named = "requirement" if "requirement" in entry else "test"
        outcome = _text(where, entry, "outcome")
        if outcome not in SKIPS:
            raise UsageError(f"{where}.outcome: must be one of {', '.join(SKIPS)}")
        found.append(Lack(where, outcome, _text(where, entry, named), _text(where, entry, "reason")))
    return found


def _entries(path: Path, table: str) -> list[tuple[str, dict[str, Any]]]:
    """The entries of the file's one array of tables, each with the place to blame."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise UsageError(f"{path}: {error}") from error
    _known(str(path), content, {table})
    entries = content.get(table, [])
    if not isinstance(entries, list):
        raise UsageError(f"{path}: {table}: must be an array of tables, [[{table}]]")
    found: list[tuple[str, dict[str, Any]]] = []
    for number, entry in enumerate(cast("list[object]", entries)):
        if not isinstance(entry, dict):
            raise UsageError(f"{path}: {table}[{number}]: must be a table")
        found.append((f"{path}: {table}[{number}]", cast("dict[str, Any]", entry)))
    return found


def _known(where: str, entry: dict[str, Any], keys: set[str]) -> None:
    if unknown := sorted(entry.keys() - keys):
        raise UsageError(f"{where}: unknown key {unknown[0]!r}; known here: {', '.join(sorted(keys))}")


def _text(where: str, entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if value is None:
        raise UsageError(f"{where}.{key}: is missing")
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}.{key}: must be a string that says something")
    return value


def _ids(where: str, entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """One name, or an array of them for failures of one reason; each with the place to blame."""
    named = entry.get("id")
    if not isinstance(named, list):
        yield f"{where}.id", _text(where, entry, "id")
        return
    if not named:
        raise UsageError(f"{where}.id: names nothing")
    for number, name in enumerate(cast("list[object]", named)):
        yield f"{where}.id[{number}]", _text(where, {f"id[{number}]": name}, f"id[{number}]")


def _cgroups(where: str, entry: dict[str, Any]) -> tuple[str, ...]:
    named = entry.get("cgroups", list(CGROUPS))
    if not isinstance(named, list) or not named or any(name not in CGROUPS for name in cast("list[object]", named)):
        raise UsageError(f"{where}.cgroups: must be an array of some of {', '.join(CGROUPS)}")
    return tuple(cast("list[str]", named))


def _once(found: list[Expectation]) -> None:
    seen: set[tuple[str, str]] = set()
    for expectation in found:
        named = {(expectation.id, cgroup) for cgroup in expectation.cgroups}
        if seen & named:
            raise UsageError(f"{expectation.where}: {expectation.id!r} was named before")
        seen |= named
