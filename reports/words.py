"""The words of a runtime under test, made fit to show: they may hold anything.

Escaping for HTML is the template's work; here control characters become visible, so that a terminal obeys none of them
and a reader sees all of them, and what is endless is cut with a note.
"""

import re

#: C0 but newline and tab, DEL, C1, and what turns or hides text: bidirectional controls, zero-width marks, surrogates.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
LIMIT = 16_000


def visible(text: str, limit: int = LIMIT) -> str:
    """The text with its control characters shown, cut in the middle when longer than `limit`."""
    if len(text) > limit:
        head, tail = text[: limit * 3 // 4], text[-limit // 4 :]
        text = f"{head}\n[… {len(text) - len(head) - len(tail):,} characters left out …]\n{tail}"
    return _UNSEEN.sub(_picture, text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 200) -> str:
    """The text on one line, at most `limit` wide."""
    line = visible(" ".join(text[: limit * 8].split()), limit * 8)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _picture(match: re.Match[str]) -> str:
    """As Python would spell it, which every font can show."""
    return ascii(match[0])[1:-1]
