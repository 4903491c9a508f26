"""The catalogue is whole: proved from the committed indices, without a checkout of the specification."""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.catalogue import drift, sentences
from conformance.catalogue.coverage import Coverage

each_release = pytest.mark.parametrize("release", catalogue.RELEASES)

#: document: entries, and how many of them are untested, contested and soft. They grow only on purpose.
COUNTS = {
    "bundle.md": (8, 2, 0, 0),
    "config-linux.md": (442, 20, 13, 18),
    "config.md": (352, 41, 12, 9),
    "features-linux.md": (41, 2, 0, 0),
    "features.md": (25, 5, 0, 0),
    "glossary.md": (5, 1, 0, 0),
    "runtime-linux.md": (9, 1, 1, 0),
    "runtime.md": (148, 9, 14, 0),
    "spec.md": (1, 1, 0, 0),
}


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    return drift.read_coverage(drift.HERE)


# --- the catalogue and the releases ----------------------------------------------------------------------------------


def test_every_release_has_its_index(coverage: Coverage):
    assert tuple(coverage.indices) == catalogue.RELEASES


@each_release
def test_every_unit_in_scope_is_claimed_or_set_aside(coverage: Coverage, release: str):
    unclaimed = coverage.unclaimed(coverage.indices[release], release)

    assert [f"{unit.address} {unit.fingerprint}" for unit in unclaimed] == []


@each_release
def test_a_requirement_in_force_has_a_sentence(coverage: Coverage, release: str):
    assert [each.id for each, _ in coverage.gone(coverage.indices[release], release)] == []
    assert [each.id for each in coverage.catalogue.values() if not each.sentences and not each.beyond] == []


def test_no_requirement_is_misdated(coverage: Coverage):
    assert [(each.id, fault) for each, fault in coverage.misdated()] == []


def test_no_claim_is_stale(coverage: Coverage):
    assert [(each.id, sentence) for each, sentence in coverage.stale()] == []


@each_release
def test_the_link_of_a_requirement_leads_somewhere(coverage: Coverage, release: str):
    anchors = coverage.indices[release].anchors
    in_force = [each for each in coverage.catalogue.values() if each.in_version(release) and not each.beyond]

    assert [each.id for each in in_force if each.anchor(release) not in anchors[each.document]] == []


def test_what_is_set_aside_stands_somewhere_and_is_not_claimed(coverage: Coverage):
    units = [unit for index in coverage.indices.values() for unit in index.units]
    standing = {unit.fingerprint for unit in units if unit.binding and coverage.in_scope(unit)}

    assert sorted(coverage.set_aside.keys() - standing) == []
    assert sorted(coverage.set_aside.keys() & coverage.claimers.keys()) == []
    assert all(coverage.set_aside.values())


def test_what_is_out_of_scope_stands_somewhere(coverage: Coverage):
    units = [unit for index in coverage.indices.values() for unit in index.units]
    places = {place for unit in units for place in (unit.document, f"{unit.document}#{unit.anchor}", unit.address)}

    assert sorted(coverage.out_of_scope.keys() - places) == []


def test_the_counts_are_those_we_know(coverage: Coverage):
    requirements = coverage.catalogue.values()
    entries = Counter(each.document for each in requirements)
    apart = [
        Counter(each.document for each in requirements if getattr(each, standing))
        for standing in ("untested", "contested", "soft")
    ]

    assert {document: (entries[document], *(count[document] for count in apart)) for document in entries} == COUNTS


def test_only_what_binds_can_be_soft(coverage: Coverage):
    assert [each.id for each in coverage.catalogue.values() if each.soft and not each.binding] == []


def test_a_contested_requirement_names_the_discussion(coverage: Coverage):
    issue = re.compile(r"\b[\w.-]+/[\w.-]+#\d+")

    assert [
        each.id for each in coverage.catalogue.values() if each.contested and not issue.search(each.contested)
    ] == []


# --- one entry -------------------------------------------------------------------------------------------------------

Reader = Callable[..., dict[str, catalogue.Requirement]]
ENTRY = '["a.b"]\nsection = "somewhere"\nlevel = "MUST"\nsince = "1.0.1"\nwhat = "It is so."\n'


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Read a catalogue of files given by their texts."""

    def read(**files: str) -> dict[str, catalogue.Requirement]:
        for name, text in files.items():
            (tmp_path / f"{name}.toml").write_text(text)
        return catalogue.read(tmp_path)

    return read


def test_a_section_that_was_renamed_is_linked_by_the_name_that_it_had():
    requirement = catalogue.load()["cgdev.order"]

    links = [requirement.link(release).rpartition("#")[2] for release in ("1.0.2", "1.1.0")]

    assert links == ["configLinuxDeviceWhitelist", "configLinuxDeviceAllowedlist"]


def test_an_entry_becomes_a_requirement(read: Reader):
    requirement = read(config=ENTRY + 'until = "1.1.0"\n')["a.b"]

    assert (requirement.document, requirement.address) == ("config.md", "config.md#somewhere")
    assert requirement.link("1.1.0").endswith("/runtime-spec/blob/v1.1.0/config.md#somewhere")
    in_force = [release for release in catalogue.RELEASES if requirement.in_version(release)]
    assert in_force == ["1.0.1", "1.0.2", "1.1.0"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ENTRY + 'colour = "red"\n', "config.toml: a.b: unknown key 'colour'"),
        (ENTRY.replace("MUST", "OUGHT"), "config.toml: a.b: unknown level 'OUGHT'"),
        (ENTRY.replace("1.0.1", "1.0.9"), "config.toml: a.b: unknown version '1.0.9'"),
        (ENTRY + 'until = "1.0.0"\n', "config.toml: a.b: 'until' lies before 'since'"),
        (ENTRY + 'until = "2.0.0"\n', "config.toml: a.b: unknown version '2.0.0'"),
        (ENTRY.replace("section", "sections"), "config.toml: a.b: unknown key 'sections'"),
        (ENTRY.replace('what = "It is so."\n', ""), "config.toml: a.b: has no 'what'"),
        (ENTRY.replace('"It is so."', '""'), "config.toml: a.b: 'what' is not a text"),
        (ENTRY + "untested = true\n", "config.toml: a.b: 'untested' is not a text"),
        (ENTRY + 'sentences = ["A sentence."]\n', "config.toml: a.b: 'A sentence.' is no fingerprint"),
        (ENTRY + 'sentences = "3f9a0c1277de"\n', "config.toml: a.b: 'sentences' is not a list"),
        ('"a.b" = 1\n', "config.toml: a.b: is not a table"),
    ],
)
def test_a_faulty_entry_is_named(read: Reader, text: str, fault: str):
    with pytest.raises(catalogue.CatalogueError) as error:
        read(config=text)

    assert str(error.value) == fault


def test_an_id_is_given_once(read: Reader):
    with pytest.raises(catalogue.CatalogueError, match=r"^runtime\.toml: a\.b: also in config\.md$"):
        read(config=ENTRY, runtime=ENTRY)


def test_a_file_that_is_no_toml_is_named(read: Reader):
    with pytest.raises(catalogue.CatalogueError, match=r"^config\.toml: [^\n]+$"):
        read(config=ENTRY + ENTRY)


# --- drift, on a specification made up for the purpose ---------------------------------------------------------------

FIRST = """# <a name="tea" />Tea

The kettle MUST whistle.
It is often blue.

* **`cup`** (string, REQUIRED) names the cup.

| Leaf  | Minutes |
| ----- | ------- |
| green | 2       |

