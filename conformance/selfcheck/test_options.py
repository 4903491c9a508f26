"""What a run can be told, and what it tells: selection, gate, replay, the other reports."""

import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from conformance.harness import libc

from .conftest import SAMPLE, lying, suite_environment

REFERENCE = "--runtime=reference-runtime"
#: The reference runtime, but for its kill, which fails at once, or does nothing in time.
FAILING = (f"--runtime={lying('refuses_to_kill')}", "--requirement=kill.created")
HANGING = (f"--runtime={lying('hangs_in_kill')}", "--runtime-timeout=5", "--requirement=kill.created")


def test_the_header_says_who_is_judged_by_what_and_where(run_suite):
    ran = run_suite(REFERENCE, "--requirement=hostname.seen")

    assert ran.status == 0
    for words in (
        "runtime: reference-runtime",
        "sha256",
        "judged by 1.3.0",
        "it claims 1.3.0",
        "host: Linux",
        "cgroup",
    ):
        assert words in ran.output


def test_an_older_release_can_be_asked_for(run_suite):
    ran = run_suite(REFERENCE, "--spec-version=1.1.0", "--requirement=hostname.seen")

    assert ran.results[0]["specification"]["version"] == "1.1.0"
    assert ran.results[0]["catalogue"][0]["link"].startswith(
        "https://github.com/opencontainers/runtime-spec/blob/v1.1.0/"
    )


def test_what_a_release_does_not_say_is_not_tested(run_suite):
    ran = run_suite(REFERENCE, "--spec-version=1.0.0", "--requirement=domainname.in-uts-ns")

    assert ran.outcomes == {}


def test_a_run_of_a_selection_is_partial_and_needs_no_other_expectation(run_suite, tmp_path: Path):
    file = tmp_path / "expectations.toml"
    file.write_text(
        '[[expect]]\nid = "conformance/specification/some.py::test"\nstatus = "fail"\nreason = "elsewhere"\n'
    )

    ran = run_suite(REFERENCE, "--requirement=hostname.seen", f"--expectations={file}")

    assert ran.status == 0
    assert ran.results[-1]["partial"] is True


@pytest.mark.parametrize("option", ["--section=configHostname", "--requirement=hostname.seen"])
def test_a_selection_runs_what_it_names(option, run_suite):
    ran = run_suite(REFERENCE, option)

    assert "hostname.seen" in ran.outcomes
    assert {name.split(".")[0] for name in ran.outcomes} == {"hostname"}


def test_a_failure_that_is_expected_is_green(run_suite, tmp_path: Path):
    file = tmp_path / "expectations.toml"
    file.write_text('[[expect]]\nid = "kill.created"\nstatus = "fail"\nreason = "kill fails"\n')

    assert run_suite(*FAILING).status == 1
    assert run_suite(*FAILING, f"--expectations={file}").status == 0


@pytest.mark.parametrize(
    ("id", "words"),
    [("hostname.seen", "hostname.seen"), ("no.such.requirement", "no.such.requirement")],
    ids=["passes", "matches nothing"],
)
def test_an_expectation_that_does_not_come_true_is_red(id, words, run_suite, tmp_path: Path):
    file = tmp_path / "expectations.toml"
    file.write_text(f'[[expect]]\nid = "{id}"\nstatus = "fail"\nreason = "invented"\n')

    ran = run_suite(REFERENCE, "--requirement=hostname.seen", f"--expectations={file}")

    assert ran.status == 1
    assert words in ran.output.split("gate")[-1]


@pytest.mark.parametrize(
    ("runtime", "requirement", "outcome", "option"),
    [
        (lying("deletes_by_force"), "delete.created", "contested", "--contested"),
        ("reference-runtime", "mntopt.rdev", "advice not followed", "--advice"),
    ],
    ids=["contested", "advice"],
)
def test_a_milder_outcome_is_red_on_request(runtime, requirement, outcome, option, run_suite):
    asked = (f"--runtime={runtime}", f"--requirement={requirement}")

    mild, red = run_suite(*asked), run_suite(*asked, option)

    assert [(ran.status, ran.outcomes) for ran in (mild, red)] == [
        (0, {requirement: outcome}),
        (1, {requirement: "failed"}),
    ]


def test_a_failure_shows_its_evidence_and_a_replay_that_works(run_suite):
    ran = run_suite(*HANGING)

    (line,) = (line for line in ran.results if line["kind"] == "test")
    assert line["expected"]
    assert line["seen"]
    assert any("kill" in call["argv"] for call in line["calls"])
    assert line["replay"] in ran.output
    replay = line["replay"].replace(" replay ", " replay --deadline=5 ")
    command = ["sh", "-c", replay]
    replayed = subprocess.run(command, capture_output=True, text=True, timeout=300, env=suite_environment())
    assert replayed.returncode == 1
    assert "create --bundle" in replayed.stdout
    assert replayed.stdout.count("→ exit 0") >= 1
    assert "→ no answer within" in replayed.stdout


def test_a_failed_bundle_can_be_kept(run_suite, tmp_path: Path):
    run_suite(*FAILING, f"--keep={tmp_path / 'kept'}")

    (config,) = (tmp_path / "kept").glob("*/config.json")
    assert json.loads(config.read_text())["hostname"] == "ordinary"


def test_junit_carries_requirement_level_and_specification(run_suite, tmp_path: Path):
    run_suite(REFERENCE, *SAMPLE, f"--junitxml={tmp_path / 'junit.xml'}")

    cases = ElementTree.parse(tmp_path / "junit.xml").getroot().iter("testcase")
    told = [{p.attrib["name"]: p.attrib["value"] for p in case.iter("property")} for case in cases]
    assert {"requirement", "level", "specification"} == {name for properties in told for name in properties}
    assert "hostname.seen" in {properties["requirement"] for properties in told}


def test_allure_tells_document_section_and_requirement(run_suite, tmp_path: Path):
    run_suite(REFERENCE, "--requirement=hostname.seen", f"--alluredir={tmp_path / 'allure'}")

    story = json.loads(next((tmp_path / "allure").glob("*-result.json")).read_text())
    labels = {label["name"]: label["value"] for label in story["labels"]}
    assert (labels["epic"], labels["feature"], labels["story"]) == ("config.md", "configHostname", "hostname.seen")
    assert labels["severity"] == "critical"
    assert story["links"][0]["url"].endswith("config.md#configHostname")
    assert {attached["name"] for attached in story["attachments"]} == {"config.json", "standard error"}


def test_a_disk_that_is_full_is_told_in_one_line(run_suite, tmp_path: Path):
    small = tmp_path / "small"
    small.mkdir()
    libc.mount("tmpfs", str(small), "tmpfs", data="size=80k")
    try:
        ran = run_suite(REFERENCE, *SAMPLE, f"--report-dir={small}")
    finally:
        libc.umount(str(small))

    assert ran.status == 4
    assert "No space left on device" in ran.output
    assert not re.search("Traceback|INTERNALERROR", ran.output)
