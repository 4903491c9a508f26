"""What a features structure is taken to say: what is missing or null says nothing, what is empty or false does."""

from itertools import pairwise
from typing import Any

import pytest

from conformance.harness import faults, judged, semver, support
from conformance.harness.features import Features, not_taken

RULE = {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}
FILTER = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "architectures": ["SCMP_ARCH_X86"],
    "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "syscalls": [RULE],
}
MAPPED = [{"containerID": 0, "hostID": 1, "size": 1}]
#: A path in the features, a config that asks for something of it, and the rest of a list that lacks that.
LISTS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("hooks", {"hooks": {"poststop": []}}, ["prestart"]),
    ("linux.namespaces", {"linux": {"namespaces": [{"type": "time"}]}}, ["pid"]),
    ("linux.seccomp.actions", {"linux": {"seccomp": FILTER}}, ["SCMP_ACT_ALLOW"]),
    ("linux.seccomp.operators", {"linux": {"seccomp": FILTER}}, ["SCMP_CMP_NE"]),
    ("linux.seccomp.archs", {"linux": {"seccomp": FILTER}}, ["SCMP_ARCH_ARM"]),
    ("linux.seccomp.knownFlags", {"linux": {"seccomp": FILTER}}, ["SECCOMP_FILTER_FLAG_TSYNC"]),
    ("linux.seccomp.supportedFlags", {"linux": {"seccomp": FILTER}}, ["SECCOMP_FILTER_FLAG_TSYNC"]),
    ("linux.memoryPolicy.modes", {"linux": {"memoryPolicy": {"mode": "MPOL_BIND"}}}, ["MPOL_LOCAL"]),
    (
        "linux.memoryPolicy.flags",
        {"linux": {"memoryPolicy": {"mode": "MPOL_BIND", "flags": ["MPOL_F_STATIC_NODES"]}}},
        ["MPOL_F_RELATIVE_NODES"],
    ),
]
SWITCHES: list[tuple[str, dict[str, Any]]] = [
    ("linux.mountExtensions.idmap.enabled", {"mounts": [{"destination": "/shelf", "uidMappings": MAPPED}]}),
    ("linux.mountExtensions.idmap.enabled", {"mounts": [{"destination": "/shelf", "options": ["bind", "ridmap"]}]}),
    ("linux.netDevices.enabled", {"linux": {"netDevices": {"eth0": {}}}}),
    ("linux.seccomp.enabled", {"linux": {"seccomp": FILTER}}),
    ("linux.apparmor.enabled", {"process": {"apparmorProfile": "shelf"}}),
    ("linux.selinux.enabled", {"process": {"selinuxLabel": "shelf"}}),
    ("linux.selinux.enabled", {"linux": {"mountLabel": "shelf"}}),
    ("linux.intelRdt.enabled", {"linux": {"intelRdt": {}}}),
    ("linux.intelRdt.schemata", {"linux": {"intelRdt": {"schemata": ["L3:0=f"]}}}),
    ("linux.intelRdt.monitoring", {"linux": {"intelRdt": {"enableMonitoring": True}}}),
    ("linux.cgroup.rdma", {"linux": {"resources": {"rdma": {"mlx5_1": {"hcaHandles": 3}}}}}),
]
ALL = [*((path, config) for path, config, _ in LISTS), *SWITCHES]


def saying(path: str, value: Any) -> dict[str, Any]:
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


