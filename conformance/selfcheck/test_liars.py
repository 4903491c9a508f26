"""No lie goes unnoticed, and none is taken for a fault of ours."""

import pytest

from .conftest import SAMPLE, lying

#: Each keeps the ordinary bundle from running: there is nothing to judge, and one line says why.
STOPPED = {
    "refuses_everything": "create to succeed",
    "agrees_to_everything": "a report by the program",
    "prints_a_report_and_does_nothing": "a report by the program",
    "forges_a_whole_report": "a probe document",
    "truncates_the_report": "a report by the program",
    "prints_megabytes": "create to succeed",
    "dies_of_a_signal": "SIGSEGV",
    "leaves_a_process": "sleep 1000",
    "leaves_a_mount": "left",
    "leaves_a_cgroup": "cgroup",
    "hangs_in_create": "no end within",
    "hangs_in_start": "no end within",
    "hangs_in_delete": "delete",
}


@pytest.mark.parametrize("name", STOPPED)
def test_a_runtime_that_does_not_run_the_ordinary_bundle_is_told_so_in_one_line(name, run_suite):
    ran = run_suite(f"--runtime={lying(name)}", "--runtime-timeout=5", *SAMPLE)

    (line,) = ran.output.strip().splitlines()
    assert ran.status == 1
    assert "does not run the ordinary bundle" in line
    assert STOPPED[name] in line


@pytest.mark.parametrize(
    ("name", "requirement"),
    [
        ("hangs_in_kill", "kill.created"),
        ("hangs_in_state", "state.status.running"),
        ("says_nothing_in_state", "state.status.running"),
        ("leaves_out_the_status", "state.status.running"),
    ],
)
def test_one_operation_that_is_wrong_is_the_runtimes_fault(name, requirement, run_suite):
    ran = run_suite(f"--runtime={lying(name)}", "--runtime-timeout=5", f"--requirement={requirement}")

    assert ran.outcomes == {requirement: "failed"}
    assert ran.status == 1
