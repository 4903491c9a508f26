"""config-linux.md"""

import re
from collections.abc import Iterator
from typing import Any

from .. import pointer
from . import Config, Finding, backwards, entries, namespace_types, overlap, relative, section, twice, version

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
#: What the kernel has room for in the number of a device.
HIGHEST = {"major": 2**12 - 1, "minor": 2**20 - 1}
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
            yield Finding(f"/linux/{name}", "there is no user namespace to map", "DEFINED", "userns.without-ns")


def mapping_overlaps(config: Config) -> Iterator[Finding]:
    """No ID is mapped twice, on either side."""
    for name in ("uidMappings", "gidMappings"):
        for side in ("containerID", "hostID"):
            listed = [(mapping.get(side), mapping.get("size")) for mapping in entries(config, "linux", name)]
            for index, (first, size) in enumerate(listed):
                if any(overlap(first, size, *other) for other in listed[:index]):
                    place = pointer.join(("linux", name, index, side))
                    yield Finding(place, "maps an ID that is mapped already", "DEFINED", "userns.overlap")


def mapping_sizes(config: Config) -> Iterator[Finding]:
    """The kernel takes no mapping of nothing."""
    mounts = {("mounts", index): mount for index, mount in enumerate(entries(config, "mounts"))}
    for owner, holder in {("linux",): section(config, "linux"), **mounts}.items():
        for name in ("uidMappings", "gidMappings"):
            for index, mapping in enumerate(holder.get(name) or []):
                if mapping.get("size") == 0:
                    place = pointer.join((*owner, name, index, "size"))
                    level, behind = ("MUST", "valid.error") if owner[0] == "mounts" else ("DEFINED", "userns.size.zero")
                    yield Finding(place, "a size of 0 maps nothing", level, behind)


def time_offsets(config: Config) -> Iterator[Finding]:
    offsets = section(config, "linux", "timeOffsets")
    if offsets and "time" not in namespace_types(config):
        message = "there is no time namespace to offset"
        yield Finding("/linux/timeOffsets", message, "DEFINED", "timeOffsets.without-ns")
    for clock in offsets:
        if clock not in CLOCKS:
            place = pointer.join(("linux", "timeOffsets", clock))
            yield Finding(place, f"a time namespace has no clock {clock!r}", "DEFINED", "timeOffsets.clock.unknown")


def device_paths(config: Config) -> Iterator[Finding]:
    for index, device in enumerate(entries(config, "linux", "devices")):
        if not device.get("path", "/").startswith("/"):
            place = pointer.join(("linux", "devices", index, "path"))
            yield Finding(place, f"{device['path']!r} is not a full path", "DEFINED", "dev.path.full")


def device_places(config: Config) -> Iterator[Finding]:
    """One path has room for one device."""
    found: dict[str, Any] = {}
    for index, device in enumerate(entries(config, "linux", "devices")):
        numbers = [device.get(name) for name in ("type", "major", "minor")]
        if found.setdefault(device.get("path", ""), numbers) != numbers:
            place = pointer.join(("linux", "devices", index, "path"))
            yield Finding(place, f"another device is at {device['path']!r} already", "MUST", "dev.path.mismatch-error")


def impossible_numbers(config: Config) -> Iterator[Finding]:
    """A pipe has none, whatever is said of it."""
    for index, device in enumerate(entries(config, "linux", "devices")):
        for name, highest in HIGHEST.items():
            if device.get("type") != "p" and not 0 <= device.get(name, 0) <= highest:
                place = pointer.join(("linux", "devices", index, name))
                yield Finding(place, f"Linux has no {name} {device[name]}", "DEFINED", "dev.majmin.impossible")


def impossible_rules(config: Config) -> Iterator[Finding]:
    """-1 is how some callers write all of them."""
    for index, rule in enumerate(entries(config, "linux", "resources", "devices")):
        for name, highest in HIGHEST.items():
            if not -1 <= rule.get(name, -1) <= highest:
                place = pointer.join(("linux", "resources", "devices", index, name))
                yield Finding(place, f"no device has the {name} {rule[name]}", "DEFINED", "cgdev.majmin")


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


def cgroups_path(config: Config) -> Iterator[Finding]:
    if section(config, "linux").get("cgroupsPath") == "":
        yield Finding("/linux/cgroupsPath", "is neither an absolute path nor a relative one", "MUST", "cg.path.form")


def swap(config: Config) -> Iterator[Finding]:
    """Both are counted from nothing: memory alone cannot have more than memory and swap."""
    memory = section(config, "linux", "resources", "memory")
    if 0 <= memory.get("swap", -1) < memory.get("limit", 0):
        message = f"{memory['swap']} is below the limit {memory['limit']} of memory alone"
        yield Finding("/linux/resources/memory/swap", message, "DEFINED", "mem.swap")


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
        yield Finding("/linux/resources/pids/limit", message, "MUST", "old.pids.limit.required")


def unified(config: Config) -> Iterator[Finding]:
    for name in section(config, "linux", "resources", "unified"):
        if "/" in name or name in ("", ".", ".."):
            place = pointer.join(("linux", "resources", "unified", name))
            yield Finding(place, f"no file of a cgroup is called {name!r}", "DEFINED", "unified.files")


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


def memory_policy_ranges(config: Config) -> Iterator[Finding]:
    yield from backwards(config, "mempol.nodes.format", "linux", "memoryPolicy", "nodes")


def memory_policy_flags(config: Config) -> Iterator[Finding]:
    """A node's number is counted from the first one, or from the first one that is allowed."""
    flags = entries(config, "linux", "memoryPolicy", "flags")
    if {"MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"} <= set(flags):
        message = "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other"
        yield Finding("/linux/memoryPolicy/flags", message, "DEFINED", "mempol.flags.exclusive")


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


def seccomp_arguments(config: Config) -> Iterator[Finding]:
    """A system call has six of them."""
    for index, rule in enumerate(entries(config, "linux", "seccomp", "syscalls")):
        for number, argument in enumerate(rule.get("args") or []):
            if argument.get("index", 0) > 5:
                place = pointer.join(("linux", "seccomp", "syscalls", index, "args", number, "index"))
                yield Finding(place, f"no system call has an argument {argument['index']}", "MUST", "seccomp.arg.index")


def masked_paths(config: Config) -> Iterator[Finding]:
    yield from relative(config, "masked.absolute", "linux", "maskedPaths")


def readonly_paths(config: Config) -> Iterator[Finding]:
    yield from relative(config, "readonly.absolute", "linux", "readonlyPaths")
