"""Words of a runtime, made fit to show."""

import pytest

from reports import words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext\r\n", "plain\n\ttext\n"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x00\x7f\x9b\r", "\\x00\\x7f\\x9b\\r"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\ud800", "\\ud800"),
        ("é 🐳 漢", "é 🐳 漢"),
    ],
)
def test_controls_become_visible_and_the_rest_stays(text: str, shown: str) -> None:
    assert words.visible(text) == shown


def test_endless_words_keep_both_ends() -> None:
    shown = words.visible("a" * 500_000 + "z" * 500_000, limit=100)

    assert shown == "a" * 75 + "\n[… 999,900 characters left out …]\n" + "z" * 25


def test_one_line_is_one_line() -> None:
    assert words.one_line("a\nb\t c" + "d" * 1000, limit=10) == "a b cdddd…"
