"""Cuts a document of the specification into the units that a requirement can claim: sentences, bullets, table rows.

A document is read line by line and folded into blocks (a paragraph, a bullet with its continuation, a table row), and
a block into sentences. Each unit remembers where it stands: the anchor of its heading and, below a bullet such as
``* **`rlimits`** …``, the name of that outermost field. The fingerprint is that of the words alone, so that a new
line break, a new link target or another emphasis is no new sentence.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_HEADING = re.compile(r"#{1,6} +(.*)")
_ANCHOR = re.compile(r'<a name="([^"]+)" ?/>')
_BULLET = re.compile(r"( *)(?:[*+-]|\d+\.) +(.*)")
_FIELD = re.compile(r"\*\*`([^`]+)`\*\*")
_REFERENCE = re.compile(r" *\[[^\]^]+\]:\s*\S+$")
_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")
_KEYWORD = re.compile(r"\b(?:MUST|SHALL|SHOULD|MAY|REQUIRED|RECOMMENDED|OPTIONAL)\b")
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)(?:\s*\n\s*| +(?=[A-Z`*\[]))")


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that the specification says, and where."""

    section: str
    kind: str
    text: str

    @property
    def keyword(self) -> bool:
        """Whether it speaks in the capital words of RFC 2119."""
        return bool(_KEYWORD.search(self.text))

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]


@dataclass(slots=True)
class _Block:
    kind: str
    section: str
    lines: list[str] = field(default_factory=list[str])


def units(markdown: str) -> Iterator[Unit]:
    """Everything that a document says, in its order."""
    for block in _blocks(_prose(markdown)):
        text = "\n".join(block.lines)
        for number, sentence in enumerate(_sentences(block.kind, text)):
            if words := normalised(sentence):
                yield Unit(block.section, block.kind if number == 0 else "sentence", words)


def anchors(markdown: str) -> list[str]:
    """The places in a document that a link can point to."""
    headings = [match[1] for line in _prose(markdown) if (match := _HEADING.fullmatch(line))]
    return sorted({*_ANCHOR.findall(markdown), *(_anchor(heading) for heading in headings)})


def normalised(text: str) -> str:
    """The words without markdown's marks, line breaks and doubled spaces."""
    text = _ANCHOR.sub("", text)
    while text != (text := _LINK.sub(r"\1", text)):
        pass
    text = re.sub(r"\[\^\w+\]", "", text).replace("`", "").replace("*", "").replace("\\", "")
    return re.sub(r"\s+", " ", text).strip(" _|")


def _prose(markdown: str) -> list[str]:
    """The lines outside code blocks; what points elsewhere is blanked."""
    lines: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        lines.append("" if fence or fenced or _REFERENCE.match(line) else line.rstrip())
    return lines


def _blocks(lines: list[str]) -> Iterator[_Block]:
    section, outer, block, table = "", "", None, False
    for number, line in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        heading, bullet = _HEADING.fullmatch(line), _BULLET.fullmatch(line)
        table = bool(line) and (
            table or ("|" in line and bool(below) and bool(_RULE.fullmatch(below)) and "|" in below)
        )
        if block and (not line or heading or bullet or table):
            yield block
            block = None
        if heading:
            section, outer = _anchor(heading[1]), ""
        elif table:
            if not _RULE.fullmatch(line) and not _RULE.fullmatch(below):
                yield _Block("row", section, [line])
        elif bullet:
            outer = _outer(outer, bullet)
            block = _Block("bullet", _place(section, outer), [bullet[2]])
        elif line:
            if not line.startswith(" ") and block is None:
                outer = _top(line)
            block = block or _Block("sentence", _place(section, outer))
            block.lines.append(line.strip())
    if block:
        yield block


def _outer(outer: str, bullet: re.Match[str]) -> str:
    """The outermost field after a bullet: its own name where it is not indented."""
    return outer if bullet[1] else _top(bullet[2])


def _top(line: str) -> str:
    named = _FIELD.match(line)
    return named[1] if named else ""


def _place(section: str, outer: str) -> str:
    return f"{section}/{outer}" if outer else section


def _anchor(heading: str) -> str:
    """The name given to a heading, else the one that GitHub gives it."""
    named = _ANCHOR.search(heading)
    return named[1] if named else re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")


def _sentences(kind: str, text: str) -> list[str]:
    if kind == "row":
        return [" | ".join(cell.strip() for cell in text.strip("| ").split("|"))]
    return _SENTENCE_END.split(text)
