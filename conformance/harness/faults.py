"""Who is to blame.

AssertionError                 the runtime's fault, and nothing else is
├─ Fault                       told by the harness, with what was expected and what was seen
│  ├─ OperationFailed          an operation generated an error
│  ├─ NoError                  an operation succeeded that must generate an error
│  ├─ NoDecision               an operation was ended by a signal or did not end: neither success nor an error
│  ├─ BadWords                 state, hook input or facts that are not what their schema says
│  ├─ NotWhole                 the container's report lacks its last line: silence is no evidence
│  ├─ NotInTime                an event that did not come before its deadline
│  └─ LeftBehind               something that is still there after the container is gone
└─ (any `assert` of a test)
pytest.skip.Exception
└─ Unjudged                    with the outcome it stands for: not on this host, declined
anything else                  ours: the test is broken
"""

from collections.abc import Callable
from typing import TypeVar

import pytest

from conformance import catalogue

Seen = TypeVar("Seen")


class Fault(AssertionError):
    """What was expected of the runtime, and what was seen instead."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}; seen: {seen}")
        self.expected = expected
        self.seen = seen


class OperationFailed(Fault):
    """An operation generated an error."""

    def __init__(self, operation: str, seen: str) -> None:
        super().__init__(f"{operation} to succeed", seen)
        self.operation = operation
        #: Whether the runtime still tells the state of the container; asked only where it matters.
        self.container_exists: Callable[[], bool] = lambda: False


class NoError(Fault):
    """An operation succeeded that must generate an error."""


class NoDecision(Fault):
    """An operation was ended by a signal, or did not end."""


class BadWords(Fault):
    """A document that is not what its schema says."""


class NotWhole(Fault):
    """The container's report does not end with its last line."""


class NotInTime(Fault):
    """An event that did not come."""


class LeftBehind(Fault):
    """Something outlived its container."""


class Unjudged(pytest.skip.Exception):
    """The requirement cannot be judged here, and why."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(reason, _use_item_location=True)
        self.outcome = outcome


def not_on_this_host(reason: str) -> Unjudged:
    return Unjudged("not on this host", reason)


def declined(reason: str) -> Unjudged:
    return Unjudged("declined", reason)


def needs_release(release: str, version: str, reason: str) -> None:
    """The gate of tests of older requirements by what came with a later release."""
    if not catalogue.at_least(version, release):
        raise Unjudged("not in this version", reason)


def or_an_error(look: Callable[[], Seen]) -> Seen | str:
    """What is seen, or "an error" where an operation generates one: for a test that has to let both pass."""
    try:
        return look()
    except OperationFailed:
        return "an error"