@pytest.mark.parametrize(("path", "config", "rest"), LISTS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_list_without_the_name_declines_it(path: str, config: dict[str, Any], rest: list[str]):
    assert path in (support.declines(config, saying(path, rest)) or "")
    assert path in (support.declines(config, saying(path, [])) or "")


@pytest.mark.parametrize(("path", "config"), SWITCHES)
def test_a_switch_that_is_off_declines_what_it_is_about(path: str, config: dict[str, Any]):
    assert path in (support.declines(config, saying(path, False)) or "")
    assert support.declines(config, saying(path, True)) is None


@pytest.mark.parametrize(("path", "config"), ALL)
def test_what_is_missing_or_null_declines_nothing(path: str, config: dict[str, Any]):
    owners = path.split(".")[:-1]
    nulls = [saying(".".join(path.split(".")[: length + 1]), None) for length in range(len(owners) + 1)]

    assert [support.declines(config, features) for features in (None, {}, *nulls)] == [None] * (2 + len(nulls))


@pytest.mark.parametrize("path", sorted({path for path, _ in ALL}))
def test_another_config_is_declined_by_none_of_them(path: str):
    config = {"process": {"args": ["x"]}, "mounts": [{"destination": "/proc", "options": ["nosuid"]}], "linux": {}}

    assert [support.declines(config, saying(path, value)) for value in (False, [])] == [None, None]


def test_a_name_that_is_none_is_not_declined():
    """Some test has made it; what becomes of it is to be judged."""
    config = {
        "hooks": {"afterthought": []},
        "linux": {
            "namespaces": [{"type": "weather"}],
            "seccomp": {"defaultAction": "SCMP_ACT_SHELVE", "architectures": ["VAX"], "flags": ["X"]},
            "memoryPolicy": {"mode": "MPOL_SHELF", "flags": ["MPOL_F_SHELF"]},
        },
    }
    features = {"hooks": [], "linux": {"namespaces": [], "seccomp": {"actions": [], "archs": [], "knownFlags": []}}}
    features["linux"]["memoryPolicy"] = {"modes": [], "flags": []}

    assert support.declines(config, features) is None


# --- the structure, member by member ---------------------------------------------------------------------------------


@pytest.mark.parametrize("document", [{}, {"linux": None}, {"linux": {}}, {"linux": {"seccomp": None}}])
def test_of_a_member_that_is_missing_or_null_nothing_is_known(document: dict[str, Any]):
    with pytest.raises(faults.Unjudged) as raised:
        Features(document).names("linux", "seccomp", "actions")

    assert raised.value.outcome == "declined"


def test_what_is_empty_or_false_is_known():
    features = Features({"hooks": [], "linux": {"cgroup": {"v1": False}, "hooks": 7}})

    assert (features.names("hooks"), features.says("linux", "cgroup", "v1")) == ([], False)


@pytest.mark.parametrize(
    "document", [{"linux": []}, {"linux": {"cgroup": "v1"}}, {"linux": {"cgroup": {"v1": "false"}}}]
)
def test_a_member_of_the_wrong_type_is_the_runtimes_fault(document: dict[str, Any]):
    with pytest.raises(faults.BadWords):
        Features(document).says("linux", "cgroup", "v1")


def test_names_are_tried_together_and_apart_where_that_fails():
    tried: list[list[str]] = []

    def takes(names: list[str]) -> bool:
        tried.append(names)
        return "bad" not in names

    assert not_taken(["a", "b", "c", "bad"], takes) == ["bad"]
    assert tried[0] == ["a", "b", "bad", "c"]
    assert not_taken([], takes) == not_taken(["a", "b"], takes) == []


# --- versions --------------------------------------------------------------------------------------------------------


def test_versions_come_in_the_order_of_semver_org():
    versions = "0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0"
    ranks = [semver.precedence(version) for version in versions.split()]

    assert all(former < latter for former, latter in pairwise(ranks))
    assert semver.precedence("1.1.0+dev") == semver.precedence("1.1.0")
    assert semver.release("1.2.1-dev+x") == (1, 2, 1)


@pytest.mark.parametrize("text", ["1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0\n", "", "1.٠.0"])
def test_what_is_no_version_is_none(text: str):
    assert not semver.is_version(text)
    with pytest.raises(ValueError):
        semver.precedence(text)


@pytest.mark.parametrize(
    ("oldest", "newest", "claimed"),
    [
        ("1.0.0", "1.2.1", "1.2.1"),
        ("1.2.1", "1.0.0", "1.2.1"),
        ("1.0.0", "1.3", "1.3"),
        (None, "1.2.0-rc.1", "1.2.0-rc.1"),
        ("1.0.0", None, "1.0.2"),
    ],
)
def test_a_runtime_claims_the_higher_of_its_versions(oldest: Any, newest: Any, claimed: str):
    """Or one that has mixed them up would be judged by a release that knows no features."""
    assert judged.claim({"ociVersionMin": oldest, "ociVersionMax": newest}, "spec: 1.0.2") == claimed
