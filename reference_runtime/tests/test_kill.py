"""Signals by name and by number."""

from __future__ import annotations

import signal

import pytest

from reference_runtime import errors
from reference_runtime.runtime import kill


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("9", 9), ("KILL", 9), ("SIGKILL", 9), ("term", 15), ("sigusr1", 10),
        ("RTMIN", signal.SIGRTMIN), ("RTMIN+3", signal.SIGRTMIN + 3), ("SIGRTMAX-1", signal.SIGRTMAX - 1), ("64", 64),
    ],
)  # fmt: skip
def test_a_signal_has_many_names(word, number):
    assert kill.parse(word) == number


@pytest.mark.parametrize("word", ["", "0", "65", "-9", "NOSUCH", "SIG", "9.5", "KILL+x"])
def test_what_is_no_signal_is_refused(word):
    with pytest.raises(errors.Usage):
        kill.parse(word)
