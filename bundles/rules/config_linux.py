"""config-linux.md"""

import re
from collections.abc import Iterator

from .. import pointer
from . import Config, Finding, backwards, entries, namespace_types, relative, section, twice, version

ABSENT, PRESENT = "takes no nodes", "needs at least one node"
NODES = {
    "MPOL_DEFAULT": ABSENT,
    "MPOL_LOCAL": ABSENT,
    "MPOL_BIND": PRESENT,
    "MPOL_INTERLEAVE": PRESENT,
    "MPOL_WEIGHTED_INTERLEAVE": PRESENT,
    "MPOL_PREFERRED_MANY": PRESENT,
}
#: Kernel parameters that a namespace has of its own, by how they begin (the kernel's namespaces(7) and ipc sysctls).
NAMESPACED = {
    "net.": "network",
    "fs.mqueue.": "ipc",
    "kernel.msg": "ipc",
    "kernel.sem": "ipc",
    "kernel.shm": "ipc",
    "kernel.auto_msgmni": "ipc",
    "kernel.hostname": "uts",
    "kernel.domainname": "uts",
    "user.": "user",
}
#: What the kernel takes (dev_valid_name).
INTERFACE = re.compile(r"[^\s/:]{1,15}")
CLOCKS = ("monotonic", "boottime")
WITH_ERRNO = ("SCMP_ACT_ERRNO", "SCMP_ACT_TRACE")


def namespaces(config: Config) -> Iterator[Finding]:
    listed = entries(config, "linux", "namespaces")
    for index, kind in twice(entry.get("type") for entry in listed):
        place = pointer.join(("linux", "namespaces", index, "type"))
        yield Finding(place, f"{kind} stands there a second time", "MUST", f"ns.{kind}.duplicate")
    for index, entry in enumerate(listed):
        if not entry.get("path", "/").startswith("/"):
            place = pointer.join(("linux", "namespaces", index, "path"))
            yield Finding(place, f"{entry['path']!r} is not an absolute path", "MUST", "ns.path.absolute")


def user_mappings(config: Config) -> Iterator[Finding]:
    for name in ("uidMappings", "gidMappings"):
        if entries(config, "linux", name) and "user" not in namespace_types(config):
            yield Finding(f"/linux/{name}", "there is no user namespace to map", "DEFINED", f"userns.{name}")


def mapping_sizes(config: Config) -> Iterator[Finding]:
    """The kernel takes no mapping of nothing."""
    mounts = {("mounts", index): mount for index, mount in enumerate(entries(config, "mounts"))}
    for owner, holder in {("linux",): section(config, "linux"), **mounts}.items():
        for name in ("uidMappings", "gidMappings"):
            for index, mapping in enumerate(holder.get(name) or []):
                if mapping.get("size") == 0:
                    place = pointer.join((*owner, name, index, "size"))
                    yield Finding(place, "a size of 0 maps nothing", "MUST", "valid.error")


def time_offsets(config: Config) -> Iterator[Finding]:
    offsets = section(config, "linux", "timeOffsets")
    if offsets and "time" not in namespace_types(config):
        message = "there is no time namespace to offset"
        yield Finding("/linux/timeOffsets", message, "DEFINED", "timeOffsets.without-ns")
    for clock in offsets:
        if clock not in CLOCKS:
            place = pointer.join(("linux", "timeOffsets", clock))
            yield Finding(place, f"a time namespace has no clock {clock!r}", "MUST", "valid.error")


def device_paths(config: Config) -> Iterator[Finding]:
    for index, device in enumerate(entries(config, "linux", "devices")):
        if not device.get("path", "/").startswith("/"):
            place = pointer.join(("linux", "devices", index, "path"))
            yield Finding(place, f"{device['path']!r} is not a full path", "MUST", "dev.path.required")


def device_numbers(config: Config) -> Iterator[Finding]:
    numbers = (
        None if device.get("type") == "p" else (device.get("type"), device.get("major"), device.get("minor"))
        for device in entries(config, "linux", "devices")
    )
    for index, (kind, major, minor) in twice(numbers):
        place = pointer.join(("linux", "devices", index))
        yield Finding(place, f"{kind} {major}:{minor} stands there a second time", "SHOULD NOT", "dev.unique")


def network_devices(config: Config) -> Iterator[Finding]:
    devices = section(config, "linux", "netDevices")
    if devices and "network" not in namespace_types(config):
        message = "there is no network namespace to move them to: they stay where they are"
        yield Finding("/linux/netDevices", message, "NOTE", "netdev.available")
    wanted = {host: device.get("name") or host for host, device in devices.items()}
    for index, name in twice(wanted.values()):
        if not name.endswith("%d"):
            place = pointer.join(("linux", "netDevices", list(wanted)[index]))
            yield Finding(place, f"two devices cannot both be {name!r}", "MUST", "netdev.name.conflict")


