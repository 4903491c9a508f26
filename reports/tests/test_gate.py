"""The gate: what was expected, what was not, and the exit status."""

from pathlib import Path
from typing import Any

import pytest

from reports import demands, gate

from . import sample

FAILED = sample.line("ns.uts.duplicate", "failed", seen="created")
PASSED = sample.line("ns.uts.duplicate", "passed")
SKIPPED = sample.line("ns.time.new", "not on this host", reason="this kernel has no time namespace")


def expect(id: str) -> list[demands.Expectation]:
    return [demands.Expectation("runc.toml: expect[0].id", id, "known")]


def lack(requirement: str = "ns.time.new", outcome: str = "not on this host", reason: str = "this kernel has no time"):
    return [demands.Lack("LACKS.toml: lack[0]", outcome, requirement, reason)]


def test_a_run_without_a_failure_is_as_expected(read: sample.Reader) -> None:
    assert gate.judge(read(PASSED)) == gate.Verdict(0)


def test_a_run_without_a_test_is_not_as_expected(read: sample.Reader) -> None:
    assert gate.judge(read()) == gate.Verdict(1, ["no test ran: nothing was judged"])


def test_a_failure_that_nobody_expected_is_red(read: sample.Reader) -> None:
    verdict = gate.judge(read(FAILED))

    assert verdict.exit == 1
    assert verdict.lines == [f"failed, not expected: ns.uts.duplicate ({FAILED['test']}): created"]


@pytest.mark.parametrize("id", ["ns.uts.duplicate", FAILED["test"]])
def test_a_failure_expected_by_requirement_or_test_is_not_red(read: sample.Reader, id: str) -> None:
    assert gate.judge(read(FAILED), expect(id)) == gate.Verdict(0)


@pytest.mark.parametrize("outcome", ["passed", "advice not followed", "contested", "soft", "informational"])
def test_a_failure_that_was_expected_and_did_not_come_is_red(read: sample.Reader, outcome: str) -> None:
    verdict = gate.judge(read(sample.line("ns.uts.duplicate", outcome)), expect("ns.uts.duplicate"))

    assert verdict.exit == 1
    assert verdict.lines == [f"runc.toml: expect[0].id: 'ns.uts.duplicate' was expected to fail, but: {outcome}"]


@pytest.mark.parametrize("ending", [FAILED, PASSED], ids=["failed", "passed"])
def test_a_failure_that_a_race_decides_may_come_or_not(read: sample.Reader, ending: dict[str, Any]) -> None:
    known = [demands.Expectation("runc.toml: expect[0].id", "ns.uts.duplicate", "a race", "flaky")]

    assert gate.judge(read(ending), known).exit == 0


def test_an_expectation_is_for_the_cgroups_that_it_names(read: sample.Reader) -> None:
    """The host of the sample is hybrid."""
    other, this = (
        [demands.Expectation("runc.toml: expect[0].id", "ns.uts.duplicate", "known", cgroups=cgroups)]
        for cgroups in (("v1", "v2"), ("v2", "hybrid"))
    )

    assert gate.judge(read(FAILED), other).lines == [
        f"failed, not expected: ns.uts.duplicate ({FAILED['test']}): created"
    ]
    assert gate.judge(read(FAILED), this).exit == gate.judge(read(PASSED), other).exit == 0


def test_an_expectation_of_what_was_skipped_is_not_judged(read: sample.Reader) -> None:
    assert gate.judge(read(SKIPPED), expect("ns.time.new")).exit == 0


@pytest.mark.parametrize("partial", [True, False, None])
def test_an_id_that_matches_nothing_is_red(read: sample.Reader, partial: bool | None) -> None:
    verdict = gate.judge(read(PASSED, partial=partial), expect("ns.utz"))

    assert verdict.lines == ["runc.toml: expect[0].id: 'ns.utz' matches no requirement of the catalogue"]
    assert verdict.exit == 1


@pytest.mark.parametrize(
    ("id", "partial", "red"),
    [
        ("bundle.config", True, False),
        ("bundle.config", None, False),
        ("bundle.config", False, True),
        ("netdev.move", False, False),
        ("tests/test_x.py::test_gone", True, False),
        ("tests/test_x.py::test_gone", None, True),
        ("tests/test_x.py::test_gone", False, True),
    ],
)
def test_an_id_that_this_run_left_out_is_not_counted(
    read: sample.Reader, id: str, partial: bool | None, red: bool
) -> None:
    assert gate.judge(read(PASSED, partial=partial), expect(id)).exit == int(red)


def test_a_broken_test_is_the_suites_own_fault(read: sample.Reader) -> None:
    verdict = gate.judge(read(FAILED, sample.line("ns.uts.new", "broken", reason="KeyError: 'linux'")))

    assert verdict.exit == 3
    assert verdict.lines[0].startswith("broken: ns.uts.new (")
    assert verdict.lines[0].endswith(": KeyError: 'linux'")


def test_an_expectation_does_not_excuse_a_broken_test(read: sample.Reader) -> None:
    assert gate.judge(read(sample.line("ns.uts.new", "broken")), expect("ns.uts.new")).exit == 3


def test_an_interrupted_run_is_never_as_expected(read: sample.Reader) -> None:
    assert gate.judge(read(PASSED, interrupted=True)).exit == 2


def test_without_strict_a_skip_is_accepted(read: sample.Reader) -> None:
    assert gate.judge(read(SKIPPED)).exit == 0


