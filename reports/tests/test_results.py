"""results.jsonl, whole, cut short, and spoilt."""

import json
from pathlib import Path

import pytest

from reports import results

from . import sample


def test_a_whole_run_is_read(whole: results.Results) -> None:
    assert (len(whole.tests), whole.whole, whole.version) == (len(sample.TESTS), True, "1.1.0")
    assert whole.tests[11].calls[2].signal == "SIGKILL"


def test_hostile_words_come_back_as_they_were(whole: results.Results) -> None:
    assert whole.tests[13].calls[0].argv[1:] == list(sample.HOSTILE)


def test_a_last_line_cut_short_is_left_out(tmp_path: Path) -> None:
    path = sample.write(tmp_path / "results.jsonl", [sample.header(), *sample.TESTS])
    path.write_text(path.read_text()[:-20])

    run = results.read(path)

    assert (len(run.tests), run.footer, run.whole) == (len(sample.TESTS) - 1, None, False)


def test_a_run_that_was_interrupted_is_not_whole(read: sample.Reader) -> None:
    assert not read(interrupted=True).whole


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "results.jsonl: no header, so no results"),
        (["{}"], "results.jsonl:1: the first line is not a header"),
        (["[]"], "results.jsonl:1: not a JSON object"),
        ([sample.header(format=2)], "results.jsonl:1: format 2 is not one that this version reads (1)"),
        ([sample.header(), sample.header()], "results.jsonl:2: a second header"),
        ([sample.header(), {"kind": "tset"}], "results.jsonl:2: unknown kind of line: 'tset'"),
        ([sample.header(), sample.line(None, "skipped")], "results.jsonl:2: unknown outcome: 'skipped'"),
        ([sample.header(), {"kind": "test", "outcome": "passed"}], 'results.jsonl:2: "test" is missing'),
        ([sample.header(), sample.line(None, "passed", seen=3)], 'results.jsonl:2: "seen" is of the wrong type: int'),
        ([sample.header(), sample.footer(), sample.footer()], "results.jsonl:3: a line after the footer"),
        ([sample.header(), "{broken", sample.footer()], "results.jsonl:2: not JSON: "),
        ([sample.header(catalogue=[{"id": "x"}])], 'results.jsonl:1: catalogue[0]: "document" is missing'),
    ],
)
def test_what_is_no_results_is_told_in_one_line(tmp_path: Path, lines: list[object], words: str) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))

    with pytest.raises(results.ResultsError) as caught:
        results.read(path)

    assert str(caught.value).startswith(f"{tmp_path}/{words}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(results.ResultsError, match=r"nowhere\.jsonl: No such file"):
        results.read(tmp_path / "nowhere.jsonl")
