"""features-linux.md: what this runtime does of config-linux.md, read off the tables that its sections use."""

from __future__ import annotations

from ..config import capabilities
from ..config_linux import namespaces, seccomp
from ..kernel import memory_policies
from ..kernel import seccomp as kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import LinuxFeatures, MemoryPolicyFeatures, SeccompFeatures


def describe() -> LinuxFeatures:
    return {
        "namespaces": sorted(namespaces.FLAGS),
        "capabilities": list(capabilities.NUMBERS),
        "cgroup": {"v1": True, "v2": True, "systemd": False, "systemdUser": False, "rdma": True},
        "seccomp": filters(),
        "apparmor": {"enabled": True},
        "selinux": {"enabled": True},
        "memoryPolicy": policies(),
        "mountExtensions": {"idmap": {"enabled": True}},
        "intelRdt": {"enabled": True, "schemata": True, "monitoring": True},
        "netDevices": {"enabled": True},
    }


def filters() -> SeccompFeatures:
    return {
        "enabled": True,
        "actions": sorted(seccomp.ACTIONS),
        "operators": sorted(seccomp.OPERATORS),
        "archs": sorted(seccomp.ARCHITECTURES),
        "knownFlags": sorted(seccomp.FLAGS),
        "supportedFlags": sorted(name for name in seccomp.FLAGS if is_supported(name)),
    }


def is_supported(flag: str) -> bool:
    """By this kernel: of all that is told, this alone is about the host."""
    number = seccomp.FLAGS[flag]
    return kernel.takes_flags(number) or kernel.takes_flags(number | kernel.FLAG_NEW_LISTENER)


def policies() -> MemoryPolicyFeatures:
    return {
        "modes": [f"MPOL_{mode.name}" for mode in memory_policies.Mode],
        "flags": [f"MPOL_F_{flag.name}" for flag in memory_policies.Flag],
    }
