"""Each rule with a document that breaks it; the one it was made from keeps them all."""

import json
import pathlib
from typing import Any

import pytest

from bundles import contracts, document, validate
from bundles.rules import config

from .documents import having, sample, without


def findings(config: Any) -> list[tuple[str, str | None]]:
    return [(finding.pointer, finding.requirement) for finding in validate.findings(config)]


@pytest.mark.parametrize("config", [sample("everything.json"), contracts.ordinary()])
def test_a_good_config_has_no_findings(config):
    assert validate.findings(config) == []


REQUIRED = {
    "/ociVersion": "cfg.ociVersion.required",
    "/root": "root.required",
    "/root/path": "root.path.required",
    "/mounts/0/destination": "mounts.destination.required",
    "/process/cwd": "proc.cwd.required",
    "/process/args": "proc.args.required",
    "/process/consoleSize/height": "proc.consoleSize.height",
    "/process/consoleSize/width": "proc.consoleSize.width",
    "/process/user/uid": "user.uid.required",
    "/process/user/gid": "user.gid.required",
    "/process/rlimits/0/type": "rlimits.type.required",
    "/process/rlimits/0/soft": "rlimits.soft.required",
    "/process/rlimits/0/hard": "rlimits.hard.required",
    "/process/scheduler/policy": "sched.policy.required",
    "/process/ioPriority/class": "ioprio.class.required",
    "/process/ioPriority/priority": "ioprio.priority.required",
    "/hooks/prestart/0/path": "hooks.path.required",
    "/hooks/poststop/0/path": "hooks.path.required",
    "/linux/namespaces/0/type": "ns.type.required",
    "/linux/devices/0/type": "dev.type.required",
    "/linux/devices/0/path": "dev.path.required",
    "/linux/devices/0/major": "dev.majmin.required",
    "/linux/devices/1/minor": "dev.majmin.required",
    "/linux/uidMappings/0/size": "userns.size",
    "/linux/resources/devices/0/allow": "cgdev.allow.required",
    "/linux/resources/hugepageLimits/0/pageSize": "hugetlb.pageSize.required",
    "/linux/resources/hugepageLimits/0/limit": "hugetlb.limit.required",
    "/linux/memoryPolicy/mode": "mempol.mode.required",
    "/linux/seccomp/syscalls/0/names": "seccomp.names.required",
    "/linux/seccomp/syscalls/0/action": "seccomp.action.required",
    "/linux/seccomp/syscalls/1/args/0/index": "seccomp.arg.index",
    "/linux/seccomp/syscalls/1/args/0/value": "seccomp.arg.value",
    "/linux/seccomp/syscalls/1/args/0/op": "seccomp.arg.op.required",
    "/linux/personality/domain": "personality.domain.required",
}


@pytest.mark.parametrize(("place", "requirement"), REQUIRED.items())
def test_a_required_property_is_missing(place, requirement):
    assert findings(without(place)) == [(place, requirement)]


def test_a_seccomp_section_has_no_default_action():
    config = without("/linux/seccomp/defaultErrnoRet")
    del config["linux"]["seccomp"]["defaultAction"]

    assert findings(config) == [("/linux/seccomp/defaultAction", "seccomp.defaultAction.required")]


