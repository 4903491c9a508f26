"""`pytest --mutants`: every test can fail, and a test that cannot is noticed."""

import re
from pathlib import Path

from .conftest import ROOT

#: A test of hostname.seen from which the assertion was taken.
SABOTAGED = """
from conformance import requirement


@requirement("hostname.seen")
def test_the_container_sees_its_hostname(config, container):
    config["hostname"] = "lovelace"

    container.run()
"""
PLUGINS = ("-p", "conformance.harness.plugin", "-p", "reports.plugin", "-c", str(ROOT / "pyproject.toml"))


def test_every_mutant_is_killed_and_every_test_kills(run_suite):
    ran = run_suite("--mutants", "-n2", "-q", deadline=3600)

    killed, of = map(int, re.findall(r"(\d+) of (\d+) mutants killed", ran.output)[0])
    assert ran.status == 0, ran.output[-5000:]
    assert killed == of > 400


def test_a_test_that_asserts_nothing_is_noticed(run_suite, tmp_path: Path):
    sabotaged = tmp_path / "test_hostname.py"
    sabotaged.write_text(SABOTAGED)

    ran = run_suite("--mutants", *PLUGINS, str(sabotaged))

    assert ran.status == 1
    assert "SURVIVED hostname.seen" in ran.output
    assert "TOOTHLESS" in ran.output


def test_a_mutant_that_runs_no_container_proves_nothing(run_suite, tmp_path: Path):
    dead = tmp_path / "dead"
    dead.write_text('#!/bin/sh\n[ "$1" = --list ] && echo hostname.seen && exit\nexit 1\n')
    dead.chmod(0o755)

    ran = run_suite("--runtime=reference-runtime", f"--mutants={dead}", "--requirement=hostname.seen")

    assert ran.status == 1
    assert "PROVES NOTHING hostname.seen" in ran.output


def test_a_command_that_lists_nothing_is_no_mutant(run_suite):
    ran = run_suite("--runtime=reference-runtime", "--mutants=/bin/false")

    (line,) = ran.output.strip().splitlines()
    assert ran.status == 4
    assert "/bin/false --list" in line
