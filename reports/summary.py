"""What a run found, for a terminal: plain text, at most 100 columns wide."""

import textwrap
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from . import results, speed, verdicts, words

WIDTH = 100
TOLD = ("failed", "broken", "contested", "soft", "advice not followed", "informational")
#: The columns of a table, by verdict; short enough that all of them fit beside a document's name.
HEADS = {
    "passed": "passed",
    "failed": "failed",
    "broken": "broken",
    "contested": "contested",
    "soft": "soft",
    "advice not followed": "not followed",
    "informational": "differs",
    "untested": "untested",
    "declined": "declined",
    "not on this host": "not here",
}


def lines(run: results.Results, page: Path | None = None) -> list[str]:
    """The summary; every line fits WIDTH."""
    findings = verdicts.of(run)
    found = [
        *_head(run),
        *_table("binding requirements (MUST, MUST NOT, DEFINED)", verdicts.MUST, findings),
        *_table("advice (SHOULD, SHOULD NOT)", verdicts.SHOULD, findings),
        *_table("beyond the specification, no part of the claim", verdicts.BEYOND, findings),
        *_findings(run, findings),
        *_end(run, page),
    ]
    return fitted(found)


def claim(findings: list[verdicts.Finding]) -> str:
    """The compliance claim in one sentence: about binding requirements of the specification, nothing else."""
    counts = verdicts.tally(finding for finding in findings if finding.weight == verdicts.MUST)
    tested = counts["passed"] + counts["failed"]
    if not tested:
        return "no binding requirement was tested"
    verb, number = ("fails", counts["failed"]) if counts["failed"] else ("holds", counts["passed"])
    also = "".join(f"; {counts[verdict]} {verdict}" for verdict in ("broken", "contested", "soft") if counts[verdict])
    return f"{verb} {number} of {tested} binding requirements tested{also}"


def _head(run: results.Results) -> list[str]:
    runtime, specification = run.header.runtime, run.header.specification
    version = words.one_line(str(runtime.get("version") or "").partition("\n")[0], 60)
    whole = [] if run.whole else ["this run is not whole: what follows is only what it reached"]
    return [
        words.one_line(f"{runtime.get('command')}: {version}", 98),
        words.one_line(f"judged by specification {run.version}: {specification.get('why')}", 300),
        *whole,
    ]


def _table(title: str, weight: str, findings: list[verdicts.Finding]) -> list[str]:
    """Counts by document; nothing at all when nothing of this weight was judged."""
    rows = verdicts.documents(finding for finding in findings if finding.weight == weight)
    counts = {document: verdicts.tally(row) for document, row in rows.items()}
    total = sum(counts.values(), Counter[str]())
    if not set(total) - {"untested", "not in this version"}:
        return []
    if len(counts) > 1:
        counts["all"] = total
    heads = {verdict: head for verdict, head in HEADS.items() if total[verdict]}
    width = min(34, max(map(len, counts)))
    body = [_row(document, width, heads, count) for document, count in counts.items()]
    return ["", title, f"  {'':<{width}}  {'  '.join(heads.values())}", *body]


def _row(name: str, width: int, heads: dict[str, str], count: Counter[str]) -> str:
    cells = [f"{count[verdict] or '·':>{len(head)}}" for verdict, head in heads.items()]
    return f"  {words.one_line(name, width):<{width}}  {'  '.join(cells)}"


def _findings(run: results.Results, findings: list[verdicts.Finding]) -> list[str]:
    told = [finding for verdict in TOLD for finding in findings if finding.verdict == verdict]
    width = max((len(finding.requirement.id) for finding in told), default=0)
    found = [_finding(finding, min(width, 40)) for finding in told]
    found += [f"  {test.outcome:<19}  {test.test}" for test in verdicts.strays(run) if test.outcome in TOLD]
    return ["", "findings", *found] if found else []


def _finding(finding: verdicts.Finding, width: int) -> str:
    requirement = finding.requirement
    return f"  {finding.verdict:<19}  {requirement.id:<{width}}  {requirement.level:<10}  {requirement.address}"


def _end(run: results.Results, page: Path | None) -> list[str]:
    outcomes = Counter(test.outcome for test in run.tests)
    counts = ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in results.OUTCOMES if outcomes[outcome])
    return [
        "",
        f"tests: {counts or 'none'}",
        speed.line(run),
        f"verdict: {claim(verdicts.of(run))}" + ("" if run.whole else " (this run is not whole)"),
        *([f"report: {page}"] if page else []),
    ]


def fitted(found: Iterable[str]) -> list[str]:
    """The lines in pieces that fit; nothing the runtime said reaches the terminal as a command."""
    return [piece for line in found for piece in (_wrapped(words.visible(line)) if line else [""])]


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(
        line, WIDTH, subsequent_indent="    ", break_on_hyphens=False, drop_whitespace=len(line) > WIDTH
    )
