"""Versions as semver.org 2.0.0 has them: what is one, and which of two comes first."""

import re

_NUMBER = r"(?:0|[1-9]\d*)"
_WORD = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    rf"(?:-({_WORD}(?:\.{_WORD})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
Precedence = tuple[list[int], bool, list[tuple[bool, int, str]]]


def is_version(text: str) -> bool:
    return _VERSION.fullmatch(text) is not None


def precedence(version: str) -> Precedence:
    """For comparing: a candidate comes before its release, build metadata does not count. ValueError if it is none."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(version)
    *numbers, candidate = found.groups()
    words = candidate.split(".") if candidate else []
    ranks = [(not word.isdecimal(), int(word) if word.isdecimal() else 0, word) for word in words]
    return [int(number) for number in numbers], not candidate, ranks


def release(version: str) -> tuple[int, ...]:
    """The numbers alone: of a candidate, those of the release that it leads to."""
    return tuple(precedence(version)[0])
