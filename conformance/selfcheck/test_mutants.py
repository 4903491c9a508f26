"""`pytest --mutants`: every test can fail, and a test that cannot is noticed."""

import json
import re
from pathlib import Path

from conformance.harness import matrix

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
    ran = run_suite("--mutants", "--stand-in=resctrl", "-n2", "-q", deadline=3600)

    killed, of = map(int, re.findall(r"(\d+) of (\d+) mutants killed", ran.output)[0])
    assert ran.status == 0, ran.output[-5000:]
    assert killed == of > 1000


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


def test_runs_on_several_hosts_make_one_matrix(tmp_path: Path, capsys):
    """What one host cannot show is shown by another; what lives on each of them is a survivor."""
    first, second = matrix.Matrix(["hostname.seen", "hostname.seen/2", "root.path"]), matrix.Matrix()
    first.survived["hostname.seen"].add("test_one")
    first.not_here["hostname.seen"]["test_two"] = "not on this host"
    first.survived["hostname.seen/2"].add("test_one")
    second.killed_by["hostname.seen"].add("test_two")
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    for file, run in zip(files, (first, second), strict=True):
        file.write_text(json.dumps(run.plain()))

    assert first.survivors() == ["hostname.seen/2"]
    assert matrix.main([*map(str, files)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert "not tried: root.path" in told
    assert [line for line in told if line.startswith("SURVIVED")] == [
        "SURVIVED hostname.seen/2: not killed by test_one"
    ]
    assert told[-1] == "1 of 2 mutants killed, by 2 tests; 1 kills in all"


def test_a_matrix_that_cannot_be_read_is_one_line(tmp_path: Path, capsys):
    assert matrix.main([str(tmp_path / "none.json")]) == 4
    assert str(tmp_path / "none.json") in capsys.readouterr().err
