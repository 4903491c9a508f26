"""How fast a run was: the harness's time a test, and the runtime's share of the whole."""

from dataclasses import dataclass

from . import gate, results

MS_GOAL, SHARE_GOAL = 15, 0.75


@dataclass(frozen=True)
class Figures:
    """harness = (wall x workers - time in the runtime's and the container's processes) / tests

    `requirements` are those that were judged: a skip or a decline judges nothing. `wall` is in seconds.
    """

    tests: int
    requirements: int
    wall: float
    workers: int
    harness_ms_per_test: float
    runtime_share: float


def figures(run: results.Results) -> Figures | None:
    """The footer's figures; a run that is not whole has none."""
    if run.footer is None:
        return None
    end = run.footer
    judged = {test.requirement for test in run.tests if test.requirement and test.outcome not in gate.NOT_JUDGED}
    return Figures(
        end.tests or len(run.tests), len(judged), end.wall, end.workers, end.harness_ms_per_test, end.runtime_share
    )


def slowest(run: results.Results, count: int = 10) -> list[results.Test]:
    return sorted(run.tests, key=lambda test: test.seconds, reverse=True)[:count]


def line(run: results.Results) -> str:
    found = figures(run)
    if found is None:
        return "speed: not known, this run is not whole"
    return (
        f"speed: {found.tests} tests in {found.wall:.1f} s x {found.workers} worker{'s' if found.workers != 1 else ''};"
        f" {found.requirements} requirements judged, {found.requirements / (found.wall or 1):.0f} a second;"
        f" harness {found.harness_ms_per_test:.1f} ms per test (goal ≤ {MS_GOAL}),"
        f" runtime's share {found.runtime_share:.0%} (goal ≥ {SHARE_GOAL:.0%})"
    )


def lines(run: results.Results) -> list[str]:
    """The figures and the slowest tests, for `python -m reports speed`."""
    slow = [f"{test.seconds:8.3f} s, runtime {test.runtime_seconds:.3f} s  {test.test}" for test in slowest(run)]
    return [line(run), *slow]