WRONG = [
    ("/ociVersion", "1.3", "cfg.ociVersion.semver"),
    ("/ociVersion", "01.3.0", "cfg.ociVersion.semver"),
    ("/root/readonly", "yes", "valid.error"),
    ("/root/path", "", "valid.error"),
    ("/mounts", {}, "valid.error"),
    ("/process/args", [], "proc.args.required"),
    ("/process/user/uid", -1, "valid.error"),
    ("/process/user/additionalGids/0", 2**32, "valid.error"),
    ("/process/terminal", 1, "valid.error"),
    ("/process/scheduler/policy", "SCHED_LOTTERY", "sched.policy.unknown"),
    ("/process/ioPriority/priority", 8, "ioprio.priority.range"),
    ("/process/execCPUAffinity/final", "1-", "execaff.format"),
    ("/process/capabilities", ["CAP_KILL"], "valid.error"),
    ("/hooks/createRuntime/0/timeout", 0, "hooks.timeout.positive"),
    ("/annotations", [], "annot.map"),
    ("/annotations/example.harbour.keeper", 3, "annot.value.string"),
    ("/linux/namespaces/0/type", "tide", "ns.type.unknown"),
    ("/linux/devices/0/type", "x", "valid.error"),
    ("/linux/rootfsPropagation", "rslave", "rootprop.values"),
    ("/linux/personality/domain", "BSD", "personality.domain.unknown"),
    ("/linux/resources/devices/1/type", "u", "cgdev.type.unknown"),
    ("/linux/memoryPolicy/flags/0", "MPOL_F_TIDE", "mempol.flag.unknown"),
    ("/linux/seccomp/syscalls/0/action", "ALLOW", "seccomp.action.unknown"),
    ("/linux/seccomp/syscalls/1/args/0/op", "EQ", "seccomp.op.unknown"),
    ("/linux/personality/flags", ["ADDR_NO_RANDOMIZE"], "personality.flags.none"),
    ("/linux/memoryPolicy/mode", "MPOL_NEAREST", "mempol.mode.unknown"),
    ("/linux/intelRdt/memBwSchema", "MB0=20", "rdt.mb.prefix"),
    ("/linux/intelRdt/schemata/0", "L2:0=f\nL3:0=f", "rdt.schemata.no-newline"),
    ("/linux/resources/memory/swappiness", 101, "mem.swappiness.range"),
    ("/linux/resources/memory/limit", -2, "valid.error"),
    ("/linux/resources/cpu/idle", 2, "cpu.idle.unknown"),
    ("/linux/resources/cpu/cpus", "0,,1", "cpu.cpus.format"),
    ("/linux/resources/devices/1/access", "rx", "cgdev.access.composed"),
    ("/linux/resources/hugepageLimits/0/pageSize", "2 MB", "hugetlb.pageSize.format"),
    ("/linux/resources/unified/memory.high", 5, "valid.error"),
    ("/linux/seccomp/syscalls/0/names", [], "seccomp.names.nonempty"),
    ("/process/oomScoreAdj", 1.0, "valid.error"),
    ("/hostname", "light\0house", "valid.error"),
    ("/process/execCPUAffinity/initial", "2-0", "execaff.format"),
    ("/linux/resources/cpu/mems", "1-0", "cpu.mems.format"),
    ("/linux/uidMappings/0/size", 0, "userns.size.zero"),
    ("/mounts/1/gidMappings/0/size", 0, "valid.error"),
    ("/linux/seccomp/architectures/0", "SCMP_ARCH_VAX", "seccomp.arch.unknown"),
    ("/linux/seccomp/flags/0", "SECCOMP_FILTER_FLAG_DIM", "seccomp.flag.unknown"),
]


@pytest.mark.parametrize(("place", "value", "requirement"), WRONG)
def test_a_value_is_invalid(place, value, requirement):
    assert findings(having(place, value)) == [(place, requirement)]


@pytest.mark.parametrize(
    ("config", "place", "requirement"),
    [
        (without("/mounts/1/gidMappings"), "/mounts/1/uidMappings", "mounts.uidMappings.paired"),
        (without("/mounts/1/uidMappings"), "/mounts/1/gidMappings", "mounts.gidMappings.paired"),
        (
            without("/linux/resources/blockIO/weightDevice/0/leafWeight"),
            "/linux/resources/blockIO/weightDevice/0",
            "blkio.weightDevice.one-of",
        ),
        (without("/linux/resources/rdma/mlx5_0/hcaHandles"), "/linux/resources/rdma/mlx5_0", "rdma.one-of"),
        (without("/linux/seccomp/listenerPath"), "/linux/seccomp/listenerMetadata", "seccomp.listener.metadata-alone"),
        (having("/annotations/", "nothing"), "/annotations", "annot.key.nonempty"),
    ],
)
def test_properties_do_not_go_together(config, place, requirement):
    assert findings(config) == [(place, requirement)]


OF_RULES = {
    config.root_path: [("/root/path", "ship", "/root/path", "root.path.conventional")],
    config.mount_destinations: [
        ("/mounts/0/destination", "proc", "/mounts/0/destination", "mounts.destination.absolute")
    ],
    config.mount_mappings: [
        ("/mounts/1/options", ["rbind"], "/mounts/1/uidMappings", "mounts.uidMappings.with-idmap-option"),
    ],
    config.cwd: [("/process/cwd", "srv", "/process/cwd", "proc.cwd.absolute")],
    config.environment: [
        ("/process/env/0", "LAMP", "/process/env/0", "proc.env.semantics"),
        ("/process/env/1", "=HORN", "/process/env/1", "proc.env.semantics"),
    ],
    config.rlimits: [
        ("/process/rlimits/1/type", "RLIMIT_NOFILE", "/process/rlimits/1/type", "rlimits.duplicate"),
        ("/process/rlimits/1/type", "RLIMIT_TIDE", "/process/rlimits/1/type", "rlimits.type.unmappable"),
        ("/process/rlimits/0/soft", 129, "/process/rlimits/0/soft", "rlimits.hard.ceiling"),
    ],
    config.capabilities: [
        ("/process/capabilities/bounding/0", "CAP_TIDE", "/process/capabilities/bounding/0", "caps.unmappable-warn")
    ],
    config.capability_sets: [
        ("/process/capabilities/inheritable", [], "/process/capabilities/ambient", None),
        ("/process/capabilities/effective/-", "CAP_SYSLOG", "/process/capabilities/effective", None),
    ],
    config.hook_paths: [
        (f"/hooks/{kind}/0/path", "hook", f"/hooks/{kind}/0/path", f"hooks.{kind}.path-absolute")
        for kind in config.HOOKS
    ],
    config.annotations: [
        ("/annotations/org.opencontainers.tide", "", "/annotations/org.opencontainers.tide", "annot.key.reserved"),
        ("/annotations/tide", "", "/annotations/tide", "annot.key.reverse-domain"),
    ],
}


