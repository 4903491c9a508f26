"""What runs of the mutants show: who killed whom, section by section, and what that proves of the catalogue.

python -m conformance.harness.matrix MATRIX…        the matrices that runs on several hosts have written, as one
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance import catalogue
from conformance.catalogue import Requirement

from . import outcomes

#: The columns of the table of documents. A testable requirement has a test: a rule of the house.
COLUMNS: dict[str, Callable[[Requirement], object]] = {
    "entries": lambda requirement: True,
    "tested": lambda requirement: requirement.testable,
    "untested": lambda requirement: requirement.untested,
    "contested": lambda requirement: requirement.contested,
    "soft": lambda requirement: requirement.soft,
}


#: mutant → tests, or test → mutants
Tests = dict[str, set[str]]


class Matrix:
    """Which test killed which mutant, in one run or in several; filled from reports, where every test is heard of."""

    def __init__(self, known: Iterable[str] = (), file: Path | None = None) -> None:
        #: Every mutant that there is, whether some test was run on it or not.
        self.known = set(known)
        self.killed_by: Tests = defaultdict(set)
        self.survived: Tests = defaultdict(set)
        #: mutant → test → why it was not run on that: another host may have what is missing here
        self.not_here: dict[str, dict[str, str]] = defaultdict(dict)
        self.lame: dict[str, str] = {}
        self.broken: set[str] = set()
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, "mutant", None)
        if told is None:
            return
        mutant, test, fate, ordinary = told
        if ordinary:
            self.lame[mutant] = ordinary
        if fate == outcomes.FAILED:
            self.killed_by[mutant].add(test)
        elif fate == outcomes.PASSED and report.when == "call":
            self.survived[mutant].add(test)
        elif fate == outcomes.BROKEN:
            self.broken.add(f"{test} on {mutant}")
        elif fate != outcomes.PASSED:
            self.not_here[mutant][test] = fate

    # --- several runs ----------------------------------------------------------------------------------------------

    def plain(self) -> dict[str, Any]:
        """As JSON has it; `add` reads it."""
        return {
            "known": sorted(self.known),
            "killed_by": {mutant: sorted(tests) for mutant, tests in self.killed_by.items()},
            "survived": {mutant: sorted(tests) for mutant, tests in self.survived.items()},
            "not_here": self.not_here,
            "lame": self.lame,
            "broken": sorted(self.broken),
        }

    def add(self, other: dict[str, Any]) -> None:
        """Another run's: a test that was run anywhere is no longer missing."""
        self.known.update(other["known"])
        for mine, name in ((self.killed_by, "killed_by"), (self.survived, "survived")):
            for mutant, tests in other[name].items():
                mine[mutant].update(tests)
        for mutant, tests in other["not_here"].items():
            self.not_here[mutant] |= tests
        self.lame |= other["lame"]
        self.broken.update(other["broken"])

    # --- what it shows ---------------------------------------------------------------------------------------------

    @property
    def mutants(self) -> set[str]:
        """Those that something is decided of."""
        return set(self.killed_by) | set(self.survivors())

    @property
    def kills(self) -> Tests:
        """test → the mutants that it killed, on whatever host"""
        found: Tests = defaultdict(set)
        for mutant, tests in [*self.survived.items(), *self.killed_by.items()]:
            for test in tests:
                found[test] |= {mutant} if test in self.killed_by.get(mutant, ()) else set()
        return found

    def missing(self, mutant: str) -> dict[str, str]:
        """The tests that were run on the mutant nowhere, and why."""
        run = self.killed_by.get(mutant, set()) | self.survived.get(mutant, set())
        return {test: why for test, why in self.not_here.get(mutant, {}).items() if test not in run}

    def rows(self) -> list[str]:
        """The matrix, a row a section: mutants killed, and by how many tests each on average."""
        sections: dict[str, list[str]] = defaultdict(list)
        for mutant in sorted(self.mutants):
            sections[catalogue.load()[requirement_of(mutant)].address].append(mutant)
        return [self.row(section, sections[section]) for section in sorted(sections)]

    def row(self, section: str, mutants: list[str]) -> str:
        killed = [mutant for mutant in mutants if mutant in self.killed_by]
        kills = sum(len(self.killed_by[mutant]) for mutant in killed)
        tests = {
            test for mutant in mutants for test in self.killed_by.get(mutant, set()) | self.survived.get(mutant, set())
        }
        return f"{section:46} {len(killed):4} of {len(mutants):3} killed, {len(tests):3} tests, {kills:4} kills"

    def survivors(self) -> list[str]:
        """Mutants that every test of theirs has let live: where one could not be run, nothing is decided yet."""
        return sorted(mutant for mutant in set(self.survived) - set(self.killed_by) if not self.missing(mutant))

    def toothless(self) -> list[str]:
        """Tests that kill nothing, though they were run on each mutant that they are for."""
        waiting = {test for mutant in self.not_here for test in self.missing(mutant)}
        return sorted(test for test, killed in self.kills.items() if not killed and test not in waiting)

    def complaints(self) -> list[str]:
        return [
            *(f"SURVIVED {mutant}: not killed by {', '.join(self.survived[mutant])}" for mutant in self.survivors()),
            *(f"TOOTHLESS {test}: kills no mutant of its requirement" for test in self.toothless()),
            *(f"PROVES NOTHING {mutant}: {why}" for mutant, why in sorted(self.lame.items())),
            *(f"BROKEN {where}" for where in sorted(self.broken)),
        ]

    def undecided(self) -> list[str]:
        """Mutants that live for want of something that this host, or all hosts so far, had not; a line each."""
        left = sorted(mutant for mutant in self.not_here if mutant not in self.killed_by)
        whys = {mutant: ", ".join(sorted(set(self.missing(mutant).values()))) for mutant in left}
        return [f"not here: {mutant}: {why}" for mutant, why in whys.items() if why]

    def summary(self) -> list[str]:
        mutants = self.mutants
        kills = sum(map(len, self.killed_by.values()))
        return [
            *self.rows(),
            *documents(Counter(map(document_of, mutants)), Counter(map(document_of, self.killed_by))),
            *self.complaints(),
            *self.undecided(),
            f"{len(self.killed_by)} of {len(mutants)} mutants killed, by {len(self.kills)} tests; {kills} kills in all",
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("mutants")
        for line in self.summary():
            terminalreporter.write_line(line)
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(self.plain()))
            terminalreporter.write_line(f"matrix: {self._file}")


