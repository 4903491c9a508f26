"""Each rule on config-linux.md with documents that break it, and with some that only look so."""

import inspect
from typing import Any

import pytest

from bundles import contracts, validate
from bundles.rules import config_linux

from .documents import having


def findings(config: Any) -> list[tuple[str, str | None]]:
    return [(finding.pointer, finding.requirement) for finding in validate.findings(config)]


IDS = {"containerID": 9000, "hostID": 9000, "size": 1}
DEVICES = "/linux/netDevices"
LIMITS = "/linux/resources"
#: Rule → a place, its value, where that is found, and what it breaks.
BROKEN = {
    config_linux.namespaces: [
        ("/linux/namespaces/-", {"type": "ipc"}, "/linux/namespaces/8/type", "ns.ipc.duplicate"),
        ("/linux/namespaces/1/path", "netns/quay", "/linux/namespaces/1/path", "ns.path.absolute"),
    ],
    config_linux.time_offsets: [("/linux/timeOffsets/tai", {}, "/linux/timeOffsets/tai", "timeOffsets.clock.unknown")],
    config_linux.device_paths: [("/linux/devices/0/path", "lamp", "/linux/devices/0/path", "dev.path.full")],
    config_linux.device_places: [
        ("/linux/devices/1/path", "/dev/lamp", "/linux/devices/1/path", "dev.path.mismatch-error")
    ],
    config_linux.impossible_numbers: [
        ("/linux/devices/0/major", 4096, "/linux/devices/0/major", "dev.majmin.impossible"),
        ("/linux/devices/0/minor", -1, "/linux/devices/0/minor", "dev.majmin.impossible"),
    ],
    config_linux.rules_without_devices: [
        (f"{LIMITS}/devices/1/major", 4096, f"{LIMITS}/devices/1/major", "cgdev.majmin"),
        (f"{LIMITS}/devices/1/minor", -2, f"{LIMITS}/devices/1/minor", "cgdev.majmin"),
    ],
    config_linux.device_modes: [
        ("/linux/devices/0/fileMode", 666, "/linux/devices/0/fileMode", "dev.fileMode.decimal"),
        ("/linux/devices/0/fileMode", 0o20666, "/linux/devices/0/fileMode", "dev.fileMode"),
    ],
    config_linux.device_numbers: [("/linux/devices/1/type", "c", "/linux/devices/1", "dev.unique")],
    config_linux.network_devices: [
        (f"{DEVICES}/quay1/name", "pier0", f"{DEVICES}/quay1", "netdev.name.conflict"),
        (f"{DEVICES}/pier0", {}, f"{DEVICES}/pier0", "netdev.name.conflict"),
    ],
    config_linux.network_device_names: [
        *(
            (f"{DEVICES}/{name}", {"name": "pier9"}, f"{DEVICES}/{name}", "netdev.name.key")
            for name in ("", "a quay", "quay:1", "quay%d", "quay%", "..", "sixteen-letters-", "quay\n", "eight-ümläüts")
        ),
        *(
            (f"{DEVICES}/quay1/name", name, f"{DEVICES}/quay1/name", "netdev.possible")
            for name in (
                "",
                "a pier",
                "pier/1",
                "pier%",
                "p%der",
                "%d%d",
                ".",
                "sixteen-letters-",
                "à",
                "many-letters-%d1",
            )
        ),
    ],
    config_linux.cpu_burst: [("/linux/resources/cpu/quota", 4999, "/linux/resources/cpu/burst", "cpu.burst.le-quota")],
    config_linux.mapping_overlaps: [
        (
            "/linux/uidMappings/-",
            {"containerID": 99, "hostID": 9000, "size": 1},
            "/linux/uidMappings/1/containerID",
            "userns.overlap",
        ),
        (
            "/linux/gidMappings/-",
            {"containerID": 9000, "hostID": 1990, "size": 11},
            "/linux/gidMappings/1/hostID",
            "userns.overlap",
        ),
    ],
    config_linux.mapping_ends: [
        (
            "/linux/uidMappings/-",
            IDS | {"containerID": 2**32 - 1},
            "/linux/uidMappings/1/containerID",
            "userns.size.count",
        ),
        ("/linux/gidMappings/-", IDS | {"hostID": 2**32 - 1}, "/linux/gidMappings/1/hostID", "userns.size.count"),
    ],
    config_linux.mapping_sizes: [("/linux/gidMappings/0/size", 0, "/linux/gidMappings/0/size", "userns.size.zero")],
    config_linux.cgroups_path: [("/linux/cgroupsPath", "/quay\n1", "/linux/cgroupsPath", "cg.path.invalid")],
    config_linux.kernel_memory: [
        (f"{LIMITS}/memory/{name}", 1 << 20, f"{LIMITS}/memory/{name}", f"mem.{name}.not-recommended")
        for name in ("kernel", "kernelTCP")
    ],
    config_linux.cpu_lists: [
        (f"{LIMITS}/cpu/cpus", "0,3-1", f"{LIMITS}/cpu/cpus", "cpu.cpus.format"),
        (f"{LIMITS}/cpu/mems", f"{'9' * 5000}-1", f"{LIMITS}/cpu/mems", "cpu.mems.format"),
    ],
    config_linux.block_devices: [
        (
            f"{LIMITS}/blockIO/weightDevice/0/major",
            4096,
            f"{LIMITS}/blockIO/weightDevice/0/major",
            "blkio.device.nonexistent",
        ),
        (
            f"{LIMITS}/blockIO/throttleReadBpsDevice/0/minor",
            -1,
            f"{LIMITS}/blockIO/throttleReadBpsDevice/0/minor",
            "blkio.device.nonexistent",
        ),
    ],
    config_linux.page_sizes: [
        (f"{LIMITS}/hugepageLimits/0/pageSize", size, f"{LIMITS}/hugepageLimits/0/pageSize", "hugetlb.pageSize.format")
        for size in ("2048KB", "3MB")
    ],
    config_linux.priorities: [
        (
            f"{LIMITS}/network/priorities/0/name",
            name,
            f"{LIMITS}/network/priorities/0/name",
            "net.priorities.runtime-namespace",
        )
        for name in ("", "quay 1", "quay%d")
    ],
    config_linux.intel_rdt_class: [
        ("/linux/intelRdt/closID", name, "/linux/intelRdt/closID", "rdt.closID")
        for name in ("", "a/b", "/a", "..", "info", "a\n")
    ],
    config_linux.intel_rdt_monitoring: [
        (f"/linux/intelRdt/{name}", True, f"/linux/intelRdt/{name}", f"old.rdt.{name}")
        for name in ("enableCMT", "enableMBM")
    ],
    config_linux.seccomp_counsel: [
        ("/linux/seccomp/syscalls", [], "/linux/seccomp/syscalls", "seccomp.syscalls.empty"),
    ],
    config_linux.swap: [
        ("/linux/resources/memory/swap", 9999999, "/linux/resources/memory/swap", "mem.swap"),
    ],
    config_linux.unified: [
        ("/linux/resources/unified/a~1b", "1", "/linux/resources/unified/a~1b", "unified.files"),
        ("/linux/resources/unified/..", "1", "/linux/resources/unified/..", "unified.files"),
    ],
    config_linux.memory_policy_ranges: [
        ("/linux/memoryPolicy/nodes", "3-1", "/linux/memoryPolicy/nodes", "mempol.nodes.format"),
    ],
    config_linux.memory_policy_flags: [
        ("/linux/memoryPolicy/flags/-", "MPOL_F_RELATIVE_NODES", "/linux/memoryPolicy/flags", "mempol.flags.exclusive"),
    ],
    config_linux.seccomp_arguments: [
        (
            "/linux/seccomp/syscalls/1/args/0/index",
            6,
            "/linux/seccomp/syscalls/1/args/0/index",
            "seccomp.arg.index.place",
        ),
    ],
    config_linux.intel_rdt: [
        ("/linux/intelRdt/l3CacheSchema", "L2:0=f", "/linux/intelRdt/l3CacheSchema", "rdt.l3.prefix"),
        ("/linux/intelRdt/l3CacheSchema", "L3:0=f\n", "/linux/intelRdt/l3CacheSchema", "rdt.l3.no-newline"),
        ("/linux/intelRdt/memBwSchema", "MB:0=20\n", "/linux/intelRdt/memBwSchema", "rdt.mb.no-newline"),
    ],
    config_linux.memory_policy_nodes: [
        ("/linux/memoryPolicy/mode", "MPOL_LOCAL", "/linux/memoryPolicy/nodes", "mempol.nodes.by-mode"),
        ("/linux/memoryPolicy/nodes", "", "/linux/memoryPolicy/nodes", "mempol.nodes.by-mode"),
    ],
    config_linux.sysctl: [
        ("/linux/sysctl/vm.swappiness", "1", "/linux/sysctl/vm.swappiness", "sysctl.not-namespaced"),
        ("/linux/sysctl/fs.mqueue~1msg_max", "1", "/linux/sysctl/fs.mqueue~1msg_max", "sysctl.not-namespaced"),
        ("/linux/sysctl/fs~1mqueue.msg_max", "1", "/linux/sysctl/fs~1mqueue.msg_max", "sysctl.not-namespaced"),
        ("/linux/sysctl/net.~1~1.vm.swappiness", "1", "/linux/sysctl/net.~1~1.vm.swappiness", "sysctl.unknown"),
        ("/linux/sysctl/net~1..~1vm~1swappiness", "1", "/linux/sysctl/net~1..~1vm~1swappiness", "sysctl.unknown"),
    ],
    config_linux.seccomp_errno: [
        (
            "/linux/seccomp/defaultAction",
            "SCMP_ACT_LOG",
            "/linux/seccomp/defaultErrnoRet",
            "seccomp.defaultErrnoRet.unsupported",
        ),
        (
            "/linux/seccomp/syscalls/1/action",
            "SCMP_ACT_KILL",
            "/linux/seccomp/syscalls/1/errnoRet",
            "seccomp.errnoRet.unsupported",
        ),
        ("/linux/seccomp/defaultErrnoRet", 4096, "/linux/seccomp/defaultErrnoRet", "seccomp.defaultErrnoRet.applied"),
        ("/linux/seccomp/syscalls/1/errnoRet", 65536, "/linux/seccomp/syscalls/1/errnoRet", "seccomp.errnoRet.applied"),
    ],
    config_linux.masked_paths: [("/linux/maskedPaths/-", "proc", "/linux/maskedPaths/1", "masked.absolute")],
    config_linux.readonly_paths: [("/linux/readonlyPaths/-", "proc", "/linux/readonlyPaths/1", "readonly.absolute")],
}