```json
{"cup": "MUST not count"}
```
"""
ENTRIES = {
    "tea.kettle": ("1.0.0", "The kettle MUST whistle."),
    "tea.cup": ("1.0.0", "cup (string, REQUIRED) names the cup."),
    "tea.green": ("1.0.0", "green | 2"),
}


@dataclass
class Library:
    """A specification in git, and a catalogue of it."""

    spec: Path
    catalogue: Path

    def release(self, tag: str, text: str) -> None:
        (self.spec / "config.md").write_text(text)
        self.git("add", "config.md")
        self.git("-c", "user.name=nobody", "-c", "user.email=nobody@localhost", "commit", "--allow-empty", "-qm", tag)
        self.git("tag", tag)
        assert self.drift("--tag", tag, "--index") == 0

    def claim(self, **more: tuple[str, str]) -> None:
        entries = ENTRIES | {f"tea.{name}": entry for name, entry in more.items()}
        (self.catalogue / "config.toml").write_text("\n".join(_entry(id, *entry) for id, entry in entries.items()))

    def drift(self, *arguments: str) -> int:
        return drift.main([str(self.spec), "--catalogue", str(self.catalogue), *arguments])

    def git(self, *arguments: str) -> None:
        environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        subprocess.run(["git", "-C", str(self.spec), *arguments], check=True, env=environment)


def _entry(id: str, since: str, sentence: str) -> str:
    fingerprint = sentences.Unit("tea", "sentence", sentence).fingerprint
    texts = f'section = "tea"\nlevel = "MUST"\nsince = "{since}"\nwhat = "As it says."'
    return f'["{id}"]\n{texts}\nsentences = ["{fingerprint}"]\n'


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "spec", tmp_path / "catalogue")
    library.spec.mkdir()
    library.catalogue.mkdir()
    library.git("init", "-q")
    library.claim()
    library.release("v1.0.0", FIRST)
    return library


def found(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The findings, each without its fingerprint."""
    *findings, _ = capsys.readouterr().out.splitlines()
    return [re.sub(r" [0-9a-f]{12}\b", "", finding) for finding in findings]


def test_a_catalogue_that_claims_everything_is_clean(library: Library, capsys: pytest.CaptureFixture[str]):
    assert library.drift("--tag", "v1.0.0") == 0
    assert library.drift() == 0
    assert (
        capsys.readouterr().out.splitlines()
        == ["0 findings; 3 units in scope, 0 of them set aside; 0 out of scope"] * 2
    )


def test_an_unclaimed_row_and_bullet_and_sentence_are_found(library: Library, capsys: pytest.CaptureFixture[str]):
    library.release(
        "v1.0.1", FIRST.replace("\n\n```", "\n| black | 4 |\n\n* `milk`: is for the English.\n\nOne MAY sing.\n\n```")
    )

    assert library.drift("--tag", "v1.0.1") == 1
    assert found(capsys) == [
        "unclaimed config.md#tea row: black | 4",
        "unclaimed config.md#tea bullet: milk: is for the English.",
        "unclaimed config.md#tea sentence: One MAY sing.",
    ]


def test_a_reworded_sentence_is_found(library: Library, capsys: pytest.CaptureFixture[str]):
    library.release("v1.0.1", FIRST.replace("MUST whistle", "SHOULD whistle"))

    assert library.drift("--tag", "v1.0.1") == 1
    assert found(capsys) == [
        "unclaimed config.md#tea sentence: The kettle SHOULD whistle.",
        "gone or reworded config.md#tea claimed by tea.kettle",
    ]


def test_other_marks_and_line_breaks_are_no_new_words(library: Library):
    library.release("v1.0.1", FIRST.replace("The kettle MUST", "The [kettle](pot.md#kettle)\n**MUST**"))

    assert library.drift("--tag", "v1.0.1") == 0


def test_a_since_too_late_is_found(library: Library, capsys: pytest.CaptureFixture[str]):
    library.claim(cup=("1.0.1", "cup (string, REQUIRED) names the cup."))
    library.release("v1.0.1", FIRST)

    assert library.drift("--tag", "v1.0.1") == 1
    assert found(capsys) == ["wrong date config.md#tea tea.cup: since 1.0.1, but 1.0.0 says the same"]


