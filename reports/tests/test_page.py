"""report.html as text: ids, links, and what it says of a run."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports import gate, page, results, views

from . import sample


class Reader(HTMLParser):
    """What the page's tags carry."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in {"src", "href", "action", "srcset", "poster", "data"}:
                self.sources.append(value or "")


@pytest.fixture
def text(whole: results.Results) -> str:
    return page.render(whole, gate.judge(whole))


def test_ids_are_given_once_and_every_link_within_leads_somewhere(text: str) -> None:
    read = Reader(text)

    assert sorted(read.ids) == sorted(set(read.ids))
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)


def test_every_requirement_and_section_has_its_anchor(text: str) -> None:
    ids = set(Reader(text).ids)

    assert {entry["id"] for entry in sample.CATALOGUE} <= ids
    assert {entry["section"] for entry in sample.CATALOGUE} <= ids


def test_nothing_comes_from_elsewhere(text: str) -> None:
    read = Reader(text)

    assert read.sources == ["data:,"]
    assert all(link.startswith(("#", sample.SPEC)) for link in read.links)
    assert "url(" not in text
    assert "@import" not in text


def test_hostile_words_are_escaped_and_shown(text: str) -> None:
    assert "document.title='owned'" not in text
    assert "&lt;script&gt;document.title=&#39;owned&#39;&lt;/script&gt;" in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "\\x1b[31mred" in text


def test_endless_words_are_cut_with_a_note(text: str) -> None:
    assert len(text) < 200_000
    assert re.search(r"\[… [\d,]+ characters left out …\]", text)


def test_a_run_without_end_is_told_as_not_whole(tmp_path: Path) -> None:
    run = results.read(sample.write(tmp_path / "results.jsonl", [sample.header(), *sample.TESTS]))

    assert "This run is not whole" in page.render(run)
    assert not views.report(run).holds


def test_a_header_that_says_little_still_makes_a_page(tmp_path: Path) -> None:
    run = results.read(sample.write(tmp_path / "results.jsonl", [{"kind": "header", "format": 1}]))

    assert "no binding requirement was tested" in page.render(run).lower()


def test_what_was_not_judged_is_listed_by_its_reason(whole: results.Results) -> None:
    report = views.report(whole)

    assert {reason: [f.requirement.id for f in found] for reason, found in report.untested.items()} == {
        "No observation tells it from a path that is not there.": ["masked.relative"]
    }
    assert {verdict: [reason for reason, _ in groups] for verdict, groups in report.unjudged.items()} == {
        "not on this host": ["this kernel has no time namespace", "this host has no resctrl"],
        "declined": ["features: linux.namespaces does not list time"],
    }


def test_must_should_and_beyond_are_counted_apart(whole: results.Results) -> None:
    totals = views.report(whole).totals

    assert (totals["MUST"]["passed"], totals["MUST"]["failed"]) == (7, 2)
    assert (totals["SHOULD"]["passed"], totals["SHOULD"]["advice not followed"]) == (1, 1)
    assert (totals["MAY"]["informational"], totals["beyond"]["failed"]) == (1, 1)


def test_a_failure_beyond_the_specification_is_no_part_of_the_claim(read: sample.Reader) -> None:
    beyond = sample.line("escape.proc-self-exe", "failed", chapter="security")
    report = views.report(read(sample.line("ns.uts.new", "passed"), beyond))

    assert (report.claim, report.holds) == ("holds 1 of 1 binding requirements tested", True)
    assert list(report.beyond_told) == ["failed"]


@pytest.mark.parametrize(
    ("document", "section", "expected"),
    [
        ("config-linux.md", "configLinuxMaskedPaths", "Masked paths"),
        ("config.md", "configPOSIXProcess", "POSIX process"),
        ("config.md", "posix-platform-hooks", "Posix platform hooks"),
        ("bundle.md", "containerFormat01", "Container format 01"),
        ("runtime.md", "runtime", "Runtime"),
        ("x.md", "§", "§"),
    ],
)
def test_a_heading_is_made_from_the_anchor(document: str, section: str, expected: str) -> None:
    assert views.title(document, section) == expected


def test_an_anchor_is_given_once(whole: results.Results) -> None:
    anchors = views.Anchors(views.verdicts.of(whole))

    taken = [anchors.take("state", "runtime.md"), anchors.take("state", "x.md"), anchors.take("ns.uts.new", "x.md")]

    assert taken == ["state", "x.md:state", "x.md:ns.uts.new"]


def test_json_is_on_one_line_where_it_fits() -> None:
    namespaces = [{"type": "pid", "path": f"/proc/{number}/ns/pid"} for number in (1, 22)]

    assert page.pretty({"a": 1}) == '{"a": 1}'
    assert page.pretty({"linux": {"namespaces": namespaces}}) == (
        '{\n  "linux": {\n    "namespaces": [\n'
        '      {"type": "pid", "path": "/proc/1/ns/pid"},\n      {"type": "pid", "path": "/proc/22/ns/pid"}\n'
        "    ]\n  }\n}"
    )
