"""runtime.md#runtimeCreate: everything that can be refused by reading the config is refused before anything exists."""

from __future__ import annotations

import os

from .. import errors
from ..config import (
    annotations,
    apparmor,
    capabilities,
    domainname,
    exec_cpu_affinity,
    hooks,
    hostname,
    mounts,
    posix_mounts,
    process,
    rlimits,
    root,
    scheduler,
    selinux,
    specification_version,
    tmpcopyup,
    valid_values,
)
from ..config_linux import (
    block_io,
    cgroups_path,
    cpu,
    device_allowedlist,
    devices,
    hugepage_limits,
    intel_rdt,
    masked_paths,
    memory,
    memory_policy,
    mount_label,
    namespaces,
    network,
    network_devices,
    personality,
    pids,
    rdma,
    readonly_paths,
    seccomp,
    sysctl,
    time_offset,
    unified,
    user_namespace_mappings,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config
    from .birth import Options

SECTIONS = (
    annotations,
    apparmor,
    block_io,
    capabilities,
    cgroups_path,
    cpu,
    device_allowedlist,
    devices,
    domainname,
    exec_cpu_affinity,
    hooks,
    hostname,
    hugepage_limits,
    intel_rdt,
    masked_paths,
    memory,
    memory_policy,
    mount_label,
    mounts,
    namespaces,
    network,
    network_devices,
    personality,
    pids,
    posix_mounts,
    process,
    rdma,
    readonly_paths,
    rlimits,
    scheduler,
    seccomp,
    selinux,
    sysctl,
    time_offset,
    tmpcopyup,
    unified,
    user_namespace_mappings,
)


def check(config: Config, bundle: str) -> None:
    specification_version.check(config)
    valid_values.check(config)
    root.check(config, bundle)
    for section in SECTIONS:
        section.check(config)


def check_options(config: Config, options: Options) -> None:
    check_terminal(config, options)
    refuse_missing_descriptors(options)


def refuse_missing_descriptors(options: Options) -> None:
    """Or the program would be given what this process opens under those numbers."""
    for descriptor in range(3, 3 + options.preserve_fds):
        try:
            os.fstat(descriptor)
        except OSError:
            raise errors.Usage(f"--preserve-fds={options.preserve_fds}: {descriptor} is not open") from None


def check_terminal(config: Config, options: Options) -> None:
    """A terminal has two ends: somebody has to take the other one."""
    if config.get("process", {}).get("terminal") and not options.console_socket:
        raise errors.Usage("the process has a terminal: --console-socket is needed")
    if options.console_socket and not config.get("process", {}).get("terminal"):
        raise errors.Usage("--console-socket is given, but the process has no terminal")
