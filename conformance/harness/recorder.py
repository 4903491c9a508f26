"""What happened, written down as it happens: results.jsonl, whose format reports/FORMAT.md describes."""

import json
import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from bundles import contracts
from conformance import catalogue

from . import host, outcomes, selection
from .judged import Judged

FORMAT = 1


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Recorder:
    """One run's results: a header, a line a test, a footer. Without the footer the run is not whole.

    Registered as a plugin on the process that hears of every test: the only one, or xdist's controller.
    """

    def __init__(self, path: Path, judged: Judged, workers: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.workers = workers
        self.counts: Counter[str] = Counter()
        self.busy = 0.0
        #: Seconds that tests of our own have taken, which say nothing about the harness.
        self.elsewhere = 0.0
        self._begun = time.monotonic()
        # Without a buffer: what has been written is there, whatever becomes of this process.
        self._file = path.open("wb", buffering=0)
        self.write(header(judged))

    def write(self, line: dict[str, Any]) -> None:
        if self._file.closed:
            return
        words = json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
        data = memoryview(words.encode(errors="backslashreplace"))
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as problem:
            self._file.close()
            raise pytest.UsageError(f"{self.path}: {problem.strerror}: the results are not whole") from None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not any(name == "requirement" for name, _ in report.user_properties):
            self.elsewhere += report.duration
        written: str | None = getattr(report, "line", None)
        if written is not None:
            line = json.loads(written)
            self.counts[line["outcome"]] += 1
            self.busy += line["runtime_seconds"]
            self.write(line)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        # A second one, while pytest was still busy with the first, comes before the status is set.
        if isinstance(sys.exc_info()[1], KeyboardInterrupt):
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        if self.counts[outcomes.BROKEN] and session.exitstatus == pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        partial = selection.is_partial(session.config) or bool(session.shouldfail or session.shouldstop)
        interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED
        self.close(int(session.exitstatus), interrupted=interrupted, partial=partial)

    def close(self, exit_status: int, *, interrupted: bool, partial: bool) -> None:
        """Write the footer: the run is whole, as far as it went."""
        wall = time.monotonic() - self._begun
        tests = self.counts.total()
        available = max(wall * self.workers - self.elsewhere, self.busy)
        self.write(
            {
                "kind": "footer",
                "finished": now(),
                "exit": exit_status,
                "interrupted": interrupted,
                "partial": partial,
                "counts": dict(self.counts),
                "wall": round(wall, 3),
                "workers": self.workers,
                "runtime_seconds": round(self.busy, 3),
                "tests": tests,
                "harness_ms_per_test": round(1000 * (available - self.busy) / tests, 2) if tests else 0.0,
                "runtime_share": round(self.busy / available, 4) if available else 0.0,
            }
        )
        self._file.close()


def header(judged: Judged) -> dict[str, Any]:
    return {
        "kind": "header",
        "format": FORMAT,
        "suite": suite_version(),
        "started": now(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        **judged.as_header(),
        "host": host.description(),
        "ordinary": contracts.ordinary() | {"ociVersion": judged.specification},
        "catalogue": [entry(requirement, judged.specification) for requirement in catalogue.load().values()],
    }


def suite_version() -> str:
    try:
        return metadata.version("oci-runtime-conformance")
    except metadata.PackageNotFoundError:
        return "checkout"


def entry(requirement: catalogue.Requirement, release: str) -> dict[str, Any]:
    names = ("id", "document", "section", "level", "since", "until", "what", "contested", "soft", "untested")
    return {name: getattr(requirement, name) for name in names} | {"link": requirement.link(release)}


def writable(directory: Path) -> str | None:
    """Why results cannot be written there, in a few words; None if they can."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".writable-{os.getpid()}"
        probe.write_bytes(b"x" * 65536)
        probe.unlink()
    except OSError as problem:
        return f"{problem.strerror}: {problem.filename or directory}"
    return None
