"""First drafts of the two files of demands, from what a run found; a person judges and improves the reasons."""

import json
import re

from . import demands, results, words


def expectations(run: results.Results) -> str:
    """[[expect]] for each requirement with failures: by its id where all its tests fail, else by their names."""
    tests: dict[str, list[results.Test]] = {}
    for test in run.tests:
        tests.setdefault(test.requirement or test.test, []).append(test)
    return "\n".join(_failures(id, judged) for id, judged in tests.items() if any(map(_failed, judged)))


def _failures(id: str, tests: list[results.Test]) -> str:
    failed = [test for test in tests if _failed(test)]
    names = [id] if failed == tests else [test.test for test in failed]
    return _table("expect", id=names if len(names) > 1 else names[0], status="fail", reason=_reason(failed[0]))


def _failed(test: results.Test) -> bool:
    return test.outcome == "failed"


def lacks(run: results.Results) -> str:
    """[[lack]] for each present skip and decline; one entry for tests that say the same of one requirement."""
    found: dict[str, None] = {}
    for test in run.tests:
        if test.outcome in demands.SKIPS:
            subject = {"requirement": test.requirement} if test.requirement else {"test": test.test}
            found[_table("lack", outcome=test.outcome, **subject, reason=test.reason or "")] = None
    return "\n".join(found)


def _reason(test: results.Test) -> str:
    if test.seen is None:
        return words.one_line(test.reason or "seen, not yet explained")
    return words.one_line(f"seen: {test.seen}; expected: {test.expected}")


def _table(name: str, **values: str | list[str]) -> str:
    return "\n".join([f"[[{name}]]", *(f"{key} = {_value(value)}" for key, value in values.items()), ""])


def _value(value: str | list[str]) -> str:
    """A string, or an array with a line for each of its strings."""
    if isinstance(value, str):
        return _string(value)
    return "\n".join(["[", *(f"    {_string(each)}," for each in value), "]"])


def _string(value: str) -> str:
    """A TOML string. It is spelt as JSON, but for DEL; a lone surrogate has no spelling, so the text ends before it."""
    spelt = re.split("[\ud800-\udfff]", value, maxsplit=1)[0]
    return json.dumps(spelt, ensure_ascii=False).replace("\x7f", "\\u007f")
