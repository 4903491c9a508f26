"""At the end of a pytest run: the page, the summary in the terminal, and the exit status from the gate.

Works on what conformance.harness has recorded (`config.results_path`); a run that recorded nothing is left alone.
"""

from pathlib import Path
from typing import Any

import pytest

from . import demands, gate, page, results, summary

#: pytest's own statuses that the gate may overrule; the others mean that the session itself went wrong.
_JUDGED = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("reports", "reports: what was found, and what was expected")
    group.addoption("--report-dir", metavar="DIR", help="where the results and the page go (default: reports/latest)")
    group.addoption("--expectations", metavar="FILE", help="known failures: TOML, [[expect]] id, status, reason")
    _give_up_strict(parser)
    group.addoption(
        "--strict",
        "--lacks",
        dest="strict",
        metavar="LACKS.toml",
        help="red is each skip that it does not name: TOML, [[lack]] outcome, requirement or test, reason; "
        "of a file outside of the checkout: --lacks=FILE, since pytest takes --strict for its own before it knows ours",
    )


def _give_up_strict(parser: pytest.Parser) -> None:
    """pytest has a flag of the same name, of no use here: pyproject.toml sets all that it would."""
    inside: Any = parser
    for group in inside._groups:
        group.options = [option for option in group.options if "--strict" not in option.names()]
    if arguments := getattr(inside, "optparser", None):  # older ones make it later, from the groups
        arguments._handle_conflict_resolve(None, [("--strict", arguments._option_string_actions["--strict"])])


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    if config.option.report_dir is None:
        config.option.report_dir = str(config.rootpath / "reports" / "latest")
    config.pluginmanager.register(Ending(config), "reports-ending")


class Ending:
    """What the controller knows at the end of the session."""

    def __init__(self, config: pytest.Config) -> None:
        self.expectations: list[demands.Expectation] = []
        self.strict: list[demands.Lack] | None = None
        self.failed: set[str] = set()
        self.lines: list[str] = []
        try:  # now, and not when all tests have run
            if config.option.expectations:
                self.expectations = demands.expectations(Path(config.option.expectations))
            if config.option.strict:
                self.strict = demands.lacks(Path(config.option.strict))
        except demands.UsageError as error:
            raise pytest.UsageError(str(error)) from error

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        path: Path | None = getattr(session.config, "results_path", None)
        if path is None or not path.exists():
            return
        try:
            run = results.read(path)
            verdict = gate.judge(run, self.expectations, self.strict)
            target = path.with_name("report.html")
            page.write(run, target, verdict)
        except (results.ResultsError, OSError) as error:
            self.lines = [f"no report: {error}"]
            session.exitstatus = gate.BROKEN
            return
        self.lines = [*summary.lines(run, target), *_told(verdict)]
        if session.exitstatus in _JUDGED:
            judged = {test.test for test in run.tests if test.outcome != "passed"}
            session.exitstatus = max(verdict.exit, int(bool(self.failed - judged)))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        if self.lines:
            terminalreporter.section("conformance")
            for line in self.lines:
                terminalreporter.write_line(line)


def _told(verdict: gate.Verdict) -> list[str]:
    return ["", f"gate: exit {verdict.exit}", *summary.fitted(f"  {line}" for line in verdict.lines)]
