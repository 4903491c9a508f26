"""Bad input gets one clear line and exit status 4, never a traceback and never a hang."""

import os
import shutil
import subprocess

import pytest

from .conftest import ROOT, suite_command, suite_environment

USAGE = 4


@pytest.mark.parametrize(
    ("runtime", "why"),
    [
        ("/nonexistent/runtime", "no such file"),
        ("no-such-runtime", "no such program on PATH"),
        ("/etc", "is a directory"),
        ("/etc/passwd", "not executable"),
        ("'", "No closing quotation"),
        ("''", "no such program on PATH"),
    ],
)
def test_a_runtime_that_cannot_be_run(runtime, why, run_suite):
    ran = run_suite(f"--runtime={runtime}")

    (line,) = ran.output.strip().splitlines()
    assert ran.status == USAGE
    assert why in line


def test_a_program_that_the_kernel_cannot_execute(run_suite, tmp_path):
    program = tmp_path / "garbage"
    program.write_bytes(b"\x7fELF and no more")
    program.chmod(0o755)

    ran = run_suite(f"--runtime={program}")

    (line,) = ran.output.strip().splitlines()
    assert ran.status == USAGE
    assert str(program) in line


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--requirement=hostname.sene", "did you mean hostname.seen"),
        ("--section=configHostnames", "did you mean configHostname"),
        ("--level=MAYBE", "no such level"),
        ("--spec-version=9.9.9", "not one of"),
        ("--expectations=/nonexistent.toml", "/nonexistent.toml"),
        ("--lacks=/nonexistent.toml", "/nonexistent.toml"),
    ],
)
def test_an_option_that_names_nothing(option, words, run_suite):
    ran = run_suite("--runtime=reference-runtime", option)

    assert ran.status == USAGE
    assert words in ran.output
    assert "Traceback" not in ran.output


def test_a_report_directory_that_cannot_be_written(run_suite):
    ran = run_suite("--runtime=reference-runtime", "--report-dir=/proc/reports")

    (line,) = ran.output.strip().splitlines()
    assert ran.status == USAGE
    assert "/proc/reports" in line


def test_no_space_for_the_root_file_system(run_suite):
    ran = run_suite("--runtime=reference-runtime", "--sandbox-size=4m")

    (line,) = ran.output.strip().splitlines()
    assert ran.status == USAGE
    assert "No space left on device" in line


def test_somebody_who_is_not_root(tmp_path):
    """Run by an unprivileged user who can read everything: the missing right is root's alone."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv is missing: apt-get install util-linux")
    as_nobody = [setpriv, "--reuid=65534", "--clear-groups", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]

    ran = subprocess.run(
        [*as_nobody, *suite_command("--runtime=/bin/true")],
        cwd=ROOT,
        env=suite_environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert ran.returncode == USAGE
    assert "root" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr


def test_namespaces_that_are_forbidden():
    """A user namespace of its own makes anybody root, but with no right to make a pid namespace when the limit is 0."""
    script = 'echo 0 > /proc/sys/user/max_pid_namespaces && exec "$@"'

    ran = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", *suite_command("--runtime=/bin/true")],
        cwd=ROOT,
        env=suite_environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )

    words = (ran.stdout + ran.stderr).strip()
    assert ran.returncode == USAGE
    assert "no sandbox can be made here" in words
    assert len(words.splitlines()) == 1


def test_the_list_of_requirements_needs_neither_root_nor_a_runtime(run_suite):
    ran = run_suite("--list-requirements", "--section=configHostname")

    assert ran.status == 0
    assert "hostname.seen" in ran.output
    assert os.linesep + "ns." not in ran.output
