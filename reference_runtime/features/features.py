"""features.md#features: what this runtime can do, whatever the host can; read off the sections' own tables."""

from __future__ import annotations

from .. import NEWEST, OLDEST
from ..config import capabilities, hooks, mount_options
from ..config_linux import namespaces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Features, LinuxFeatures


def describe() -> Features:
    return {
        "ociVersionMin": OLDEST,
        "ociVersionMax": NEWEST,
        "hooks": list(hooks.KINDS),
        "mountOptions": mount_options.names(),
        "linux": linux(),
        "annotations": {},
        "potentiallyUnsafeConfigAnnotations": [],
    }


def linux() -> LinuxFeatures:
    """features-linux.md"""
    return {
        "namespaces": sorted(namespaces.FLAGS),
        "capabilities": list(capabilities.NUMBERS),
        "cgroup": {"v1": True, "v2": True, "systemd": False, "systemdUser": False, "rdma": False},
        "seccomp": {"enabled": False},
        "apparmor": {"enabled": True},
        "selinux": {"enabled": True},
        "mountExtensions": {"idmap": {"enabled": True}},
        "intelRdt": {"enabled": False, "schemata": False, "monitoring": False},
        "netDevices": {"enabled": True},
    }