def test_a_since_too_early_is_found(library: Library, capsys: pytest.CaptureFixture[str]):
    library.claim(song=("1.0.0", "One MAY sing."))
    library.release("v1.0.1", FIRST + "One MAY sing.\n")

    assert library.drift("--tag", "v1.0.0") == 1
    assert found(capsys) == ["gone or reworded config.md#tea claimed by tea.song"]


def test_an_index_of_another_text_is_found(library: Library, capsys: pytest.CaptureFixture[str]):
    index = library.catalogue / "index/v1.0.0.json"
    index.write_text(index.read_text().replace(" row", " sentence"))

    assert library.drift("--tag", "v1.0.0") == 1
    assert found(capsys) == ["the index of 1.0.0 is not that of this text: write it anew with --index"]


def test_what_is_set_aside_or_out_of_scope_is_not_missed(library: Library, capsys: pytest.CaptureFixture[str]):
    library.release("v1.0.1", FIRST + '\nOne MAY sing.\n\n# <a name="coffee" />Coffee\n\nIt MUST be hot.\n')
    aside = sentences.Unit("tea", "sentence", "One MAY sing.").fingerprint
    (library.catalogue / "set-aside.toml").write_text(f'"{aside}" = "Nobody could tell."\n')
    (library.catalogue / "scope.toml").write_text('"config.md#coffee" = "later"\n')

    assert library.drift("--tag", "v1.0.1") == 0
    assert capsys.readouterr().out == "0 findings; 4 units in scope, 1 of them set aside; 1 out of scope\n"


def test_a_section_does_not_cover_for_another(library: Library, capsys: pytest.CaptureFixture[str]):
    library.release("v1.0.1", FIRST + '\n# <a name="coffee" />Coffee\n\nThe kettle MUST whistle.\n')

    assert library.drift("--tag", "v1.0.1") == 1
    assert found(capsys) == ["unclaimed config.md#coffee sentence: The kettle MUST whistle."]


@pytest.mark.parametrize(
    ("where", "arguments"),
    [("nowhere", ()), (".", ()), (".", ("--tag", "v1.0.0")), ("spec", ("--tag", "v7")), ("spec", ("--index",))],
)
def test_bad_input_is_one_line(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str, arguments: tuple[str, ...]
):
    library.spec = tmp_path / where

    assert library.drift(*arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("drift: ")


@pytest.mark.parametrize("name", ["config.toml", "scope.toml", "index/v1.0.0.json"])
def test_a_broken_file_is_one_line(library: Library, capsys: pytest.CaptureFixture[str], name: str):
    (library.catalogue / name).write_text("{]\n")

    assert library.drift() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("drift: ")


@pytest.mark.parametrize(
    ("markdown", "units"),
    [
        ("One. Two MAY follow.", [("", "sentence", "One."), ("", "sentence", "Two MAY follow.")]),
        ("See it (e.g. `this`) well.", [("", "sentence", "See it (e.g. this) well.")]),
        (
            "* **`a`** (int) is it.\n    * **`b`** too.",
            [("/a", "bullet", "a (int) is it."), ("/a", "bullet", "b too.")],
        ),
        ("* one\n    goes on.\n    It ends.", [("", "bullet", "one goes on."), ("", "sentence", "It ends.")]),
        ("Name | Use\n-----|----\n `x` | [y](z) [^1]\n", [("", "row", "x | y")]),
        ("```\nMUST\n```\n[ref]: https://nowhere.invalid\n", []),
        ("## Valid values\nAll.", [("valid-values", "sentence", "All.")]),
    ],
)
def test_a_document_is_cut_into_units(markdown: str, units: list[tuple[str, str, str]]):
    assert [(unit.section, unit.kind, unit.text) for unit in sentences.units(markdown)] == units