@pytest.mark.parametrize(
    ("place", "value", "found", "requirement"), [case for cases in BROKEN.values() for case in cases]
)
def test_a_rule_is_broken(place, value, found, requirement):
    assert findings(having(place, value)) == [(found, requirement)]


#: What a rule might take for a fault, and is none.
SOUND = [
    ("/linux/uidMappings/-", IDS | {"hostID": 2**32 - 2}),
    ("/linux/devices/-", {"type": "u", "path": "/dev/lamp", "major": 1, "minor": 3}),
    ("/linux/devices/2/path", "/srv/another-tube"),
    ("/linux/devices/2/major", -1),
    (f"{LIMITS}/devices/1/minor", -1),
    (f"{DEVICES}/fifteen-letters", {}),
    (f"{DEVICES}/seven-ümläüt", {"name": "..."}),
    (f"{DEVICES}/quay4", {"name": "%d"}),
    ("/linux/cgroupsPath", ""),
    ("/linux/cgroupsPath", "quay:pier:lamp"),
    (f"{LIMITS}/memory/limit", -1),
    (f"{LIMITS}/memory/reservation", 1 << 40),
    (f"{LIMITS}/cpu/cpus", ""),
    (f"{LIMITS}/cpu/cpus", f"0-{'9' * 5000},007-8"),
    (f"{LIMITS}/cpu/quota", -1),
    (f"{LIMITS}/hugepageLimits/0/pageSize", "64KB"),
    ("/linux/intelRdt/closID", "info2"),
    ("/linux/memoryPolicy", {"mode": "MPOL_PREFERRED"}),
    ("/linux/sysctl/net~1ipv4~1conf~1quay.7~1forwarding", "1"),
    ("/linux/seccomp/syscalls/1/errnoRet", 65535),
]


