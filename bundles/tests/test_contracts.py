from typing import Any

import jsonschema
import pytest

from bundles import contracts

from .documents import sample


def faults(name: str, document: Any) -> list[str]:
    return sorted(error.json_path for error in jsonschema.Draft7Validator(contracts.schema(name)).iter_errors(document))


@pytest.mark.parametrize("name", ["config", "state", "features"])
def test_a_schema_is_valid_itself(name):
    jsonschema.Draft7Validator.check_schema(contracts.schema(name))


@pytest.mark.parametrize("name", ["config", "state", "features"])
def test_a_schema_forbids_no_unknown_property(name):
    assert 'additionalProperties": false' not in contracts.text(f"{name}.schema.json")


def test_the_ordinary_config_is_valid():
    assert faults("config", contracts.ordinary()) == []


def test_the_ordinary_config_is_fresh_each_time():
    contracts.ordinary()["process"].clear()

    assert contracts.ordinary()["process"]["cwd"] == "/"


def test_a_config_that_uses_everything_is_valid():
    assert faults("config", sample("everything.json")) == []


@pytest.mark.parametrize(
    "document",
    [
        {"ociVersion": "1.0.0", "root": {"path": "/"}},
        {"ociVersion": "1.2.0-rc.1+build.7", "root": {"path": "r"}, "unheard": {"of": None}},
        {"ociVersion": "1.0.2", "windows": {"layerFolders": ["c:\\layer"]}, "root": {"path": "volume"}},
        {"ociVersion": "1.0.2", "windows": {"layerFolders": ["c:\\layer"], "hyperv": {}}},
        {"ociVersion": "1.0.2", "root": {"path": "r"}, "zos": {"namespaces": [{"type": "uts", "path": "/n"}]}},
        {"ociVersion": "1.0.2", "root": {"path": "r"}, "solaris": {"cappedCPU": {"ncpus": "8"}}},
        {"ociVersion": "1.0.2", "root": {"path": "r"}, "vm": {"kernel": {"path": "/k"}}},
        {"ociVersion": "1.3.0", "root": {"path": "r"}, "freebsd": {"jail": {"vnet": "new"}}},
    ],
)
def test_a_small_config_is_valid(document):
    assert faults("config", document) == []


@pytest.mark.parametrize(
    ("document", "places"),
    [
        ([], ["$"]),
        ({"ociVersion": "1.0"}, ["$", "$.ociVersion"]),
        ({"ociVersion": "1.0.0\n", "root": {"path": "r"}}, ["$.ociVersion"]),
        ({"ociVersion": "1.0.0", "windows": {"layerFolders": ["l"], "hyperv": {}}, "root": {"path": "r"}}, ["$.root"]),
        ({"ociVersion": "1.0.0", "windows": {"layerFolders": []}, "root": {"path": "r"}}, ["$.windows.layerFolders"]),
        ({"ociVersion": "1.0.0", "root": {"path": "r"}, "vm": {}}, ["$.vm"]),
        ({"ociVersion": "1.3.0", "root": {"path": "r"}, "freebsd": {"jail": {"vnet": "off"}}}, ["$.freebsd.jail.vnet"]),
    ],
)
def test_a_broken_config_is_invalid_where_it_is_broken(document, places):
    assert faults("config", document) == places


STATE = {"ociVersion": "1.0.2", "id": "bell", "status": "running", "pid": 7, "bundle": "/srv/bell"}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"status": "stopped", "pid": 0},
        {"status": "paused"},
        {"annotations": {}},
        {"annotations": {"example.tide": ""}},
        {"owner": "keeper"},
    ],
)
def test_a_state_is_valid(change):
    assert faults("state", {**STATE, **change}) == []


def test_a_stopped_container_needs_no_pid():
    assert (
        faults("state", {name: value for name, value in STATE.items() if name != "pid"} | {"status": "stopped"}) == []
    )


@pytest.mark.parametrize("name", STATE)
def test_a_state_lacks_a_property(name):
    assert faults("state", {key: value for key, value in STATE.items() if key != name}) == ["$"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"pid": 0}, "$.pid"),
        ({"pid": "7"}, "$.pid"),
        ({"bundle": "bell"}, "$.bundle"),
        ({"status": 3}, "$.status"),
        ({"annotations": {"example.tide": 1}}, "$.annotations['example.tide']"),
        ({"annotations": None}, "$.annotations"),
    ],
)
def test_a_state_is_invalid(change, place):
    assert faults("state", {**STATE, **change}) == [place]


VERSIONS = {"ociVersionMin": "1.0.0", "ociVersionMax": "1.3.0"}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"hooks": None, "mountOptions": None, "linux": None, "annotations": None},
        {"linux": {"namespaces": ["pid"], "seccomp": {"enabled": True, "actions": []}, "selinux": {"enabled": None}}},
        {"linux": {"cgroup": {"v1": True, "v2": False}, "mountExtensions": {"idmap": {"enabled": True}}}},
        {"linux": {"memoryPolicy": {"modes": ["MPOL_BIND"]}, "intelRdt": {"monitoring": False}, "netDevices": {}}},
        {"potentiallyUnsafeConfigAnnotations": ["example.tide."]},
    ],
)
def test_features_are_valid(change):
    assert faults("features", {**VERSIONS, **change}) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"ociVersionMin": None}, "$.ociVersionMin"),
        ({"hooks": "prestart"}, "$.hooks"),
        ({"mountOptions": [1]}, "$.mountOptions[0]"),
        ({"linux": {"cgroup": {"v2": "yes"}}}, "$.linux.cgroup.v2"),
        ({"linux": {"intelRdt": True}}, "$.linux.intelRdt"),
        ({"annotations": {"": "x"}}, "$.annotations"),
    ],
)
def test_features_are_invalid(change, place):
    assert faults("features", {**VERSIONS, **change}) == [place]


@pytest.mark.parametrize("name", VERSIONS)
def test_features_lack_a_version(name):
    assert faults("features", {key: value for key, value in VERSIONS.items() if key != name}) == ["$"]