@pytest.mark.parametrize(
    ("place", "value", "found", "requirement"), [case for cases in OF_RULES.values() for case in cases]
)
def test_a_rule_is_broken(place, value, found, requirement):
    assert findings(having(place, value)) == [(found, requirement)]


#: What is wrong once a namespace is not there.
MISSED = {
    "user": [
        ("/mounts/2/options", "mntopt.ridmap.no-userns-error"),
        ("/linux/uidMappings", "userns.without-ns"),
        ("/linux/gidMappings", "userns.without-ns"),
    ],
    "time": [("/linux/timeOffsets", "timeOffsets.without-ns")],
    "network": [
        ("/linux/netDevices", "netdev.available"),
        ("/linux/sysctl/net.ipv4.ip_forward", "sysctl.not-namespaced"),
        ("/linux/sysctl/net~1core~1somaxconn", "sysctl.not-namespaced"),
    ],
    "ipc": [("/linux/sysctl/kernel.shmmax", "sysctl.not-namespaced")],
    "uts": [
        ("/hostname", "hostname.in-uts-ns"),
        ("/domainname", "domainname.in-uts-ns"),
        ("/linux/sysctl/kernel.domainname", "sysctl.not-namespaced"),
    ],
}


@pytest.mark.parametrize("kind", MISSED)
def test_a_namespace_is_missing(kind):
    document = sample("everything.json")
    document["linux"]["namespaces"] = [entry for entry in document["linux"]["namespaces"] if entry["type"] != kind]

    assert sorted(findings(document)) == sorted(MISSED[kind])


@pytest.mark.parametrize(("version", "level"), [("1.0.0", "MUST"), ("1.1.0", "MUST"), ("1.2.0", "SHOULD")])
def test_a_relative_destination_is_judged_by_version(version, level):
    config = contracts.ordinary() | {"ociVersion": version}
    config["mounts"][0]["destination"] = "proc"

    assert [finding.level for finding in validate.findings(config)] == [level]


@pytest.mark.parametrize(("version", "places"), [("1.2.1", ["/linux/resources/pids/limit"]), ("1.3.0", [])])
def test_a_limit_of_tasks_is_required_by_version(version, places):
    config = contracts.ordinary() | {"ociVersion": version}
    config["linux"]["resources"]["pids"] = {}

    assert [finding.pointer for finding in validate.findings(config)] == places


@pytest.mark.parametrize(("version", "count"), [("1.1.0", 0), ("1.2.0", 1)])
def test_a_reserved_annotation_is_judged_by_version(version, count):
    config = contracts.ordinary() | {"ociVersion": version, "annotations": {"org.opencontainers.tide": ""}}

    assert len(validate.findings(config)) == count


def test_a_version_may_have_any_number_of_digits():
    config = contracts.ordinary() | {"ociVersion": f"1.{'9' * 5000}.0"}

    assert validate.findings(config) == []


def test_a_finding_is_one_line_whatever_the_names():
    config = contracts.ordinary() | {"annotations": {"a\n\x1b\ud800": ""}}

    (finding,) = validate.findings(config)

    assert str(finding).isprintable()


@pytest.mark.parametrize("value", [None, [], "text", 3, True])
def test_a_document_that_is_no_object_has_one_finding(value):
    assert findings(value) == [("", "valid.error")]


@pytest.mark.parametrize("value", [None, [], {}, "text", 3, True, [None], [[]], [{}], ["text"], [3]])
def test_no_value_anywhere_stops_the_rules(value):
    """Each value of a config is exchanged for another: findings come, never an exception."""
    for place in _places(sample("everything.json"), ""):
        validate.findings(having(place, value))


def _places(value: Any, place: str) -> list[str]:
    below = [
        _places(child, f"{place}/{str(part).replace('~', '~0').replace('/', '~1')}")
        for part, child in document.children(value)
    ]
    return [here for places in below for here in places] + ([place] if place.count("/") in {1, 2, 3} else [])


def test_a_name_given_twice_is_found(tmp_path: pathlib.Path):
    text = json.dumps(contracts.ordinary()).replace('"cwd": "/"', '"cwd": "/", "cwd": "/tmp"')
    (tmp_path / "config.json").write_text(text)

    found = validate.findings(document.read(tmp_path / "config.json"))

    assert [(finding.pointer, finding.level) for finding in found] == [("/process/cwd", "MUST NOT")]
