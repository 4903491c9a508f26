"""What is said of disputed places and what the catalogue says hang together: pointers lead somewhere, names exist."""

import fnmatch
import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.catalogue import Requirement, drift
from conformance.catalogue.coverage import Coverage

FILE = Path(catalogue.__file__).parents[1] / "INTERPRETATIONS.md"

_SECTION = re.compile(r"## ([\w-]+\.md)#([\w-]+)")
_ITEM = re.compile(r'### <a name="([\w-]+)" />\S.*\?')
_PART = re.compile(r"- \*(The text|The suite|Seen|Discussion)\.\*")
_IDS = re.compile(r"\bIds:\s+(`[^`]+`(?:,\s+`[^`]+`)*)\.")
_TABLE_IDS = re.compile(r"\| text[^|`]*: ([^|\[]+) \|")
_POINTER = re.compile(r"INTERPRETATIONS\.md#([\w-]+)")


@dataclass
class Item:
    """One question: its parts by their labels, in order, and the ids that it names."""

    anchor: str
    section: str
    lines: list[str] = field(default_factory=list[str])

    @property
    def parts(self) -> list[str]:
        return [found[1] for line in self.lines if (found := _PART.match(line))]

    @property
    def ids(self) -> list[str]:
        return names(_IDS.findall(" ".join(line.strip() for line in self.lines)))


def names(groups: list[str]) -> list[str]:
    return [name for group in groups for name in re.findall(r"`([^`]+)`", group)]


def read() -> list[Item]:
    items: list[Item] = []
    section = ""
    for line in FILE.read_text().splitlines():
        if line.startswith("## "):
            section = line
        elif found := _ITEM.fullmatch(line):
            items.append(Item(found[1], section))
        elif items and items[-1].section == section:
            items[-1].lines.append(line)
    return items


ITEMS = read()
each_item = pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.anchor)


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    return drift.read_coverage(drift.HERE)


def pointers(requirement: Requirement) -> list[str]:
    texts = (requirement.contested, requirement.soft, requirement.untested)
    return [anchor for text in texts if text for anchor in _POINTER.findall(text)]


def test_every_heading_is_an_item_of_its_own_name():
    headings = [line for line in FILE.read_text().splitlines() if line.startswith("###")]

    assert [line for line in headings if not _ITEM.fullmatch(line)] == []
    assert sorted({item.anchor for item in ITEMS}) == sorted(item.anchor for item in ITEMS)


@each_item
def test_an_item_has_its_parts_and_names_requirements(item: Item):
    assert item.parts in (["The text", "The suite", "Seen"], ["The text", "The suite", "Seen", "Discussion"])
    assert item.ids != []


@each_item
def test_an_item_stands_under_a_section_of_the_specification(item: Item, coverage: Coverage):
    found = _SECTION.fullmatch(item.section)

    assert found
    assert found[2] in coverage.indices[catalogue.RELEASES[-1]].anchors[found[1]]


def test_every_id_that_is_named_exists():
    in_table = names(_TABLE_IDS.findall(FILE.read_text()))
    named = {*itertools.chain.from_iterable(item.ids for item in ITEMS), *in_table}

    assert in_table != []
    assert sorted(name for name in named if not fnmatch.filter(catalogue.load(), name)) == []


def test_every_link_within_the_file_leads_to_an_item():
    linked = set(re.findall(r"\]\(#([\w-]+)\)", FILE.read_text()))

    assert sorted(linked - {item.anchor for item in ITEMS}) == []


def test_a_contested_requirement_points_to_its_item():
    assert [each.id for each in catalogue.load().values() if each.contested and not pointers(each)] == []


def test_a_pointer_leads_to_an_item_that_names_the_requirement():
    of = {item.anchor: item.ids for item in ITEMS}

    assert [
        (each.id, anchor)
        for each in catalogue.load().values()
        for anchor in pointers(each)
        if not any(fnmatch.fnmatchcase(each.id, name) for name in of.get(anchor, ()))
    ] == []
