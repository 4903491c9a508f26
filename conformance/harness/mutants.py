"""`pytest --mutants`: proof that every test can fail.

A mutant is a runtime with one requirement broken. Each requirement's tests are run on each of its mutants: every
mutant must be killed, by an AssertionError, by at least one of them, and every test must kill at least one mutant.
A mutant that does not even run the ordinary bundle proves nothing: it is told, and red, unless the command lists it
as `ID fatal`: without `create`, say, there is no ordinary container either.
"""

import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any, cast

import pytest

from conformance import catalogue

from . import judged, outcomes, runtime, selection

EMBEDDED = "reference-mutant"
Commands = dict[str, list[str]]
COMMANDS = pytest.StashKey[Commands]()
#: The word behind a mutant's id that says that it cannot run the ordinary bundle.
FATAL = "fatal"
#: mutant → why it does not run the ordinary bundle, as far as this process has tried
ORDINARY: dict[str, str | None] = {}
KILLED = pytest.StashKey[bool]()


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
            *self.complaints(),
            *(f"not here: {test}: {why}" for test, why in sorted(self.skipped.items())),
            f"{len(self.killed_by)} of {len(mutants)} mutants killed, by {tests} tests; {kills} kills in all",
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("mutants")
        for line in self.summary():
            terminalreporter.write_line(line)


def add_options(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--mutants",
        nargs="?",
        const=EMBEDDED,
        metavar="COMMAND",
        help="run each requirement's tests on its mutants; COMMAND --list tells their ids",
    )


def wanted(config: pytest.Config) -> bool:
    return bool(config.option.mutants)


def prepare(config: pytest.Config, command: tuple[str, ...], directory: Path) -> None:
    """Ask for the mutants. Raises Unusable."""
    if not wanted(config):
        return
    mutant = runtime.find(config.option.mutants)
    listed = subprocess.run([*mutant, "--list"], capture_output=True, text=True, timeout=60)
    if listed.returncode:
        raise runtime.Unusable(f"{' '.join(mutant)} --list: {listed.stderr.strip()}")
    lines = [line.split() for line in listed.stdout.splitlines()]
    config.stash[COMMANDS] = {id: [*mutant, id] for id, *_ in lines}
    ORDINARY.update({id: None for id, *marks in lines if FATAL in marks})
    config.pluginmanager.register(Matrix(), "mutants-matrix")


def given(config: pytest.Config) -> dict[str, Any]:
    """What a worker must know."""
    return {"commands": config.stash.get(COMMANDS, Commands()), "fatal": list(ORDINARY)}


def receive(config: pytest.Config, told: dict[str, Any]) -> None:
    config.stash[COMMANDS] = told["commands"]
    ORDINARY.update(dict.fromkeys(told["fatal"]))


def requirement_of(mutant: str) -> str:
    """`ns.uts.duplicate/2` is the second mutant of `ns.uts.duplicate`."""
    return mutant.split("/")[0]


def parametrize(metafunc: pytest.Metafunc) -> None:
    """One test for each mutant of the requirements that the test may check."""
    if not wanted(metafunc.config) or "mutant" not in metafunc.fixturenames:
        return
    ids = possible_requirements(metafunc)
    known = metafunc.config.stash[COMMANDS]
    mutants = [(name, command) for name, command in known.items() if requirement_of(name) in ids]
    metafunc.parametrize("mutant", mutants, indirect=True, ids=[f"on {name}" for name, _ in mutants])


def possible_requirements(metafunc: pytest.Metafunc) -> set[str]:
    marks = list(metafunc.definition.iter_markers("requirement"))
    for parametrized in metafunc.definition.iter_markers("parametrize"):
        for value in parametrized.args[1]:
            marks += getattr(value, "marks", ())
    return {mark.args[0] for mark in marks if mark.name == "requirement"}


def mutant_of(item: pytest.Item) -> str | None:
    callspec: Any = getattr(item, "callspec", None)
    found = callspec.params.get("mutant") if callspec else None
    return cast("tuple[str, list[str]]", found)[0] if isinstance(found, tuple) else None


def select(items: list[pytest.Item], config: pytest.Config) -> None:
    """Keep what runs on a mutant of its own requirement."""
    if not wanted(config):
        return
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        mutant, requirement = mutant_of(item), selection.requirement_of(item)
        fits = mutant is not None and requirement is not None and requirement_of(mutant) == requirement.id
        (kept if fits else dropped).append(item)
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


def judge(
    item: pytest.Item, report: pytest.TestReport, raised: BaseException | None, found: judged.Judged
) -> pytest.TestReport:
    """A test that fails on a mutant has done its work; one that passes is weighed at the end of the run."""
    mutant = mutant_of(item)
    fate = outcomes.outcome(raised, None)
    if mutant is None or (raised is None and report.when == "setup"):
        return report
    if fate == outcomes.FAILED:
        item.stash[KILLED] = True
        report.outcome, report.longrepr = "passed", None
        if report.when == "setup":
            # Killed before its call: pytest makes the call where the set-up has passed.
            report.outcome, report.longrepr = "skipped", (str(item.path), item.location[1] or 0, "killed")
    ordinary = None
    if report.when == "teardown" and KILLED in item.stash:
        # Only now: what the failed test had left is gone.
        ordinary = why_not_ordinary(mutant, item.config, found)
    if raised is not None or report.when == "call" or ordinary:
        test = item.nodeid.replace(f"on {mutant}", "").replace("[]", "").replace("-]", "]").replace("[-", "[")
        report.mutant = (mutant, test, fate, ordinary)  # type: ignore[attr-defined]  # read by Matrix
    return report


def finish(session: pytest.Session) -> None:
    matrix: Any = session.config.pluginmanager.get_plugin("mutants-matrix")
    if matrix is not None and matrix.complaints() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def why_not_ordinary(mutant: str, config: pytest.Config, found: judged.Judged) -> str | None:
    """Why a mutant does not run the ordinary bundle; None if it does, or need not."""
    if mutant not in ORDINARY:
        command = tuple(config.stash[COMMANDS][mutant])
        try:
            judged.run_ordinary(
                runtime.Runtime(command, config.option.runtime_timeout), Path(found.rootfs), found.specification
            )
            ORDINARY[mutant] = None
        except judged.DoesNotRun as problem:
            ORDINARY[mutant] = str(problem)
    return ORDINARY[mutant]
