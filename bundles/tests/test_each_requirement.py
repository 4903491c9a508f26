"""Each requirement that a rule speaks for, with a document that breaks it; the one it is made from breaks none."""

import ast
import inspect
import re
from typing import Any

import pytest

from bundles import patch, validate
from bundles.rules import bundle, config, config_linux, schema

from .documents import sample

#: A member that is taken away.
GONE: Any = object()
#: A place and the value that it gets, or GONE; one pair for each step to the broken document.
Steps = list[tuple[str, Any]]


def without(place: str) -> Steps:
    return [(place, GONE)]


def without_namespace(kind: str) -> Steps:
    kinds = ("pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time")
    return without(f"/linux/namespaces/{kinds.index(kind)}")


THROTTLE = "/linux/resources/blockIO/{}"
KERNEL = "/linux/resources/memory/{}"
IMAGE = "/annotations/org.opencontainers.image.{}"
BROKEN: dict[str, Steps] = {
    # bundle.md, config.md
    "cfg.ociVersion.required": without("/ociVersion"),
    "cfg.ociVersion.semver": [("/ociVersion", "v1.3.0")],
    "root.required": without("/root"),
    "root.path.required": without("/root/path"),
    "root.path.conventional": [("/root/path", "ship")],
    "mounts.destination.required": without("/mounts/0/destination"),
    "mounts.destination.absolute": [("/mounts/0/destination", "proc")],
    "mounts.uidMappings.paired": without("/mounts/1/gidMappings"),
    "mounts.gidMappings.paired": without("/mounts/1/uidMappings"),
    "mounts.uidMappings.with-idmap-option": [("/mounts/1/options", ["rbind"])],
    "mntopt.idmap.no-userns-error": [("/mounts/2/options", ["idmap"]), *without_namespace("user")],
    "mntopt.ridmap.no-userns-error": without_namespace("user"),
    "proc.required-at-start": without("/process"),
    "proc.cwd.required": without("/process/cwd"),
    "proc.cwd.absolute": [("/process/cwd", "srv")],
    "proc.args.required": [("/process/args", [])],
    "proc.env.semantics": [("/process/env/0", "LAMP")],
    "proc.consoleSize.height": without("/process/consoleSize/height"),
    "proc.consoleSize.width": without("/process/consoleSize/width"),
    "user.uid.required": without("/process/user/uid"),
    "user.gid.required": without("/process/user/gid"),
    "rlimits.type.required": without("/process/rlimits/0/type"),
    "rlimits.type.unmappable": [("/process/rlimits/1/type", "RLIMIT_TIDE")],
    "rlimits.soft.required": without("/process/rlimits/0/soft"),
    "rlimits.hard.required": without("/process/rlimits/0/hard"),
    "rlimits.hard.ceiling": [("/process/rlimits/0/soft", 129)],
    "rlimits.duplicate": [("/process/rlimits/1/type", "RLIMIT_NOFILE")],
    "caps.unmappable-warn": [("/process/capabilities/bounding/0", "CAP_TIDE")],
    "sched.policy.required": without("/process/scheduler/policy"),
    "sched.policy.unknown": [("/process/scheduler/policy", "SCHED_LOTTERY")],
    "sched.flag.unknown": [("/process/scheduler/flags/0", "SCHED_FLAG_TIDE")],
    "sched.nice.range": [("/process/scheduler/nice", 20)],
    "ioprio.class.required": without("/process/ioPriority/class"),
    "ioprio.priority.required": without("/process/ioPriority/priority"),
    "ioprio.priority.range": [("/process/ioPriority/priority", -1)],
    "execaff.format": [("/process/execCPUAffinity/initial", "0,")],
    "hostname.in-uts-ns": without_namespace("uts"),
    "domainname.in-uts-ns": without_namespace("uts"),
    "hooks.path.required": without("/hooks/prestart/0/path"),
    "hooks.timeout.positive": [("/hooks/createRuntime/0/timeout", 0)],
    **{f"hooks.{kind}.path-absolute": [(f"/hooks/{kind}/0/path", "hook")] for kind in config.HOOKS},
    "annot.map": [("/annotations", [])],
    "annot.value.string": [("/annotations/example.harbour.keeper", 3)],
    "annot.key.nonempty": [("/annotations/", "")],
    "annot.key.reserved": [("/annotations/org.opencontainers.tide", "")],
    "annot.key.reverse-domain": [("/annotations/tide", "")],
    **{f"annot.image.{name}": [(IMAGE.format(name), "two words")] for name in config.IMAGE_VALUES},
    "valid.error": [("/process/terminal", "no")],
    # config-linux.md
    "ns.array": [("/linux/namespaces", {"type": "pid"})],
    "ns.type.required": without("/linux/namespaces/0/type"),
    "ns.type.unknown": [("/linux/namespaces/0/type", "tide")],
    "ns.path.absolute": [("/linux/namespaces/1/path", "netns/quay")],
    **{
        f"ns.{kind}.duplicate": [("/linux/namespaces/-", {"type": kind})]
        for kind in ("pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time")
    },
    **{f"userns.{name}": without(f"/linux/uidMappings/0/{name}") for name in ("containerID", "hostID", "size")},
    "userns.without-ns": without_namespace("user"),
    "userns.size.zero": [("/linux/gidMappings/0/size", 0)],
    "userns.size.count": [("/linux/uidMappings/0/size", 2**32 - 1)],
    "userns.overlap": [("/linux/uidMappings/-", {"containerID": 100, "hostID": 1099, "size": 1})],
    "timeOffsets.without-ns": without_namespace("time"),
    "timeOffsets.clock.unknown": [("/linux/timeOffsets/tai", {})],
    "dev.type.required": without("/linux/devices/0/type"),
    "dev.path.required": without("/linux/devices/0/path"),
    "dev.path.full": [("/linux/devices/0/path", "lamp")],
    "dev.path.mismatch-error": [("/linux/devices/1/path", "/dev/lamp")],
    "dev.majmin.impossible": [("/linux/devices/0/major", 4096)],
    "cgdev.majmin": [("/linux/resources/devices/1/major", 4096)],
    "dev.majmin.required": without("/linux/devices/0/major"),
    "dev.fileMode": [("/linux/devices/0/fileMode", 0o20666)],
    "dev.fileMode.decimal": [("/linux/devices/0/fileMode", 666)],
    "dev.unique": [("/linux/devices/1/type", "c")],
    "netdev.available": without_namespace("network"),
    "netdev.name.key": [("/linux/netDevices/a name", {})],
    "netdev.name.conflict": [("/linux/netDevices/quay1/name", "pier0")],
    "netdev.possible": [("/linux/netDevices/quay1/name", "a pier")],
    "cg.path.invalid": [("/linux/cgroupsPath", "quay\n")],
    "cgdev.allow.required": without("/linux/resources/devices/0/allow"),
    "cgdev.type.unknown": [("/linux/resources/devices/1/type", "u")],
    "cgdev.access.composed": [("/linux/resources/devices/1/access", "rx")],
    "mem.swap": [("/linux/resources/memory/swap", 9999999)],
    "mem.swappiness.range": [("/linux/resources/memory/swappiness", 101)],
    **{f"mem.{name}.not-recommended": [(KERNEL.format(name), 1 << 20)] for name in ("kernel", "kernelTCP")},
    "cpu.cpus.format": [("/linux/resources/cpu/cpus", "0-")],
    "cpu.mems.format": [("/linux/resources/cpu/mems", "all")],
    "cpu.burst.le-quota": [("/linux/resources/cpu/quota", 4999)],
    "cpu.idle.unknown": [("/linux/resources/cpu/idle", 2)],
    "blkio.weightDevice.majmin": without("/linux/resources/blockIO/weightDevice/0/minor"),
    "blkio.weightDevice.one-of": without("/linux/resources/blockIO/weightDevice/0/leafWeight"),
    **{f"blkio.{name}.majmin": [(THROTTLE.format(name), [{"major": 8, "rate": 9}])] for name in schema.THROTTLES},
    **{f"blkio.{name}.rate": [(THROTTLE.format(name), [{"major": 8, "minor": 0}])] for name in schema.THROTTLES},
    "blkio.device.nonexistent": [("/linux/resources/blockIO/weightDevice/0/major", 4096)],
    "hugetlb.pageSize.required": without("/linux/resources/hugepageLimits/0/pageSize"),
    "hugetlb.pageSize.format": [("/linux/resources/hugepageLimits/0/pageSize", "2M")],
    "hugetlb.limit.required": without("/linux/resources/hugepageLimits/0/limit"),
    "net.priorities.name": without("/linux/resources/network/priorities/0/name"),
    "net.priorities.runtime-namespace": [("/linux/resources/network/priorities/0/name", "a quay")],
    "net.priorities.priority": without("/linux/resources/network/priorities/0/priority"),
    "old.pids.limit.required": [("/ociVersion", "1.2.1"), *without("/linux/resources/pids/limit")],
    "rdma.one-of": without("/linux/resources/rdma/mlx5_0/hcaHandles"),
    "unified.files": [("/linux/resources/unified/..~1memory.high", "max")],
    "rdt.closID": [("/linux/intelRdt/closID", "a/b")],
    "old.rdt.enableCMT": [("/linux/intelRdt/enableCMT", True)],
    "old.rdt.enableMBM": [("/linux/intelRdt/enableMBM", False)],
    "rdt.mb.prefix": [("/linux/intelRdt/memBwSchema", "MB0=20")],
    "rdt.l3.prefix": [("/linux/intelRdt/l3CacheSchema", "L2:0=f")],
    "rdt.l3.no-newline": [("/linux/intelRdt/l3CacheSchema", "L3:0=f\n")],
    "rdt.mb.no-newline": [("/linux/intelRdt/memBwSchema", "MB:0=20\nL3:0=f")],
    "rdt.schemata.no-newline": [("/linux/intelRdt/schemata/0", "L2:0=f\nL3:0=f")],
    "mempol.mode.required": without("/linux/memoryPolicy/mode"),
    "mempol.mode.unknown": [("/linux/memoryPolicy/mode", "MPOL_NEAREST")],
    "mempol.flag.unknown": [("/linux/memoryPolicy/flags/0", "MPOL_F_TIDE")],
    "mempol.flags.exclusive": [("/linux/memoryPolicy/flags/-", "MPOL_F_RELATIVE_NODES")],
    "mempol.nodes.format": [("/linux/memoryPolicy/nodes", "0,")],
    "mempol.nodes.by-mode": [("/linux/memoryPolicy/mode", "MPOL_LOCAL")],
    "sysctl.unknown": [("/linux/sysctl/net~1..~1vm~1swappiness", "1")],
    "sysctl.not-namespaced": [("/linux/sysctl/vm.swappiness", "1")],
    "seccomp.defaultAction.required": without("/linux/seccomp/defaultAction"),
    "seccomp.defaultErrnoRet.applied": [("/linux/seccomp/defaultErrnoRet", 4096)],
    "seccomp.errnoRet.applied": [("/linux/seccomp/syscalls/1/errnoRet", 65536)],
    "seccomp.syscalls.empty": without("/linux/seccomp/syscalls"),
    "seccomp.listener.path": [
        ("/linux/seccomp/syscalls/0/action", "SCMP_ACT_NOTIFY"),
        *without("/linux/seccomp/listenerPath"),
    ],
    "seccomp.defaultErrnoRet.unsupported": [("/linux/seccomp/defaultAction", "SCMP_ACT_LOG")],
    "seccomp.string-values": [("/linux/seccomp/defaultAction", "ALLOW")],
    "seccomp.arch.unknown": [("/linux/seccomp/architectures/0", "SCMP_ARCH_VAX")],
    "seccomp.flag.unknown": [("/linux/seccomp/flags/0", "SECCOMP_FILTER_FLAG_DIM")],
    "seccomp.action.unknown": [("/linux/seccomp/syscalls/0/action", "ALLOW")],
    "seccomp.op.unknown": [("/linux/seccomp/syscalls/1/args/0/op", "EQ")],
    "seccomp.names.nonempty": [("/linux/seccomp/syscalls/0/names", [])],
    "seccomp.listener.metadata-alone": without("/linux/seccomp/listenerPath"),
    "seccomp.names.required": without("/linux/seccomp/syscalls/0/names"),
    "seccomp.action.required": without("/linux/seccomp/syscalls/0/action"),
    "seccomp.errnoRet.unsupported": [("/linux/seccomp/syscalls/1/action", "SCMP_ACT_KILL")],
    **{f"seccomp.arg.{name}": without(f"/linux/seccomp/syscalls/1/args/0/{name}") for name in ("index", "value")},
    "seccomp.arg.index.place": [("/linux/seccomp/syscalls/1/args/0/index", 6)],
    "seccomp.arg.op.required": without("/linux/seccomp/syscalls/1/args/0/op"),
    "rootprop.values": [("/linux/rootfsPropagation", "rslave")],
    "masked.absolute": [("/linux/maskedPaths/0", "proc/kcore")],
    "readonly.absolute": [("/linux/readonlyPaths/0", "proc/sys")],
    "personality.domain.required": without("/linux/personality/domain"),
    "personality.domain.unknown": [("/linux/personality/domain", "BSD")],
    "personality.flags.none": [("/linux/personality/flags", ["ADDR_NO_RANDOMIZE"])],
}
#: What a document alone does not show: broken elsewhere, with a bundle around it or as it was written.
ELSEWHERE = {"root.path.exists", "bundle.colocated", "json.no-duplicate-names"}


