"""One line about what went wrong, and where it is written."""

from __future__ import annotations

import json
import os

import pytest

from bundles import contracts
from reference_runtime import errors
from reference_runtime.config import valid_values


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (errors.Refusal("two\nlines"), "two lines"),
        (errors.InvalidConfig("root", "is missing"), "config.json: root: is missing"),
        (OSError(2, "mount: No such file", "/x"), "/x: mount: No such file"),
        (OSError(1, "setns: not permitted"), "setns: not permitted"),
    ],
)
def test_an_error_is_described_in_one_line(error, line):
    assert errors.describe(error) == line


@pytest.mark.parametrize(
    ("devices", "where"),
    [([{"path": "/dev/a", "type": "p"}, {"path": "/dev/b"}], "[1].type: "), ([{"path": 5}], "[0]."), ([7], "[0]: ")],
)
def test_an_error_tells_the_place_in_the_config(devices, where):
    config = contracts.ordinary()
    config["linux"]["devices"] = devices

    with pytest.raises(errors.InvalidConfig) as refusal:
        valid_values.check(config)

    assert str(refusal.value).startswith(f"config.json: linux.devices{where}")


def test_every_kind_of_refusal_is_caught_as_one():
    kinds = [errors.Usage, errors.NoSuchContainer, errors.AlreadyExists, errors.WrongStatus, errors.HookFailed]

    assert all(issubclass(kind, errors.Refusal) for kind in [*kinds, errors.Unsupported, errors.BirthFailed])


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    yield path
    if errors.Log.descriptor is not None:
        os.close(errors.Log.descriptor)
    errors.Log.descriptor = None


def test_a_json_log_has_a_line_for_each_message(log):
    errors.Log.open(str(log), as_json=True)

    errors.warn('a "quoted" word')

    written = json.loads(log.read_text())
    assert (written["level"], written["msg"], sorted(written)) == (
        "warning",
        'a "quoted" word',
        ["level", "msg", "time"],
    )


def test_a_text_log_names_its_parts(log):
    errors.Log.open(str(log), as_json=False)

    errors.tell("error", "why")

    assert 'level=error msg="why"' in log.read_text()


@pytest.mark.parametrize(
    "linux", [{"cgroupsPath": "/a\ud800"}, {"sysctl": {"net.\udc80": "1"}}, {"sysctl": {"a\0": "1"}}]
)
def test_what_has_no_bytes_for_the_kernel_is_refused(linux):
    config = contracts.ordinary() | {"annotations": {"\ud800": "\udfff"}}
    valid_values.check(config)

    with pytest.raises(errors.InvalidConfig):
        valid_values.check(config | {"linux": linux})