def test_strict_accepts_a_skip_that_it_names(read: sample.Reader) -> None:
    assert gate.judge(read(SKIPPED), [], lack()) == gate.Verdict(0)


@pytest.mark.parametrize(
    "lacks", [[], lack("ns.uts.new"), lack(outcome="declined"), lack(reason="this host has no resctrl")]
)
def test_strict_is_red_for_a_skip_that_it_does_not_name(read: sample.Reader, lacks: list[demands.Lack]) -> None:
    verdict = gate.judge(read(SKIPPED), [], lacks)

    assert verdict.exit == 1
    assert verdict.lines[0].startswith("not on this host, not named by the strict list: ns.time.new (")


def test_strict_is_red_for_a_name_that_no_longer_applies(read: sample.Reader) -> None:
    verdict = gate.judge(read(sample.line("ns.time.new", "passed")), [], lack())

    assert verdict == gate.Verdict(1, ["LACKS.toml: lack[0]: no longer applies: 'ns.time.new' is passed"])


def test_strict_is_red_for_a_name_that_matches_nothing(read: sample.Reader) -> None:
    assert gate.judge(read(PASSED), [], lack("ns.tyme")).exit == 1


def toml(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "known.toml"
    path.write_text(text)
    return path


def test_failures_of_one_reason_are_listed_together(tmp_path: Path) -> None:
    path = toml(tmp_path, '[[expect]]\nid = ["a", "b"]\nstatus = "fail"\nreason = "issue 7"\n')

    assert demands.expectations(path) == [
        demands.Expectation(f"{path}: expect[0].id[0]", "a", "issue 7"),
        demands.Expectation(f"{path}: expect[0].id[1]", "b", "issue 7"),
    ]


def test_a_name_may_be_known_to_fail_for_another_reason_on_other_hosts(tmp_path: Path) -> None:
    path = toml(tmp_path, ENTRY + 'cgroups = ["v2"]\n' + ENTRY + 'cgroups = ["v1", "hybrid"]\n')

    assert [each.cgroups for each in demands.expectations(path)] == [("v2",), ("v1", "hybrid")]


def test_expectations_are_read_from_toml(tmp_path: Path) -> None:
    path = toml(tmp_path, '[[expect]]\nid = "a"\nstatus = "fail"\nreason = "issue 7"\n')

    assert demands.expectations(path) == [demands.Expectation(f"{path}: expect[0].id", "a", "issue 7")]


def test_lacks_are_read_from_toml(tmp_path: Path) -> None:
    path = toml(tmp_path, '[[lack]]\noutcome = "declined"\ntest = "t.py::t"\nreason = "features"\n')

    assert demands.lacks(path) == [demands.Lack(f"{path}: lack[0]", "declined", "t.py::t", "features")]


ENTRY = '[[expect]]\nid = "a"\nstatus = "fail"\nreason = "r"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[expect", ": "),
        ("[[expekt]]\n", ": unknown key 'expekt'; known here: expect"),
        ("expect = 3\n", ": expect: must be an array of tables, [[expect]]"),
        ("expect = [3]\n", ": expect[0]: must be a table"),
        ('[[expect]]\nid = "a"\n', ": expect[0].status: is missing"),
        (ENTRY + '[[expect]]\nid = "b"\nstatus = "fail"\n', ": expect[1].reason: is missing"),
        (ENTRY.replace('"r"', '" "'), ": expect[0].reason: must be a string that says something"),
        (ENTRY.replace('"fail"', '"pass"'), ": expect[0].status: must be one of fail, flaky"),
        (ENTRY + 'resaon = "r"\n', ": expect[0]: unknown key 'resaon'; known here: cgroups, id, reason, status"),
        (ENTRY + ENTRY, ": expect[1].id: 'a' was named before"),
        (ENTRY + 'cgroups = ["v1", "v2"]\n' + ENTRY + 'cgroups = ["v2"]\n', ": expect[1].id: 'a' was named before"),
        (ENTRY + 'cgroups = "v2"\n', ": expect[0].cgroups: must be an array of some of v1, v2, hybrid, none"),
        (ENTRY + "cgroups = []\n", ": expect[0].cgroups: must be an array of some of "),
        (ENTRY + 'cgroups = ["v3"]\n', ": expect[0].cgroups: must be an array of some of "),
        (ENTRY.replace('"a"', "[]"), ": expect[0].id: names nothing"),
        (ENTRY.replace('"a"', '["a", 7]'), ": expect[0].id[1]: must be a string that says something"),
        (ENTRY.replace('"a"', '["b", "a", "a"]'), ": expect[0].id[2]: 'a' was named before"),
    ],
)
def test_expectations_that_cannot_be_used_are_told_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = toml(tmp_path, text)

    with pytest.raises(demands.UsageError) as caught:
        demands.expectations(path)

    assert str(caught.value).startswith(f"{path}{words}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[lack]]\noutcome = "declined"\nreason = "r"\n', "lack[0]: needs a requirement or a test, and not both"),
        ('[[lack]]\noutcome = "failed"\nrequirement = "a"\nreason = "r"\n', "lack[0].outcome: must be one of "),
    ],
)
def test_lacks_that_cannot_be_used_are_told_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = toml(tmp_path, text)

    with pytest.raises(demands.UsageError) as caught:
        demands.lacks(path)

    assert str(caught.value).startswith(f"{path}: {words}")