def merged(files: Iterable[Path]) -> Matrix:
    """The matrices that several runs have written, as one."""
    matrix = Matrix()
    for file in files:
        matrix.add(json.loads(file.read_text()))
    return matrix


def requirement_of(mutant: str) -> str:
    """`ns.uts.duplicate/2` is the second mutant of `ns.uts.duplicate`."""
    return mutant.split("/")[0]


def document_of(mutant: str) -> str:
    return catalogue.load()[requirement_of(mutant)].document


def documents(mutants: Mapping[str, int], killed: Mapping[str, int]) -> list[str]:
    """A row a document, and their sum: what its requirements are, and the mutants of this run."""
    counts = {
        name: Counter(each.document for each in catalogue.load().values() if is_so(each))
        for name, is_so in COLUMNS.items()
    } | {"mutants": mutants, "killed": killed}
    rows = {document: [count[document] for count in counts.values()] for document in counts["entries"]}
    rows["all"] = [sum(column) for column in zip(*rows.values(), strict=True)]
    return [
        f"{'document':20}" + "".join(f"{name:>10}" for name in counts),
        *(f"{document:20}" + "".join(f"{number:10}" for number in numbers) for document, numbers in rows.items()),
    ]


def main(arguments: list[str]) -> int:
    """Print what the runs show together; 1 if there is something to complain of, 4 where one cannot be read."""
    try:
        matrix = merged(map(Path, arguments))
    except (OSError, ValueError, KeyError) as problem:
        print(f"no matrix: {problem}", file=sys.stderr)
        return 4
    untried = sorted(matrix.known - matrix.mutants - set(matrix.not_here))
    print(*(f"not tried: {mutant}" for mutant in untried), *matrix.summary(), sep="\n")
    return int(bool(matrix.complaints()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
