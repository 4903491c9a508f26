"""From a run and what was expected of it to an exit status, and a line for each thing that is not as expected.

0 as expected · 1 not as expected · 2 interrupted, or not whole · 3 broken: the suite's own fault · 4 usage
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from . import demands, results, verdicts, words

#: Outcomes that say nothing of what was expected.
NOT_JUDGED = {*demands.SKIPS, "not in this version"}
AS_EXPECTED, NOT_AS_EXPECTED, INTERRUPTED, BROKEN, USAGE = range(5)


@dataclass(frozen=True)
class Verdict:
    """The exit status of a run and the lines that explain it."""

    exit: int
    lines: list[str] = field(default_factory=list[str])


def judge(
    run: results.Results,
    expectations: Sequence[demands.Expectation] = (),
    strict: Sequence[demands.Lack] | None = None,
) -> Verdict:
    """Without `strict`, a skip or a decline is accepted; an empty list accepts none."""
    cgroup = run.header.host.get("cgroup")
    expectations = [each for each in expectations if cgroup is None or cgroup in each.cgroups]
    broken = [f"broken: {_name(test)}: {_words(test)}" for test in run.tests if test.outcome == "broken"]
    unexpected = [] if run.tests else ["no test ran: nothing was judged"]
    unexpected += [*_failures(run, expectations), *_expected(run, expectations)]
    if strict is not None:
        unexpected += [*_skips(run, strict), *_lacks(run, strict)]
    if not run.whole:
        return Verdict(
            INTERRUPTED, ["this run is not whole: what it did not reach is not judged", *broken, *unexpected]
        )
    if broken:
        return Verdict(BROKEN, [*broken, *unexpected])
    if unexpected:
        return Verdict(NOT_AS_EXPECTED, unexpected)
    return Verdict(AS_EXPECTED)


def _failures(run: results.Results, expectations: Sequence[demands.Expectation]) -> Iterator[str]:
    expected = {expectation.id for expectation in expectations}
    for test in run.tests:
        if test.outcome == "failed" and expected.isdisjoint(_ids(test)):
            yield f"failed, not expected: {_name(test)}: {_words(test)}"


def _expected(run: results.Results, expectations: Sequence[demands.Expectation]) -> Iterator[str]:
    for expectation in expectations:
        outcomes = {test.outcome for test in run.tests if expectation.id in _ids(test)}
        if not outcomes:
            yield from _unmatched(run, expectation.where, expectation.id)
        elif expectation.status == "fail" and results.RED.isdisjoint(outcomes) and (judged := outcomes - NOT_JUDGED):
            yield f"{expectation.where}: {expectation.id!r} was expected to fail, but: {', '.join(sorted(judged))}"


def _skips(run: results.Results, lacks: Sequence[demands.Lack]) -> Iterator[str]:
    for test in run.tests:
        if test.outcome in demands.SKIPS and not any(_names(lack, test) for lack in lacks):
            yield f"{test.outcome}, not named by the strict list: {_name(test)}: {_words(test)}"


def _lacks(run: results.Results, lacks: Sequence[demands.Lack]) -> Iterator[str]:
    for lack in lacks:
        tests = [test for test in run.tests if lack.id in _ids(test)]
        if not tests:
            yield from _unmatched(run, lack.where, lack.id)
        elif not any(_names(lack, test) for test in tests):
            found = sorted({f"{test.outcome}: {_words(test)}" if test.reason else test.outcome for test in tests})
            yield f"{lack.where}: no longer applies: {lack.id!r} is {'; '.join(found)}"


def _names(lack: demands.Lack, test: results.Test) -> bool:
    return lack.id in _ids(test) and lack.outcome == test.outcome and (test.reason or "").startswith(lack.reason)


def _unmatched(run: results.Results, where: str, id: str) -> Iterator[str]:
    """An id without a test is a mistake, unless this run left its test out."""
    requirement = run.requirements.get(id)
    partial = run.footer.partial if run.footer else True
    if requirement is None and "::" not in id:
        yield f"{where}: {id!r} matches no requirement of the catalogue"
    elif requirement is None and not partial:
        yield f"{where}: {id!r} matches no test of this run"
    elif requirement and partial is False and verdicts.in_force(requirement, run.version):
        yield f"{where}: no test of {id!r} ran"


def _ids(test: results.Test) -> set[str | None]:
    return {test.test, test.requirement}


def _name(test: results.Test) -> str:
    return f"{test.requirement} ({test.test})" if test.requirement else test.test


def _words(test: results.Test) -> str:
    return words.one_line(test.reason or test.seen or test.title or "no reason was recorded")