def network_device_names(config: Config) -> Iterator[Finding]:
    for name in section(config, "linux", "netDevices"):
        if not INTERFACE.fullmatch(name) or name in (".", ".."):
            place = pointer.join(("linux", "netDevices", name))
            yield Finding(place, f"no network device can be called {name!r}", "DEFINED", "netdev.name.key")


def device_modes(config: Config) -> Iterator[Finding]:
    """Nobody wants 666 to mean 01232."""
    for index, device in enumerate(entries(config, "linux", "devices")):
        mode = device.get("fileMode", 0)
        if len(str(mode)) == 3 and set(str(mode)) <= set("0246"):
            place = pointer.join(("linux", "devices", index, "fileMode"))
            message = f"{mode} is a decimal number, {mode:#o}: was 0{mode} meant, {int(str(mode), 8)}?"
            yield Finding(place, message, "NOTE", "dev.fileMode.decimal")


def kernel_memory(config: Config) -> Iterator[Finding]:
    for name in ("kernel", "kernelTCP"):
        if name in section(config, "linux", "resources", "memory"):
            place = f"/linux/resources/memory/{name}"
            yield Finding(place, "is not recommended", "SHOULD NOT", f"mem.{name}.not-recommended")


def cpu_lists(config: Config) -> Iterator[Finding]:
    for name in ("cpus", "mems"):
        yield from backwards(config, f"cpu.{name}.format", "linux", "resources", "cpu", name)


def cpu_burst(config: Config) -> Iterator[Finding]:
    cpu = section(config, "linux", "resources", "cpu")
    quota, burst = cpu.get("quota", 0), cpu.get("burst", 0)
    if 0 < quota < burst:
        message = f"{burst} is above the quota {quota}"
        yield Finding("/linux/resources/cpu/burst", message, "MUST", "cpu.burst.le-quota")


def pids_limit(config: Config) -> Iterator[Finding]:
    pids = section(config, "linux", "resources").get("pids")
    if pids == {} and version(config) < (1, 3):
        message = "is missing, which is allowed from 1.3.0 on"
        yield Finding("/linux/resources/pids/limit", message, "MUST", "pids.limit.optional")


def intel_rdt(config: Config) -> Iterator[Finding]:
    schema = section(config, "linux", "intelRdt").get("l3CacheSchema", "L3:")
    if not schema.startswith("L3:"):
        yield Finding("/linux/intelRdt/l3CacheSchema", "does not start with L3:", "SHOULD", "rdt.l3.prefix")
    if "\n" in schema:
        yield Finding("/linux/intelRdt/l3CacheSchema", "holds a newline", "SHOULD NOT", "rdt.l3.no-newline")
    if "\n" in section(config, "linux", "intelRdt").get("memBwSchema", ""):
        yield Finding("/linux/intelRdt/memBwSchema", "holds a newline", "MUST NOT", "rdt.mb.no-newline")


def memory_policy_nodes(config: Config) -> Iterator[Finding]:
    policy = section(config, "linux", "memoryPolicy")
    rule = NODES.get(policy.get("mode", ""))
    given = bool(policy.get("nodes"))
    if (rule == ABSENT and given) or (rule == PRESENT and not given):
        yield Finding("/linux/memoryPolicy/nodes", f"{policy['mode']} {rule}", "DEFINED", "mempol.nodes.by-mode")


def sysctl(config: Config) -> Iterator[Finding]:
    for name in section(config, "linux", "sysctl"):
        dotted = name.replace("/", ".")
        needed = next((kind for start, kind in NAMESPACED.items() if dotted.startswith(start)), None)
        if needed is None or needed not in namespace_types(config):
            why = f"there is no {needed} namespace to hold it" if needed else "no namespace has it of its own"
            yield Finding(pointer.join(("linux", "sysctl", name)), why, "DEFINED", "sysctl.not-namespaced")


def seccomp_errno(config: Config) -> Iterator[Finding]:
    seccomp = section(config, "linux", "seccomp")
    if "defaultErrnoRet" in seccomp and seccomp.get("defaultAction") not in WITH_ERRNO:
        message = f"{seccomp.get('defaultAction')} takes no errno"
        place = "/linux/seccomp/defaultErrnoRet"
        yield Finding(place, message, "MUST", "seccomp.defaultErrnoRet.unsupported")
    for index, rule in enumerate(entries(seccomp, "syscalls")):
        if "errnoRet" in rule and rule.get("action") not in WITH_ERRNO:
            place = pointer.join(("linux", "seccomp", "syscalls", index, "errnoRet"))
            yield Finding(place, f"{rule.get('action')} takes no errno", "MUST", "seccomp.errnoRet.unsupported")


def masked_paths(config: Config) -> Iterator[Finding]:
    yield from relative(config, "masked.absolute", "linux", "maskedPaths")


def readonly_paths(config: Config) -> Iterator[Finding]:
    yield from relative(config, "readonly.absolute", "linux", "readonlyPaths")
