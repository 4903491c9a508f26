"""The terminal's summary, and what `python -m reports` draws."""

import tomllib
from pathlib import Path

import pytest

from reports import __main__ as reports
from reports import compare, demands, gate, results, skeletons, speed, summary

from . import sample


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return sample.write(tmp_path / "results.jsonl", sample.run(*sample.TESTS))


def test_the_summary_fits_and_is_plain(whole: results.Results) -> None:
    lines = summary.lines(whole, Path("/srv/" + "deep/" * 30 + "report.html"))

    assert max(map(len, lines)) <= 100
    assert all(line.isprintable() for line in lines)


def test_the_summary_tells_every_finding_in_one_line(whole: results.Results) -> None:
    lines = summary.lines(whole)

    assert "  failed               ns.uts.duplicate      MUST        config-linux.md#configLinuxNamespaces" in lines
    assert "  advice not followed  kill.unknown          SHOULD      runtime.md#kill" in lines
    assert "verdict: fails 2 of 9 binding requirements tested; 1 contested; 1 soft" in lines


def test_the_summary_tells_that_a_run_is_not_whole(tmp_path: Path) -> None:
    run = results.read(sample.write(tmp_path / "results.jsonl", [sample.header(), *sample.TESTS]))

    assert sum("not whole" in line for line in summary.lines(run)) >= 2
    assert speed.figures(run) is None


def test_a_run_that_tested_nothing_claims_nothing(read: sample.Reader) -> None:
    assert "verdict: no binding requirement was tested" in summary.lines(read())


def test_the_slowest_tests_are_told_first(read: sample.Reader) -> None:
    run = read(sample.line("ns.uts.new", "passed", seconds=0.1), sample.line("sysctl.set", "passed", seconds=2))

    assert [test.requirement for test in speed.slowest(run)] == ["sysctl.set", "ns.uts.new"]


def test_a_requirement_is_judged_once_and_not_by_a_skip(read: sample.Reader) -> None:
    passed, failed = sample.line("ns.uts.new", "passed"), sample.line("ns.uts.new", "failed")
    run = read(passed, failed, sample.line("sysctl.set", "not on this host", reason="none here"))

    found = speed.figures(run)

    assert found is not None
    assert found.requirements == 1
    assert f" {1 / found.wall:.0f} a second" in speed.line(run)


def test_two_runs_are_compared_by_their_verdicts(tmp_path: Path) -> None:
    runs: list[results.Results] = []
    for name, outcome in (("one", "failed"), ("other", "passed")):
        line = sample.line("ns.uts.duplicate", outcome)
        runs.append(results.read(sample.write(tmp_path / name, sample.run(line, sample.line("sysctl.set", "passed")))))

    assert compare.lines(*runs) == ["ns.uts.duplicate  failed → passed", "1 verdict differs"]
    assert compare.lines(runs[0], runs[0]) == ["0 verdicts differ"]


def test_a_draft_of_expectations_makes_the_run_as_expected(whole: results.Results, tmp_path: Path) -> None:
    drafts = {"known.toml": skeletons.expectations(whole), "LACKS.toml": skeletons.lacks(whole)}
    for name, text in drafts.items():
        (tmp_path / name).write_text(text)

    known, lacks = demands.expectations(tmp_path / "known.toml"), demands.lacks(tmp_path / "LACKS.toml")

    assert gate.judge(whole, known, lacks) == gate.Verdict(0)
    assert len(known) == 3


@pytest.mark.parametrize("words", ['"quotes" \\ and \x7f', "\x00\x1b[0m", "🐳 é", "\ud800 alone"])
def test_a_draft_is_toml_whatever_the_runtime_said(read: sample.Reader, words: str) -> None:
    run = read(sample.line("ns.uts.new", "declined", reason=words), sample.line("sysctl.set", "failed", seen=words))

    for draft in (skeletons.expectations(run), skeletons.lacks(run)):
        assert tomllib.loads(draft.encode().decode())


@pytest.mark.parametrize(
    ("view", "status"),
    [("page", 0), ("summary", 0), ("gate", 1), ("expectations", 0), ("lacks", 0), ("speed", 0)],
)
def test_each_view_is_drawn_from_the_command_line(
    recorded: Path, view: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reports.main([view, str(recorded)]) == status
    assert capsys.readouterr().out


def test_the_page_goes_where_it_is_wanted(recorded: Path, tmp_path: Path) -> None:
    assert reports.main(["page", str(recorded), "-o", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


def test_misuse_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reports.main(["page", str(tmp_path / "nowhere.jsonl")]) == 4
    assert capsys.readouterr().err == f"{tmp_path}/nowhere.jsonl: No such file or directory\n"
