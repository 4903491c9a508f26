"""First drafts of the two files of demands, from what a run found; a person judges and improves the reasons."""

import json
import re

from . import demands, results, words


def expectations(run: results.Results) -> str:
    """[[expect]] for each present failure; one entry a requirement."""
    failed = {test.requirement or test.test: test for test in run.tests if test.outcome == "failed"}
    return "\n".join(_table("expect", id=id, status="fail", reason=_reason(test)) for id, test in failed.items())


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


def _table(name: str, **values: str) -> str:
    return "\n".join([f"[[{name}]]", *(f"{key} = {_string(value)}" for key, value in values.items()), ""])


def _string(value: str) -> str:
    """A TOML string. It is spelt as JSON, but for DEL; a lone surrogate has no spelling, so the text ends before it."""
    spelt = re.split("[\ud800-\udfff]", value, maxsplit=1)[0]
    return json.dumps(spelt, ensure_ascii=False).replace("\x7f", "\\u007f")
