"""What the specification demands: one TOML file a document, one entry a requirement, in our own words.

["ns.uts.duplicate"]
section = "configLinuxNamespaces"   # the anchor in the document
level = "MUST"                      # or DEFINED: a meaning without a keyword
since = "1.0.0"                     # the first release that says so; until: the last one, if it was dropped
what = "Two entries of type uts are an error."
sentences = ["a5f6016098d1"]        # fingerprints of the specification's sentences, rows and bullets
contested = "owner/project#1: …"    # the text is disputed, or followed by no runtime we know; names its interpretation
soft = "…"                          # why a runtime cannot tell that it is broken: shown apart, never red
untested = "…"                      # which observation is missing
"""

import functools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

RELEASES = ("1.0.0", "1.0.1", "1.0.2", "1.1.0", "1.2.0", "1.2.1", "1.3.0")
HARD = frozenset({"MUST", "MUST NOT", "DEFINED"})
ADVISORY = frozenset({"SHOULD", "SHOULD NOT", "MAY"})
BEYOND = frozenset({"CALLER", "SHIM", "SECURITY"})
#: A section that once had another name: its address → that name, and the last release that has it.
RENAMED = {"config-linux.md#configLinuxDeviceAllowedlist": ("configLinuxDeviceWhitelist", "1.0.2")}

_FINGERPRINT = re.compile(r"[0-9a-f]{12}")
_HERE = Path(__file__).parent
_NOT_DOCUMENTS = frozenset({"scope.toml", "set-aside.toml"})
_TEXTS = ("section", "level", "since", "what")
_OPTIONAL_TEXTS = ("until", "contested", "soft", "untested")


class CatalogueError(ValueError):
    """An entry that cannot be read as a requirement; the text names its file and its id."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing the specification demands of a runtime."""

    id: str
    document: str
    section: str
    level: str
    since: str
    what: str
    sentences: tuple[str, ...] = ()
    until: str | None = None
    contested: str | None = None
    soft: str | None = None
    untested: str | None = None

    @property
    def binding(self) -> bool:
        """Whether breaking it breaks compliance."""
        return self.level in HARD

    @property
    def beyond(self) -> bool:
        """Whether somebody other than the specification asks for it."""
        return self.level in BEYOND

    @property
    def testable(self) -> bool:
        return self.untested is None

    @property
    def address(self) -> str:
        return f"{self.document}#{self.section}"

    def in_version(self, version: str) -> bool:
        """Whether the release of that version says so."""
        last = self.until or RELEASES[-1]
        return RELEASES.index(self.since) <= _release(version) <= RELEASES.index(last)

    def anchor(self, version: str) -> str:
        """The section's name in that version."""
        before, last = RENAMED.get(self.address, (self.section, RELEASES[0]))
        return before if _release(version) <= RELEASES.index(last) else self.section

    def link(self, version: str) -> str:
        """The section at the tag of that version."""
        place = f"{self.document}#{self.anchor(version)}"
        return f"https://github.com/opencontainers/runtime-spec/blob/v{version}/{place}"


def at_least(version: str, release: str) -> bool:
    """Whether the release of that version is this one or a later one."""
    return _release(version) >= RELEASES.index(release)


@functools.cache
def load() -> dict[str, Requirement]:
    """Every requirement by its id, in the order of the files and of the entries in them."""
    return read(_HERE)


def read(folder: Path) -> dict[str, Requirement]:
    """The requirements of all documents in a folder, each checked."""
    catalogue: dict[str, Requirement] = {}
    for file in _documents(folder):
        for requirement in _entries(file):
            if requirement.id in catalogue:
                raise CatalogueError(f"{file.name}: {requirement.id}: also in {catalogue[requirement.id].document}")
            catalogue[requirement.id] = requirement
    return catalogue


def present_name(document: str, anchor: str) -> str:
    """What a section is called now."""
    for address, (before, _) in RENAMED.items():
        if f"{document}#{anchor}" == f"{address.partition('#')[0]}#{before}":
            return address.partition("#")[2]
    return anchor


def _documents(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.glob("*.toml")) if file.name not in _NOT_DOCUMENTS]


def _entries(file: Path) -> Iterator[Requirement]:
    try:
        entries: dict[str, Any] = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{file.name}: {error}") from None
    document = f"{file.stem}.md"
    for id, entry in entries.items():
        if fault := _fault(entry):
            raise CatalogueError(f"{file.name}: {id}: {fault}")
        yield _requirement(id, document, entry)


def _requirement(id: str, document: str, entry: dict[str, Any]) -> Requirement:
    values: dict[str, Any] = {**entry, "id": id, "document": document, "sentences": tuple(entry.get("sentences", ()))}
    return Requirement(**values)


def _fault(entry: dict[str, Any] | object) -> str | None:
    """The first thing wrong with an entry, in words."""
    if not isinstance(entry, dict):
        return "is not a table"
    entry = cast("dict[str, Any]", entry)
    if unknown := entry.keys() - {*_TEXTS, *_OPTIONAL_TEXTS, "sentences"}:
        return f"unknown key {min(unknown)!r}"
    if missing := [key for key in _TEXTS if key not in entry]:
        return f"has no {missing[0]!r}"
    if texts := [key for key, value in entry.items() if key != "sentences" and not (isinstance(value, str) and value)]:
        return f"{texts[0]!r} is not a text"
    if entry["level"] not in HARD | ADVISORY | BEYOND:
        return f"unknown level {entry['level']!r}"
    if wrong := [entry[key] for key in ("since", "until") if entry.get(key, RELEASES[0]) not in RELEASES]:
        return f"unknown version {wrong[0]!r}"
    if RELEASES.index(entry.get("until", RELEASES[-1])) < RELEASES.index(entry["since"]):
        return "'until' lies before 'since'"
    return _fault_of_sentences(entry.get("sentences", []))


def _fault_of_sentences(sentences: object) -> str | None:
    if not isinstance(sentences, list):
        return "'sentences' is not a list"
    strange = [each for each in cast("list[object]", sentences) if not _FINGERPRINT.fullmatch(str(each))]
    return f"{strange[0]!r} is no fingerprint" if strange else None


def _release(version: str) -> int:
    """Where a version stands among the releases; a candidate counts as the release it leads to."""
    return RELEASES.index(version.partition("-")[0])
