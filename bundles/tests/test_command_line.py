"""python -m bundles: what it says and how it ends, as a process."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import pytest

from bundles import contracts

from .documents import HERE, sample

ROOT = pathlib.Path(__file__).parents[2]


def run(*command: str | pathlib.Path, cwd: pathlib.Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)


def bundles(*arguments: str | pathlib.Path, cwd: pathlib.Path | None = None) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "bundles", *arguments, cwd=cwd)


def assert_refused(done: subprocess.CompletedProcess[str]) -> None:
    """One line, the number for usage, nothing else."""
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1), done


def test_spec_writes_a_config_that_validates(tmp_path):
    assert bundles("spec", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "config.json").read_text()) == contracts.ordinary()
    assert bundles("validate", "config.json", cwd=tmp_path).returncode == 0


def test_spec_replaces_nothing(tmp_path):
    (tmp_path / "config.json").write_text("mine")

    assert_refused(bundles("spec", cwd=tmp_path))
    assert (tmp_path / "config.json").read_text() == "mine"


def test_new_makes_a_bundle_that_validates(tmp_path):
    assert bundles("new", tmp_path / "ship").returncode == 0
    assert bundles("validate", tmp_path / "ship").returncode == 0
    assert_refused(bundles("new", tmp_path / "ship"))


def test_validate_prints_a_line_for_each_finding(tmp_path):
    config = contracts.ordinary()
    config["process"]["cwd"] = "srv"
    del config["root"]
    (tmp_path / "config.json").write_text(json.dumps(config))

    done = bundles("validate", tmp_path / "config.json")

    assert done.returncode == 1
    assert [line.split(": ")[0] for line in done.stdout.splitlines()] == ["/root", "/process/cwd"]


def test_validate_prints_json(tmp_path):
    config = contracts.ordinary()
    config["process"]["cwd"] = "srv"
    (tmp_path / "config.json").write_text(json.dumps(config))

    (line,) = bundles("validate", "--json", tmp_path / "config.json").stdout.splitlines()

    assert json.loads(line) == {
        "pointer": "/process/cwd",
        "message": "'srv' is not an absolute path",
        "level": "MUST",
        "requirement": "proc.cwd.absolute",
    }


def test_advice_alone_is_no_failure(tmp_path):
    config = contracts.ordinary() | {"annotations": {"tide": "high"}}
    (tmp_path / "config.json").write_text(json.dumps(config))

    done = bundles("validate", tmp_path / "config.json")

    assert (done.returncode, done.stdout.count("\n")) == (0, 1)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b'{"a": 1,}', b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a": ' + b"1" * 5000 + b"}"],
    ids=["empty", "cut", "comma", "not-utf-8", "nan", "deep", "huge-number"],
)
def test_a_file_is_no_json(tmp_path, text):
    (tmp_path / "config.json").write_bytes(text)

    assert_refused(bundles("validate", tmp_path))
    assert_refused(bundles("upgrade", tmp_path / "config.json"))


def test_broken_json_is_told_with_its_place(tmp_path):
    (tmp_path / "config.json").write_text('{\n  "a": 1,\n  b\n}')

    assert f"{tmp_path}/config.json:3:3: " in bundles("validate", tmp_path).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sail"],
        ["validate"],
        ["validate", "nowhere.json"],
        ["validate", "."],
        ["validate", "a", "b"],
        ["validate", "--loud", "a"],
        ["upgrade", "nowhere.json"],
        ["replay"],
        ["replay", "tide"],
        ["replay", "tide", "--print"],
        ["replay", "tide", "--deadline", "soon"],
        ["replay", "tide", "--deadline", "0"],
        ["replay", "tide", "--deadline", "nan"],
        ["validate", "two\nlines"],
        ["two\nlines"],
    ],
)
def test_misuse_is_one_line(tmp_path, arguments):
    assert_refused(bundles(*arguments, cwd=tmp_path))


#: All is imported before: the interpreter itself may lie where only root can read.
AS_NOBODY = """
import os, sys
from bundles import __main__, contracts, validate
validate.findings(contracts.ordinary())
os.setuid(65534)
sys.exit(__main__.main(sys.argv[1:]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(
    ("command", "mode", "code"), [("validate", 0o644, 1), ("upgrade", 0o644, 0), ("validate", 0, 4)]
)
def test_anybody_may_use_what_they_can_read(command, mode, code):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as shared:
        json.dump(sample("old-rc2.json"), shared)
        shared.flush()
        pathlib.Path(shared.name).chmod(mode)
        done = run(sys.executable, "-c", AS_NOBODY, command, shared.name)

    assert done.returncode == code, done


def test_upgrade_writes_a_config_that_validates(tmp_path):
    done = bundles("upgrade", HERE / "old-rc2.json", "-o", tmp_path / "new.json")

    assert done.returncode == 0
    assert "/process/capabilities: the list became the five sets" in done.stdout.splitlines()
    assert bundles("validate", tmp_path / "new.json").returncode == 0


def test_upgrade_without_a_file_prints_the_config_alone():
    done = bundles("upgrade", HERE / "old-rc2.json")

    assert json.loads(done.stdout)["ociVersion"] == "1.3.0"
    assert "/platform: removed" in done.stderr.splitlines()


def test_upgrade_cannot_write(tmp_path):
    done = bundles("upgrade", HERE / "old-0.3.0.json", "-o", tmp_path / "no" / "such.json")

    assert (done.returncode, done.stderr.count("\n")) == (4, 1)


def test_a_document_that_is_no_object_cannot_be_upgraded(tmp_path):
    (tmp_path / "config.json").write_text("[]")

    assert_refused(bundles("upgrade", tmp_path))


def test_a_config_that_is_replaced_stays_if_the_new_one_cannot_be_written(tmp_path):
    (tmp_path / "new.json").write_text("mine")
    config = tmp_path / "config.json"
    config.write_text(json.dumps(contracts.ordinary() | {"annotations": {"x": "y" * 100_000}}))

    assert_refused(limited("upgrade", config, "-o", tmp_path / "new.json"))
    assert (tmp_path / "new.json").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["config.json", "new.json"]


@pytest.mark.parametrize("command", [["spec", "made"], ["new", "made/here"]])
def test_what_cannot_be_written_whole_is_not_there(tmp_path, command):
    done = limited(*command, cwd=tmp_path, most=1000)

    assert_refused(done)
    assert "made" in done.stderr
    assert list(tmp_path.iterdir()) == []


def limited(
    *arguments: str | pathlib.Path, cwd: pathlib.Path | None = None, most: int = 50_000
) -> subprocess.CompletedProcess[str]:
    """As on a disk where no file can grow beyond so many bytes."""
    script = (
        "import resource, signal, sys\n"
        "from bundles import __main__\n"
        f"signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        "sys.exit(__main__.main(sys.argv[1:]))"
    )
    return run(sys.executable, "-c", script, *arguments, cwd=cwd)


@pytest.mark.parametrize("command", [["upgrade", "config.json"], ["validate", "config.json"]])
def test_an_output_that_takes_nothing_is_told(tmp_path, command):
    (tmp_path / "config.json").write_text("{}")
    with open("/dev/full", "w") as full:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
        called = [sys.executable, "-m", "bundles", *command]
        done = subprocess.run(called, cwd=tmp_path, env=environment, stdout=full, stderr=subprocess.PIPE, text=True)

    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == "python -m bundles: No space left on device"


@pytest.mark.parametrize("command", ["replay -", "unpack - ship"])
def test_a_closed_input_is_told(tmp_path, command):
    script = f'"{sys.executable}" -m bundles {command} <&-'

    assert_refused(run("sh", "-c", script, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []
