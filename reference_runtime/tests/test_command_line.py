"""Words in, one operation, an exit status and at most one line of error out."""

from __future__ import annotations

import json
import subprocess

import jsonschema
import pytest

from bundles import contracts
from reference_runtime import command_line, errors


def call(command, *words, **how):
    return subprocess.run([command, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, **how)


@pytest.mark.parametrize(
    "words",
    [
        ["--root", "/r", "create", "--bundle", "/b", "x"],
        ["--root=/r", "create", "--bundle=/b", "x"],
        ["--root=/r", "create", "x", "-b", "/b"],
        ["--debug", "--root", "/r", "create", "-b", "/b", "--", "x"],
    ],
)
def test_options_are_understood_in_every_shape(words):
    understood = command_line.Words(words)

    options = {name: value for name, value in understood.options.items() if name != "--debug"}
    assert (understood.operation, understood.arguments, options) == (
        "create",
        ["x"],
        {"--root": "/r", "--bundle": "/b"},
    )


@pytest.mark.parametrize(
    "words",
    [
        ["fly", "x"],
        ["--fly", "create", "x"],
        ["create"],
        ["create", "x", "y"],
        ["create", "--bundle"],
        ["create", "--preserve-fds", "many", "x"],
        ["state", "--bundle", "/b", "x"],
        ["start"],
        ["kill"],
        ["delete"],
    ],
)
def test_what_is_not_understood_is_refused(words):
    with pytest.raises(errors.Usage):
        command_line.Words(words)


def test_an_error_is_one_line_and_a_failure(command, tmp_path):
    done = call(command, "--root", str(tmp_path), "state", "nobody")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_cgroups_of_systemd_are_refused_in_one_line(command, tmp_path):
    done = call(command, "--systemd-cgroup", "--root", str(tmp_path), "state", "nobody")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "--systemd-cgroup" in done.stderr


def test_an_error_is_logged_where_it_is_asked_for(command, tmp_path):
    log = tmp_path / "log"

    call(command, "--log", str(log), "--log-format", "json", "--root", str(tmp_path), "state", "nobody")

    assert json.loads(log.read_text())["level"] == "error"


def test_the_version_names_the_specification(command):
    assert "\nspec: 1.3.0\n" in call(command, "--version").stdout


def test_the_features_are_as_their_schema_has_them(command):
    features = json.loads(call(command, "features").stdout)

    jsonschema.validate(features, contracts.schema("features"))
    assert features["ociVersionMax"] == "1.3.0"


def test_spec_writes_the_ordinary_config_once(command, tmp_path):
    first = call(command, "spec", cwd=tmp_path)
    second = call(command, "spec", cwd=tmp_path)

    assert json.loads((tmp_path / "config.json").read_text()) == contracts.ordinary()
    assert (first.returncode, second.returncode) == (0, 1)


def test_an_installed_command_is_the_runtime(command, tmp_path):
    installed = tmp_path / "my runtime"

    call(command, "install", str(installed))

    assert call(str(installed), "--version").stdout == call(command, "--version").stdout


def test_closed_standard_streams_are_no_obstacle(command):
    done = subprocess.run(["sh", "-c", f"exec {command} --version <&- 2>&-"], capture_output=True, text=True)

    assert (done.returncode, "spec:" in done.stdout) == (0, True)
