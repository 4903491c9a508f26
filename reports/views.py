"""What the page shows, put in order: the template only lays it out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import results, summary, verdicts

UNJUDGED = ("not on this host", "declined")


@dataclass(frozen=True)
class Section:
    """A section of a document; `anchor` is unique on the page, and the specification's own wherever it can be."""

    anchor: str
    name: str
    title: str
    findings: list[verdicts.Finding]


@dataclass(frozen=True)
class Document:
    """A document, or a chapter beyond the specification."""

    name: str
    anchor: str
    sections: list[Section]
    counts: dict[str, Counter[str]]

    @property
    def findings(self) -> list[verdicts.Finding]:
        return [finding for section in self.sections for finding in section.findings]


@dataclass(frozen=True)
class Report:
    """The whole page."""

    claim: str
    holds: bool
    totals: dict[str, Counter[str]]
    documents: list[Document]
    beyond: list[Document]
    told: dict[str, list[verdicts.Finding]]
    beyond_told: dict[str, list[verdicts.Finding]]
    untested: dict[str, list[verdicts.Finding]]
    unjudged: dict[str, list[tuple[str, list[verdicts.Finding]]]]
    later: int
    strays: list[results.Test]


def report(run: results.Results) -> Report:
    findings = verdicts.of(run)
    ours = [finding for finding in findings if finding.weight != verdicts.BEYOND]
    beyond = [finding for finding in findings if finding.weight == verdicts.BEYOND]
    anchors = Anchors(findings)
    must = [finding for finding in ours if finding.weight == verdicts.MUST]
    counts = verdicts.tally(must)
    return Report(
        claim=summary.claim(findings),
        holds=run.whole and bool(counts["passed"]) and not counts["failed"] and not counts["broken"],
        totals=_by_weight(findings),
        documents=list(_documents(ours, anchors)),
        beyond=list(_documents(beyond, anchors)),
        told=_told(ours),
        beyond_told=_told(beyond),
        untested=_grouped(_having(must, "untested")),
        unjudged={verdict: list(_grouped(found).items()) for verdict in UNJUDGED if (found := _having(ours, verdict))},
        later=len(_having(ours, "not in this version")),
        strays=verdicts.strays(run),
    )


def _told(findings: list[verdicts.Finding]) -> dict[str, list[verdicts.Finding]]:
    """What deviates, by verdict, the worst first."""
    return {verdict: told for verdict in summary.TOLD if (told := _having(findings, verdict))}


def _having(findings: Iterable[verdicts.Finding], verdict: str) -> list[verdicts.Finding]:
    return [finding for finding in findings if finding.verdict == verdict]


def _grouped(findings: Iterable[verdicts.Finding]) -> dict[str, list[verdicts.Finding]]:
    """Findings by what kept them from being judged, the most frequent reason first."""
    groups: dict[str, list[verdicts.Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.because or "no reason was recorded", []).append(finding)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def _by_weight(findings: Iterable[verdicts.Finding]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {
        weight: Counter() for weight in (verdicts.MUST, verdicts.SHOULD, verdicts.MAY, verdicts.BEYOND)
    }
    for finding in findings:
        counts[finding.weight][finding.verdict] += 1
    return counts


def _documents(findings: Iterable[verdicts.Finding], anchors: "Anchors") -> Iterator[Document]:
    for name, found in verdicts.documents(findings).items():
        sections: dict[str, list[verdicts.Finding]] = {}
        for finding in found:
            sections.setdefault(finding.requirement.section, []).append(finding)
        rooms = [
            Section(anchors.take(section, name), section, title(name, section), members)
            for section, members in sections.items()
        ]
        yield Document(name, anchors.take(name, "document"), rooms, _by_weight(found))


def title(document: str, section: str) -> str:
    """A heading from an anchor: `configLinuxMaskedPaths` is “Masked paths” in config-linux.md."""
    first, *rest = document.removesuffix(".md").split("-")
    prefix = first + "".join(part.capitalize() for part in rest)
    bare = section.removeprefix(prefix) or section
    pieces = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", bare) or [bare]
    spelt = [piece if piece.isupper() else piece.lower() for piece in pieces]
    return " ".join([spelt[0] if spelt[0].isupper() else spelt[0].capitalize(), *spelt[1:]])


class Anchors:
    """Ids on the page, each given once: requirements keep theirs, sections too unless somebody was first."""

    def __init__(self, findings: Iterable[verdicts.Finding]) -> None:
        self._taken = {finding.requirement.id for finding in findings}

    def take(self, wanted: str, otherwise: str) -> str:
        free = next(name for name in self._candidates(wanted, otherwise) if name not in self._taken)
        self._taken.add(free)
        return free

    @staticmethod
    def _candidates(wanted: str, otherwise: str) -> Iterator[str]:
        if wanted:
            yield wanted
        number = 1
        while True:
            yield f"{otherwise}:{wanted}" + (f":{number}" if number > 1 else "")
            number += 1
