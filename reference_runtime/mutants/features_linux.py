# pyright: basic, reportPrivateUsage=false
"""features-linux.md"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import errors
from .features import leaving_out, listing, saying, telling, where_seen, without_member
from .ways import Change, Mutants, reading


def passing_over(*path: str) -> Change:
    """Part of the config is not looked at."""

    def change(config: Any) -> None:
        *parents, name = path
        for parent in parents:
            config = config.get(parent, {})
        config.pop(name, None)

    return reading(change)


def without_namespaces(*types: str) -> Change:
    def change(config: Any) -> None:
        entries = config.get("linux", {}).get("namespaces", [])
        entries[:] = [entry for entry in entries if entry["type"] not in types]

    return reading(change)


def without_capabilities(*names: str) -> Change:
    def change(config: Any) -> None:
        for listed in config.get("process", {}).get("capabilities", {}).values():
            listed[:] = [name for name in listed if name not in names]

    return reading(change)


def not_knowing(name: str) -> Change:
    """A filter with this name in it is refused."""

    def change(config: Any) -> None:
        if f"'{name}'" in repr(config["linux"].get("seccomp")):
            raise errors.InvalidConfig("linux.seccomp", f"unknown: {name}")

    return reading(change)


def with_flag(name: str) -> Callable[[Any], None]:
    """It is said to be known and supported."""

    def change(document: Any) -> None:
        for names in ("knownFlags", "supportedFlags"):
            document["linux"]["seccomp"][names].append(name)

    return change


MUTANTS: Mutants = {
    "feat.linux.namespaces": [listing("linux.namespaces", "weather"), without_namespaces("cgroup")],
    "feat.linux.namespaces.complete": [leaving_out("linux.namespaces", "uts", "user")],
    "feat.linux.capabilities": [listing("linux.capabilities", "CAP_SHELF"), without_capabilities("CAP_SETFCAP")],
    "feat.linux.capabilities.complete": [leaving_out("linux.capabilities", "CAP_KILL", "CAP_CHOWN")],
    "feat.linux.cgroup": [where_seen("linux.cgroup", {"v1": True})],
    "feat.linux.cgroup.v1": [saying("linux.cgroup.v1", False), passing_over("linux", "resources", "pids")],
    "feat.linux.cgroup.v2": [saying("linux.cgroup.v2", False), passing_over("linux", "resources", "pids")],
    "feat.linux.cgroup.rdma": [saying("linux.cgroup.rdma", False), passing_over("linux", "resources", "rdma")],
    "feat.linux.seccomp": [where_seen("linux.seccomp.enabled", False, "/proc/sys/kernel")],
    "feat.linux.seccomp.enabled": [saying("linux.seccomp.enabled", False), passing_over("linux", "seccomp")],
    "feat.linux.seccomp.actions": [listing("linux.seccomp.actions", "SCMP_ACT_SHELVE"), not_knowing("SCMP_ACT_TRACE")],
    "feat.linux.seccomp.actions.complete": [leaving_out("linux.seccomp.actions", "SCMP_ACT_NOTIFY")],
    "feat.linux.seccomp.operators": [
        listing("linux.seccomp.operators", "SCMP_CMP_NEAR"),
        not_knowing("SCMP_CMP_MASKED_EQ"),
    ],
    "feat.linux.seccomp.operators.complete": [leaving_out("linux.seccomp.operators", "SCMP_CMP_LE")],
    "feat.linux.seccomp.archs": [listing("linux.seccomp.archs", "SCMP_ARCH_VAX"), not_knowing("SCMP_ARCH_ARM")],
    "feat.linux.seccomp.archs.complete": [leaving_out("linux.seccomp.archs", "SCMP_ARCH_X86")],
    "feat.linux.seccomp.knownFlags": [
        telling(with_flag("SECCOMP_FILTER_FLAG_SHELVE")),
        not_knowing("SECCOMP_FILTER_FLAG_LOG"),
    ],
    "feat.linux.seccomp.knownFlags.complete": [leaving_out("linux.seccomp.knownFlags", "SECCOMP_FILTER_FLAG_LOG")],
    "feat.linux.seccomp.supportedFlags": [
        listing("linux.seccomp.supportedFlags", "SECCOMP_FILTER_FLAG_SHELVE"),
        not_knowing("SECCOMP_FILTER_FLAG_TSYNC"),
    ],
    "feat.linux.seccomp.supportedFlags.complete": [
        leaving_out("linux.seccomp.supportedFlags", "SECCOMP_FILTER_FLAG_SPEC_ALLOW")
    ],
    "feat.linux.seccomp.subset": [leaving_out("linux.seccomp.knownFlags", "SECCOMP_FILTER_FLAG_TSYNC")],
    "feat.linux.apparmor": [where_seen("linux.apparmor.enabled", False)],
    "feat.linux.apparmor.enabled": [
        saying("linux.apparmor.enabled", False),
        passing_over("process", "apparmorProfile"),
    ],
    "feat.linux.selinux": [where_seen("linux.selinux.enabled", False)],
    "feat.linux.selinux.enabled": [saying("linux.selinux.enabled", False), passing_over("process", "selinuxLabel")],
    "feat.linux.memoryPolicy": [where_seen("linux.memoryPolicy.modes", ["MPOL_DEFAULT"])],
    "feat.linux.memoryPolicy.modes": [listing("linux.memoryPolicy.modes", "MPOL_SHELF")],
    "feat.linux.memoryPolicy.modes.complete": [leaving_out("linux.memoryPolicy.modes", "MPOL_DEFAULT")],
    "feat.linux.memoryPolicy.flags": [listing("linux.memoryPolicy.flags", "MPOL_F_SHELF")],
    "feat.linux.memoryPolicy.flags.complete": [leaving_out("linux.memoryPolicy.flags", "MPOL_F_STATIC_NODES")],
    "feat.linux.intelRdt": [where_seen("linux.intelRdt.enabled", False)],
    "feat.linux.intelRdt.enabled": [saying("linux.intelRdt.enabled", False)],
    "feat.linux.intelRdt.schemata": [
        saying("linux.intelRdt.schemata", False),
        passing_over("linux", "intelRdt", "schemata"),
    ],
    "feat.linux.intelRdt.monitoring": [
        saying("linux.intelRdt.monitoring", False),
        passing_over("linux", "intelRdt", "enableMonitoring"),
    ],
    "feat.linux.mountExtensions": [where_seen("linux.mountExtensions", {})],
    "feat.linux.idmap": [saying("linux.mountExtensions.idmap.enabled", False)],
    "feat.linux.idmap.partial": [
        saying("linux.mountExtensions.idmap.enabled", None),
        without_member("linux.mountExtensions"),
    ],
    "feat.linux.netDevices": [where_seen("linux.netDevices.enabled", False)],
    "feat.linux.netDevices.enabled": [
        saying("linux.netDevices.enabled", False),
        passing_over("linux", "netDevices"),
    ],
}
