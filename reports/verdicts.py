"""From the outcomes of tests to the verdict on each requirement.

A requirement failed if one of its tests is red, and passed only if one passed and none is red or short of it. One that
is in force, and that no test looked at, is *untested*: it is listed, never hidden, and never counted as held.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import results

#: The outcomes and the one verdict no test can have, the worst first: the first one present is the verdict.
VERDICTS = (
    "failed",
    "broken",
    "contested",
    "soft",
    "advice not followed",
    "informational",
    "passed",
    "declined",
    "not on this host",
    "untested",
    "not in this version",
)
MUST, SHOULD, MAY, BEYOND = "MUST", "SHOULD", "MAY", "beyond"
WEIGHTS = {
    "SHOULD": SHOULD,
    "SHOULD NOT": SHOULD,
    "RECOMMENDED": SHOULD,
    "MAY": MAY,
    "OPTIONAL": MAY,
    "CALLER": BEYOND,
    "SHIM": BEYOND,
    "SECURITY": BEYOND,
}
OURS = "specification"


@dataclass(frozen=True)
class Finding:
    """A requirement and what this run says about it."""

    requirement: results.Requirement
    verdict: str
    because: str | None = None
    tests: list[results.Test] = field(default_factory=list[results.Test])

    @property
    def weight(self) -> str:
        """Which claim it counts in: MUST (with MUST NOT and DEFINED), SHOULD, MAY, or beyond the specification."""
        if any(test.chapter != OURS for test in self.tests):
            return BEYOND
        return weight(self.requirement)


def weight(requirement: results.Requirement) -> str:
    return WEIGHTS.get(requirement.level, MUST)


def of(run: results.Results) -> list[Finding]:
    """One finding for each entry of the catalogue, in its order."""
    tests: dict[str, list[results.Test]] = {}
    for test in run.tests:
        if test.requirement:
            tests.setdefault(test.requirement, []).append(test)
    return [_judge(requirement, tests.get(requirement.id, []), run.version) for requirement in run.header.catalogue]


def strays(run: results.Results) -> list[results.Test]:
    """Tests that stand for no entry of the catalogue, as the ordinary bundle's."""
    known = run.requirements
    return [test for test in run.tests if test.requirement not in known]


def _judge(requirement: results.Requirement, tests: list[results.Test], version: str) -> Finding:
    if not tests:
        if not in_force(requirement, version):
            return Finding(requirement, "not in this version", _bounds(requirement))
        return Finding(requirement, "untested", requirement.untested or "no test of it ran")
    outcomes = {test.outcome for test in tests}
    verdict = next(verdict for verdict in VERDICTS if verdict in outcomes)
    because = next((test.reason for test in tests if test.outcome == verdict and test.reason), None)
    return Finding(requirement, verdict, because, tests)


def in_force(requirement: results.Requirement, version: str) -> bool:
    """Whether this release says so; `until` is the last one that does."""
    judged = release(version)
    if judged is None:
        return True
    since, until = release(requirement.since), release(requirement.until)
    return (since is None or since <= judged) and (until is None or judged <= until)


def release(version: str | None) -> tuple[int, ...] | None:
    """1.0.2 and 1.0.2-dev as (1, 0, 2)."""
    numbers = (version or "").removeprefix("v").partition("-")[0].split(".")
    return tuple(map(int, numbers)) if all(number.isdecimal() for number in numbers) else None


def _bounds(requirement: results.Requirement) -> str:
    bounds = {"since": requirement.since, "until": requirement.until}
    return ", ".join(f"{word} {release}" for word, release in bounds.items() if release)


def tally(findings: Iterable[Finding]) -> Counter[str]:
    return Counter(finding.verdict for finding in findings)


def documents(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by document, in the catalogue's order."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.requirement.document, []).append(finding)
    return found
