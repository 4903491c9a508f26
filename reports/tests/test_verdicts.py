"""From outcomes to verdicts."""

import pytest

from reports import results, verdicts

from . import sample


def verdict(read: sample.Reader, id: str, *outcomes: str) -> str:
    run = read(*[sample.line(id, outcome) for outcome in outcomes])
    return next(finding.verdict for finding in verdicts.of(run) if finding.requirement.id == id)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["passed"], "passed"),
        (["passed", "failed"], "failed"),
        (["passed", "broken"], "broken"),
        (["passed", "declined"], "passed"),
        (["passed", "advice not followed"], "advice not followed"),
        (["passed", "soft"], "soft"),
        (["soft", "contested"], "contested"),
        (["not on this host", "declined"], "declined"),
        (["not on this host"], "not on this host"),
        ([], "untested"),
    ],
)
def test_the_verdict_of_a_requirement_is_the_worst_of_its_outcomes(
    read: sample.Reader, outcomes: list[str], expected: str
) -> None:
    assert verdict(read, "ns.uts.new", *outcomes) == expected


def test_a_requirement_that_only_skips_has_not_passed(read: sample.Reader) -> None:
    assert verdict(read, "ns.time.new", "not on this host") != "passed"


def test_a_requirement_of_a_later_release_is_not_untested(read: sample.Reader) -> None:
    assert verdict(read, "netdev.move") == "not in this version"


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.0.0", False), ("1.1.0", True), ("1.2.1-dev", True), ("v1.2.1", True), ("1.10.0", False), ("", True)],
)
def test_a_requirement_is_in_force_from_since_to_until(version: str, expected: bool) -> None:
    requirement = results.Requirement("x", "config.md", "x", "MUST", since="1.1.0", until="1.2.1")

    assert verdicts.in_force(requirement, version) is expected


def test_what_other_chapters_find_is_no_part_of_the_claim(whole: results.Results) -> None:
    beyond = {finding.requirement.id for finding in verdicts.of(whole) if finding.weight == verdicts.BEYOND}

    assert beyond == {"exec.tty", "escape.proc-self-exe"}


def test_a_test_of_no_requirement_is_a_stray(whole: results.Results) -> None:
    assert [test.title for test in verdicts.strays(whole)] == ["the ordinary bundle runs"]