def document(steps: Steps) -> Any:
    """What becomes of the sample; a member that is not there yet is added."""
    found = sample("everything.json")
    for place, value in steps:
        name = "remove" if value is GONE else "replace" if place[-1].isdigit() else "add"
        found = patch.apply(found, [{"op": name, "path": place, **({} if value is GONE else {"value": value})}])
    return found


@pytest.mark.parametrize("requirement", BROKEN)
def test_a_document_that_breaks_it_has_that_finding_at_one_level(requirement):
    found = validate.findings(document(BROKEN[requirement]))

    levels = {finding.level for finding in found if finding.requirement == requirement}
    assert len(levels) == 1
    assert levels < {"MUST", "MUST NOT", "DEFINED", "SHOULD", "SHOULD NOT", "NOTE"}


def test_a_document_that_keeps_all_has_no_finding():
    assert validate.findings(document([])) == []


# --- none is left out ------------------------------------------------------------------------------------------------

ID = re.compile(r"(?!kernel\.|os\.|org\.)[a-z{][A-Za-z0-9{}]*(\.[A-Za-z{}][\w{}-]*)+")


def declared() -> set[str]:
    """The requirements that the rules name; a part that is data in braces."""
    names = set(schema.REQUIREMENTS.values())
    for module in (config, config_linux, bundle, validate):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.JoinedStr):
                names.add("".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
    return {name for name in names if ID.fullmatch(name) and not name.endswith(".md")}


def test_every_requirement_that_a_rule_names_is_broken_here():
    known = {*BROKEN, *ELSEWHERE}
    patterns = {name: re.escape(name).replace(r"\{\}", r"[\w.]+") for name in declared()}

    assert [name for name, form in patterns.items() if not any(re.fullmatch(form, each) for each in known)] == []
    assert [each for each in known if not any(re.fullmatch(form, each) for form in patterns.values())] == []
