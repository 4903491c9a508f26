"""A run of the suite inside a test of the suite."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
#: One cheap test of each kind: a report from inside, a state, a refusal.
SAMPLE = ("--requirement=hostname.seen", "--requirement=state.status.running", "--requirement=ns.uts.duplicate")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended, what it printed, and what it wrote down."""

    status: int
    output: str
    results: list[dict[str, Any]]

    @property
    def outcomes(self) -> dict[str, str]:
        return {line["requirement"]: line["outcome"] for line in self.results if line["kind"] == "test"}

    @property
    def whole(self) -> bool:
        return bool(self.results) and self.results[-1]["kind"] == "footer"


def suite_command(*options: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", *options]


def suite_environment(**more: str) -> dict[str, str]:
    """This process' environment without what the outer run has put there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "OCI_CONFORMANCE"))}
    return kept | {"TMPDIR": "/tmp"} | more


def read_results(directory: Path) -> list[dict[str, Any]]:
    path = directory / "results.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def run_suite(tmp_path: Path) -> Callable[..., Ran]:
    """Run the suite in a process of its own: `run_suite("--runtime=…", …)`, from the project's directory."""

    def run(*options: str, cwd: Path = ROOT, deadline: float = 600, **environment: str) -> Ran:
        reports = tmp_path / "reports"
        ended = subprocess.run(
            suite_command(f"--report-dir={reports}", *options),
            cwd=cwd,
            env=suite_environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=deadline,
        )
        return Ran(ended.returncode, ended.stdout, read_results(reports))

    return run


def the_reference_runtime() -> str:
    return str(Path(sys.executable).with_name("reference-runtime"))


def lying(name: str) -> str:
    """The command of a runtime that lies."""
    return f"{sys.executable} -I {Path(__file__).with_name('liars.py')} {name} {the_reference_runtime()}"
