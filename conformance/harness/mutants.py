"""`pytest --mutants`: proof that every test can fail.

A mutant is a runtime with one requirement broken. Each requirement's tests are run on each of its mutants: every
mutant must be killed, by an AssertionError, by at least one of them, and every test must kill at least one mutant.
A mutant that does not even run the ordinary bundle proves nothing: it is told, and red, unless the command lists it
as `ID fatal`: without `create`, say, there is no ordinary container either.
"""

import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from . import judged, matrix, outcomes, runtime, selection

EMBEDDED = "reference-mutant"
Commands = dict[str, list[str]]
COMMANDS = pytest.StashKey[Commands]()
#: The word behind a mutant's id that says that it cannot run the ordinary bundle.
FATAL = "fatal"
#: mutant → why it does not run the ordinary bundle, as far as this process has tried
ORDINARY: dict[str, str | None] = {}
KILLED = pytest.StashKey[bool]()


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
    mutant = runtime.launcher(runtime.find(config.option.mutants), directory)
    # The list takes the import of every module: on an emulated processor more than a minute.
    wait = config.option.runtime_timeout
    listed = subprocess.run([*mutant, "--list"], capture_output=True, text=True, timeout=60 + 2 * wait)
    if listed.returncode:
        raise runtime.Unusable(f"{' '.join(mutant)} --list: {listed.stderr.strip()}")
    lines = [line.split() for line in listed.stdout.splitlines()]
    config.stash[COMMANDS] = {id: [*mutant, id] for id, *_ in lines}
    ORDINARY.update({id: None for id, *marks in lines if FATAL in marks})
    directory = Path(getattr(config.option, "report_dir", None) or config.rootpath / "reports" / "latest")
    config.pluginmanager.register(matrix.Matrix(config.stash[COMMANDS], directory / "mutants.json"), "mutants-matrix")


def given(config: pytest.Config) -> dict[str, Any]:
    """What a worker must know."""
    return {"commands": config.stash.get(COMMANDS, Commands()), "fatal": list(ORDINARY)}


def receive(config: pytest.Config, told: dict[str, Any]) -> None:
    config.stash[COMMANDS] = told["commands"]
    ORDINARY.update(dict.fromkeys(told["fatal"]))


def parametrize(metafunc: pytest.Metafunc) -> None:
    """One test for each mutant of the requirements that the test may check."""
    if not wanted(metafunc.config) or "mutant" not in metafunc.fixturenames:
        return
    ids = possible_requirements(metafunc)
    known = metafunc.config.stash[COMMANDS]
    mutants = [(name, command) for name, command in known.items() if matrix.requirement_of(name) in ids]
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
        fits = mutant is not None and requirement is not None and matrix.requirement_of(mutant) == requirement.id
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
    shown: Any = session.config.pluginmanager.get_plugin("mutants-matrix")
    if shown is not None and shown.complaints() and session.exitstatus == pytest.ExitCode.OK:
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
