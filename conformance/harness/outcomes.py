"""From how a test ended to what it says about the runtime.

passed · failed · broken · contested · soft · advice not followed · informational · not in this version · not on this
host · declined: the words of results.jsonl. Only the first three are pytest's own; the rest turn no run red by
themselves.
"""

from collections.abc import Collection
from typing import Any

import pytest

from conformance.catalogue import Requirement

from . import faults

PASSED = "passed"
FAILED = "failed"
BROKEN = "broken"
ADVICE = "advice not followed"
CONTESTED = "contested"
SOFT = "soft"
INFORMATIONAL = "informational"

#: Outcomes that turn a run red by themselves.
RED = {FAILED, BROKEN}
#: outcome → (letter, word) as pytest's terminal shows it
SHOWN = {
    ADVICE: ("a", "ADVICE NOT FOLLOWED"),
    CONTESTED: ("c", "CONTESTED"),
    SOFT: ("o", "SOFT"),
    INFORMATIONAL: ("i", "INFORMATIONAL"),
    BROKEN: ("B", "BROKEN"),
    FAILED: ("F", "FAILED"),
    "not on this host": ("h", "NOT ON THIS HOST"),
    "declined": ("d", "DECLINED"),
}


def outcome(raised: BaseException | None, requirement: Requirement | None, also_red: Collection[str] = ()) -> str:
    """What an ending means. An AssertionError is the runtime's; any other exception is the suite's own fault.

    `also_red` has those of CONTESTED and ADVICE that are to count as failures.
    """
    if raised is None:
        return PASSED
    if isinstance(raised, faults.Unjudged):
        return raised.outcome
    if isinstance(raised, pytest.skip.Exception):
        return "not on this host"
    if not isinstance(raised, AssertionError):
        return BROKEN
    if requirement is None:
        return FAILED
    if requirement.contested and CONTESTED not in also_red:
        return CONTESTED
    if requirement.soft:
        return SOFT
    if requirement.level in ("SHOULD", "SHOULD NOT") and ADVICE not in also_red:
        return ADVICE
    return INFORMATIONAL if requirement.level == "MAY" else FAILED


def worst(found: list[str]) -> str:
    """One outcome for a test whose set-up, call and tear-down ended each in its own way."""
    for candidate in (BROKEN, FAILED, CONTESTED, SOFT, ADVICE, INFORMATIONAL):
        if candidate in found:
            return candidate
    return next((outcome for outcome in found if outcome != PASSED), PASSED)


def evidence(raised: BaseException | None, compared: tuple[str, Any, Any] | None) -> tuple[str | None, str | None]:
    """What was expected and what was seen, each in a few words; (None, None) if nothing was raised.

    A comparison in a test reads `assert seen == expected`.
    """
    if isinstance(raised, faults.Fault):
        return raised.expected, raised.seen
    if isinstance(raised, AssertionError) and compared is not None:
        operator, seen, expected = compared
        return short(expected) if operator == "==" else f"{operator} {short(expected)}", short(seen)
    return None, None


def short(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= 2000 else f"{words[:2000]}… ({len(words)} characters)"