@pytest.mark.parametrize(("place", "value"), SOUND)
def test_no_rule_is_broken(place: str, value: Any):
    assert findings(having(place, value)) == []


def test_devices_without_a_path_are_not_at_one_place():
    config = having("/linux/devices", [{"type": "p"}, {"type": "c", "major": 1, "minor": 3}])

    assert [requirement for _, requirement in findings(config)] == ["dev.path.required"] * 2


def test_every_rule_is_broken_by_something():
    """But for those about namespaces that are missing, and about older versions."""
    elsewhere = {config_linux.user_mappings, config_linux.pids_limit}
    rules = {rule for _, rule in inspect.getmembers(config_linux, inspect.isfunction)}

    assert {rule for rule in rules if rule.__module__ == config_linux.__name__} == BROKEN.keys() | elsewhere


@pytest.mark.parametrize("kind", ["network", "a network"])
def test_a_namespace_that_is_joined_may_have_no_loopback(kind: str):
    config = having("/linux/netDevices/quay1/name", "lo")
    entry = next(entry for entry in config["linux"]["namespaces"] if entry["type"] == "network")
    entry.pop("path", None)
    entry |= {"path": "/run/netns/quay"} if kind == "a network" else {}

    assert [requirement for _, requirement in findings(config)] == ["netdev.name.conflict"] * (kind == "network")


@pytest.mark.parametrize(
    ("version", "place", "value", "count"),
    [
        ("1.0.2", "/linux/resources/memory/kernel", 1 << 20, 0),
        ("1.1.0", "/linux/resources/memory/kernel", 1 << 20, 1),
        ("1.2.1", "/linux/intelRdt/enableCMT", True, 0),
        ("1.3.0", "/linux/intelRdt/enableCMT", True, 1),
    ],
)
def test_counsel_is_as_old_as_the_text(version: str, place: str, value: Any, count: int):
    config: dict[str, Any] = contracts.ordinary() | {"ociVersion": version}
    *owners, name = place.strip("/").split("/")
    holder: Any = config
    for owner in owners:
        holder = holder.setdefault(owner, {})
    holder[name] = value

    assert len(findings(config)) == count


def test_a_call_that_nobody_is_told_of_is_mentioned():
    config = contracts.ordinary()
    config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW"}
    config["linux"]["seccomp"]["syscalls"] = [{"names": ["mount"], "action": "SCMP_ACT_NOTIFY"}]

    assert findings(config) == [("/linux/seccomp/listenerPath", "seccomp.listener.path")]
