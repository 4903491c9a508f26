"""Which sentence stands where, in one release of the specification: fingerprints, and no text.

The index of each release is committed beside the catalogue, so that coverage can be proved without a checkout. One
section a line; a unit is its fingerprint, its kind, and ``keyword`` where it speaks in the words of RFC 2119.
"""

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import present_name, sentences

DOCUMENTS = (
    "bundle.md",
    "runtime.md",
    "runtime-linux.md",
    "config.md",
    "config-linux.md",
    "features.md",
    "features-linux.md",
    "glossary.md",
    "spec.md",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit at its place: the document, the section and, behind a slash, the outermost field."""

    document: str
    section: str
    fingerprint: str
    kind: str
    keyword: bool

    @property
    def anchor(self) -> str:
        """The section, by the name that it has now."""
        return present_name(self.document, self.section.partition("/")[0])

    @property
    def binding(self) -> bool:
        """Whether some requirement has to claim it: a keyword, a table row or a bullet."""
        return self.keyword or self.kind != "sentence"

    @property
    def address(self) -> str:
        return f"{self.document}#{self.section}"


@dataclass(frozen=True)
class Index:
    """All units of one release, and the anchors that a link can point to."""

    units: tuple[Standing, ...]
    anchors: Mapping[str, frozenset[str]]

    def at(self, fingerprint: str) -> Sequence[Standing]:
        """The places of a sentence."""
        return self._by_fingerprint.get(fingerprint, ())

    def says_the_same(self, other: "Index") -> bool:
        return set(self.units) == set(other.units) and self.anchors == other.anchors

    @functools.cached_property
    def _by_fingerprint(self) -> Mapping[str, Sequence[Standing]]:
        units: dict[str, list[Standing]] = {}
        for unit in self.units:
            units.setdefault(unit.fingerprint, []).append(unit)
        return units


def of(documents: Mapping[str, str]) -> Index:
    """The index of documents given as markdown."""
    units = [
        Standing(document, unit.section, unit.fingerprint, unit.kind, unit.keyword)
        for document, markdown in documents.items()
        for unit in sentences.units(markdown)
    ]
    anchors = {document: frozenset(sentences.anchors(markdown)) for document, markdown in documents.items()}
    return Index(tuple(dict.fromkeys(units)), anchors)


def read(file: Path) -> Index:
    """A committed index."""
    stored: dict[str, dict[str, list[str]]] = json.loads(file.read_text())
    units = [unit for document, sections in stored.items() for unit in _stored_units(document, sections)]
    anchors = {document: frozenset(sections["#"]) for document, sections in stored.items()}
    return Index(tuple(units), anchors)


def write(index: Index, file: Path) -> None:
    """One section a line, so that a change of the specification is a readable change of the index."""
    file.parent.mkdir(exist_ok=True)
    documents = (f"{json.dumps(document)}: {{\n{_lines(index, document)}\n}}" for document in index.anchors)
    file.write_text("{\n" + ",\n".join(documents) + "\n}\n")


def _stored_units(document: str, sections: Mapping[str, Iterable[str]]) -> Iterator[Standing]:
    for section, units in sections.items():
        if section != "#":
            for unit in units:
                fingerprint, kind, *keyword = unit.split()
                yield Standing(document, section, fingerprint, kind, bool(keyword))


def _lines(index: Index, document: str) -> str:
    sections: dict[str, list[str]] = {"#": sorted(index.anchors[document])}
    for unit in index.units:
        if unit.document == document:
            words = f"{unit.fingerprint} {unit.kind}{' keyword' if unit.keyword else ''}"
            sections.setdefault(unit.section, []).append(words)
    return ",\n".join(f"{json.dumps(section)}: {json.dumps(units)}" for section, units in sections.items())
