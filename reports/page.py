"""report.html: one self-contained file, drawn from results.jsonl."""

from html import escape
from pathlib import Path

from . import gate, results, summary


def write(run: results.Results, target: Path, verdict: gate.Verdict | None = None) -> None:
    target.write_text(render(run, verdict), encoding="utf-8", errors="replace")


def render(run: results.Results, verdict: gate.Verdict | None = None) -> str:
    lines = [*summary.lines(run), *(verdict.lines if verdict else [])]
    return f"<!doctype html><meta charset=utf-8><title>Conformance</title><pre>{escape(chr(10).join(lines))}</pre>"
