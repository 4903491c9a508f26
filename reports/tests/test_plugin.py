"""The plugin in a pytest of its own, with a recorder that only copies lines."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import sample

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = """
import pathlib, shutil
import pytest

pytest_plugins = ("reports.plugin",)

@pytest.hookimpl(trylast=False)
def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput") and pathlib.Path("recorded.jsonl").exists():
        target = pathlib.Path(session.config.option.report_dir)
        target.mkdir(parents=True, exist_ok=True)
        session.config.results_path = pathlib.Path(shutil.copy("recorded.jsonl", target / "results.jsonl"))
"""
TEST = """
def test_red(): assert False
def test_green(): pass
"""
RED = sample.line("ns.uts.duplicate", "failed", test="test_it.py::test_red", seen="created")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(TEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def known(project: Path, id: str) -> str:
    path = project / "known.toml"
    path.write_text(f'[[expect]]\nid = "{id}"\nstatus = "fail"\nreason = "seen before"\n')
    return f"--expectations={path}"


def test_a_run_that_recorded_nothing_is_left_alone(project: Path) -> None:
    status, words = run(project, "-k", "green")

    assert status == 0
    assert "verdict:" not in words
    assert not (project / "reports").exists()


def test_a_recorded_run_ends_with_page_summary_and_the_gates_status(project: Path) -> None:
    sample.write(project / "recorded.jsonl", sample.run(RED))

    status, words = run(project)

    assert status == 1
    assert "verdict: fails 1 of 1 binding requirements tested" in words
    assert "failed, not expected: ns.uts.duplicate" in words
    assert "ns.uts.duplicate" in (project / "reports/latest/report.html").read_text()


def test_an_expected_failure_ends_with_zero(project: Path) -> None:
    sample.write(project / "recorded.jsonl", sample.run(RED))

    status, _ = run(project, known(project, "ns.uts.duplicate"), f"--report-dir={project / 'out'}")

    assert status == 0
    assert (project / "out/report.html").exists()


def test_a_failure_that_was_not_recorded_stays_red(project: Path) -> None:
    sample.write(project / "recorded.jsonl", sample.run(sample.line("ns.uts.new", "passed")))

    assert run(project)[0] == 1


def test_strict_takes_a_list_of_lacks(project: Path) -> None:
    skipped = sample.line("ns.time.new", "not on this host", reason="no time namespace")
    sample.write(project / "recorded.jsonl", sample.run(skipped))
    (project / "LACKS.toml").write_text("")

    status, words = run(project, "-k", "green", "--strict", "LACKS.toml", "test_it.py")

    assert status == 1
    assert "not named by the strict list: ns.time.new" in words


def test_a_file_that_cannot_be_used_stops_the_run_before_it_begins(project: Path) -> None:
    (project / "known.toml").write_text("[[expect]]\nid = 3\n")

    status, words = run(project, "--expectations=known.toml")

    assert status == 4
    assert "known.toml: expect[0].status: is missing" in words
    assert "Traceback" not in words


def test_results_that_cannot_be_read_are_told_in_one_line(project: Path) -> None:
    (project / "recorded.jsonl").write_text("{}\n")

    status, words = run(project, "-k", "green")

    assert status == 3
    assert "results.jsonl:1: the first line is not a header" in words
