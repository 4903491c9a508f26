"""Lists of numbers as the kernel has them."""

from __future__ import annotations

import pytest

from reference_runtime.kernel import lists


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("7", [(7, 7)]),
        ("0-3,7", [(0, 3), (7, 7)]),
        ("007-8", [(7, 8)]),
        ("0" * 30, [(0, 0)]),
        (f"1-{'9' * 5000}", [(1, lists.TOO_MANY)]),
    ],
)
def test_each_part_is_a_span(text: str, spans: list[tuple[int, int]]) -> None:
    assert lists.spans(text) == spans


@pytest.mark.parametrize("text", [",", "1,", "-", "1-", "-1", "a", "1-2-3", " 1", "²", "4-2", f"{'9' * 25}-{'9' * 24}"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither a number nor a range|is no range"):
        lists.spans(text)


def test_numbers_are_those_of_all_parts() -> None:
    assert lists.numbers("0-2,7") == {0, 1, 2, 7}
