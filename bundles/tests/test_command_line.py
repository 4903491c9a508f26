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
