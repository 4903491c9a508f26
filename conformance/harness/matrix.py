"""What a run of the mutants shows: who killed whom, section by section, and what that proves of the catalogue."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

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


class Matrix:
    """Which test killed which mutant; filled from reports, on the process that hears of every test."""

    def __init__(self) -> None:
        self.killed_by: dict[str, set[str]] = defaultdict(set)
        self.survived: dict[str, set[str]] = defaultdict(set)
        self.kills: dict[str, set[str]] = defaultdict(set)
        self.skipped: dict[str, str] = {}
        self.lame: dict[str, str] = {}
        self.broken: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, "mutant", None)
        if told is None:
            return
        mutant, test, fate, ordinary = told
        if ordinary:
            self.lame[mutant] = ordinary
        if fate == outcomes.FAILED:
            self.killed_by[mutant].add(test)
            self.kills[test].add(mutant)
        elif fate == outcomes.PASSED and report.when == "call":
            self.survived[mutant].add(test)
            self.kills.setdefault(test, set())
        elif fate == outcomes.BROKEN:
            self.broken.append(f"{test} on {mutant}")
        elif fate != outcomes.PASSED:
            self.skipped[test] = fate

    @property
    def mutants(self) -> set[str]:
        return set(self.killed_by) | set(self.survived)

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
        return sorted(set(self.survived) - set(self.killed_by))

    def toothless(self) -> list[str]:
        return sorted(test for test, killed in self.kills.items() if not killed)

    def complaints(self) -> list[str]:
        return [
            *(f"SURVIVED {mutant}: not killed by {', '.join(self.survived[mutant])}" for mutant in self.survivors()),
            *(f"TOOTHLESS {test}: kills no mutant of its requirement" for test in self.toothless()),
            *(f"PROVES NOTHING {mutant}: {why}" for mutant, why in sorted(self.lame.items())),
            *(f"BROKEN {where}" for where in sorted(set(self.broken))),
        ]

    def summary(self) -> list[str]:
        mutants = self.mutants
        tests = len(self.kills)
        kills = sum(map(len, self.killed_by.values()))
        return [
            *self.rows(),
            *documents(Counter(map(document_of, mutants)), Counter(map(document_of, self.killed_by))),
            *self.complaints(),
            *(f"not here: {test}: {why}" for test, why in sorted(self.skipped.items())),
            f"{len(self.killed_by)} of {len(mutants)} mutants killed, by {tests} tests; {kills} kills in all",
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("mutants")
        for line in self.summary():
            terminalreporter.write_line(line)


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
