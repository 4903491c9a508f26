"""config-linux.md"""

import re
from collections.abc import Iterator
from typing import Any

from .. import pointer
from . import Config, Finding, backwards, entries, is_new, namespace_types, overlap, relative, section, twice, version
from .schema import THROTTLES

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
#: What the kernel takes, byte by byte (dev_valid_name), and for what it puts a number in.
INTERFACE = re.compile(rb"(?!\.\.?\Z)[^\s\xa0/:%\0]{1,15}")
TEMPLATE = re.compile(rb"[^\s\xa0/:%\0]{0,13}%d")
#: What the kernel has room for in the number of a device.
HIGHEST = {"major": 2**12 - 1, "minor": 2**20 - 1}
CLOCKS = ("monotonic", "boottime")
#: (uid_t) -1 stands for nobody.
NO_ID = 2**32 - 1
#: How the kernel writes sizes, all of them powers of two, and none in a smaller unit than it could.
PAGES = frozenset(f"{1 << power}{unit}" for power in range(10) for unit in ("KB", "MB", "GB"))
#: What resctrl itself has below its root; none of them is a class.
NO_CLASS = ("", ".", "..", "info", "mon_groups", "mon_data")
#: The actions that take a number, and the greatest that the kernel has room for (MAX_ERRNO, SECCOMP_RET_DATA).
NUMBERED = {"SCMP_ACT_ERRNO": 4095, "SCMP_ACT_TRACE": 65535}
#: The actions after which a call is not made, whoever is there.
DENYING = tuple(f"SCMP_ACT_{name}" for name in ("KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO"))


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


def mapping_ends(config: Config) -> Iterator[Finding]:
    for name in ("uidMappings", "gidMappings"):
        for index, mapping in enumerate(entries(config, "linux", name)):
            for side in ("containerID", "hostID"):
                if mapping.get(side, 0) + mapping.get("size", 0) > NO_ID:
                    place = pointer.join(("linux", name, index, side))
                    yield Finding(place, "there are not as many IDs from here on", "DEFINED", "userns.size.count")


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
        kind = "c" if device.get("type") == "u" else device.get("type")
        numbers = [kind, *(device.get(name) for name in HIGHEST if kind != "p")]
        if "path" in device and found.setdefault(device["path"], numbers) != numbers:
            place = pointer.join(("linux", "devices", index, "path"))
            yield Finding(place, f"another device is at {device['path']!r} already", "MUST", "dev.path.mismatch-error")


def impossible_numbers(config: Config) -> Iterator[Finding]:
    """A pipe has none, whatever is said of it."""
    for index, device in enumerate(entries(config, "linux", "devices")):
        for name, highest in HIGHEST.items():
            if device.get("type") != "p" and not 0 <= device.get(name, 0) <= highest:
                place = pointer.join(("linux", "devices", index, name))
                yield Finding(place, f"Linux has no {name} {device[name]}", "DEFINED", "dev.majmin.impossible")


def rules_without_devices(config: Config) -> Iterator[Finding]:
    """Nothing in the text forbids them. -1 is how some callers write all of them."""
    for index, rule in enumerate(entries(config, "linux", "resources", "devices")):
        for name, highest in HIGHEST.items():
            if not -1 <= rule.get(name, -1) <= highest:
                place = pointer.join(("linux", "resources", "devices", index, name))
                yield Finding(place, f"no device has the {name} {rule[name]}", "NOTE", "cgdev.majmin")


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
    wanted = {host: device.get("name", host) for host, device in devices.items()}
    for index, name in twice(wanted.values()):
        if not name.endswith("%d"):
            place = pointer.join(("linux", "netDevices", list(wanted)[index]))
            yield Finding(place, f"two devices cannot both be {name!r}", "MUST", "netdev.name.conflict")
    for host, name in wanted.items():
        if name == "lo" and is_new(config, "network"):
            place = pointer.join(("linux", "netDevices", host))
            yield Finding(place, "a new network namespace has a device 'lo' already", "MUST", "netdev.name.conflict")


def network_device_names(config: Config) -> Iterator[Finding]:
    for host, device in section(config, "linux", "netDevices").items():
        if not INTERFACE.fullmatch(host.encode(errors="surrogatepass")):
            place = pointer.join(("linux", "netDevices", host))
            yield Finding(place, f"no network device can be called {host!r}", "DEFINED", "netdev.name.key")
        name = device.get("name", "lo").encode(errors="surrogatepass")
        if not INTERFACE.fullmatch(name) and not TEMPLATE.fullmatch(name):
            place = pointer.join(("linux", "netDevices", host, "name"))
            yield Finding(place, f"no network device can be called {device['name']!r}", "MUST", "netdev.possible")


def device_modes(config: Config) -> Iterator[Finding]:
    """Nobody wants 666 to mean 01232."""
    for index, device in enumerate(entries(config, "linux", "devices")):
        mode = device.get("fileMode", 0)
        if len(str(mode)) == 3 and set(str(mode)) <= set("0246"):
            place = pointer.join(("linux", "devices", index, "fileMode"))
            message = f"{mode} is a decimal number, {mode:#o}: was 0{mode} meant, {int(str(mode), 8)}?"
            yield Finding(place, message, "NOTE", "dev.fileMode.decimal")
        elif mode > 0o7777:
            place = pointer.join(("linux", "devices", index, "fileMode"))
            yield Finding(place, f"what {mode:#o} has above 07777 is no part of a mode", "NOTE", "dev.fileMode")


def cgroups_path(config: Config) -> Iterator[Finding]:
    if "\n" in section(config, "linux").get("cgroupsPath", ""):
        yield Finding("/linux/cgroupsPath", "no cgroup has a newline in its name", "MUST", "cg.path.invalid")


def swap(config: Config) -> Iterator[Finding]:
    """Both are counted from nothing: memory alone cannot have more than memory and swap."""
    memory = section(config, "linux", "resources", "memory")
    if 0 <= memory.get("swap", -1) < memory.get("limit", 0):
        message = f"{memory['swap']} is below the limit {memory['limit']} of memory alone"
        yield Finding("/linux/resources/memory/swap", message, "DEFINED", "mem.swap")


def kernel_memory(config: Config) -> Iterator[Finding]:
    for name in ("kernel", "kernelTCP"):
        if name in section(config, "linux", "resources", "memory") and version(config) >= (1, 1):
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


def block_devices(config: Config) -> Iterator[Finding]:
    for name in ("weightDevice", *THROTTLES):
        for index, entry in enumerate(entries(config, "linux", "resources", "blockIO", name)):
            for number, highest in HIGHEST.items():
                if not 0 <= entry.get(number, 0) <= highest:
                    place = pointer.join(("linux", "resources", "blockIO", name, index, number))
                    message = f"no block device has the {number} {entry[number]}"
                    yield Finding(place, message, "DEFINED", "blkio.device.nonexistent")


def page_sizes(config: Config) -> Iterator[Finding]:
    for index, entry in enumerate(entries(config, "linux", "resources", "hugepageLimits")):
        if entry.get("pageSize", "2MB") not in PAGES:
            place = pointer.join(("linux", "resources", "hugepageLimits", index, "pageSize"))
            message = f"no kernel calls a page size {entry['pageSize']!r}"
            yield Finding(place, message, "DEFINED", "hugetlb.pageSize.format")


def priorities(config: Config) -> Iterator[Finding]:
    for index, entry in enumerate(entries(config, "linux", "resources", "network", "priorities")):
        if not INTERFACE.fullmatch(entry.get("name", "lo").encode(errors="surrogatepass")):
            place = pointer.join(("linux", "resources", "network", "priorities", index, "name"))
            message = f"no interface can be called {entry['name']!r}"
            yield Finding(place, message, "DEFINED", "net.priorities.runtime-namespace")


def pids_limit(config: Config) -> Iterator[Finding]:
    pids = section(config, "linux", "resources").get("pids")
    if pids == {} and version(config) < (1, 3):
        message = "is missing, which is allowed from 1.3.0 on"
        yield Finding("/linux/resources/pids/limit", message, "MUST", "old.pids.limit.required")


def unified(config: Config) -> Iterator[Finding]:
    for name in section(config, "linux", "resources", "unified"):
        if {"/", "\0"} & {*name} or name in ("", ".", ".."):
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


def intel_rdt_class(config: Config) -> Iterator[Finding]:
    name = section(config, "linux", "intelRdt").get("closID", "/")
    if name != "/" and ({"/", "\n"} & {*name} or name in NO_CLASS):
        yield Finding("/linux/intelRdt/closID", f"no class can be called {name!r}", "DEFINED", "rdt.closID")


def intel_rdt_monitoring(config: Config) -> Iterator[Finding]:
    for name in ("enableCMT", "enableMBM"):
        if name in section(config, "linux", "intelRdt") and version(config) >= (1, 3):
            yield Finding(f"/linux/intelRdt/{name}", "is enableMonitoring since 1.3.0", "NOTE", f"old.rdt.{name}")


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
        # sysctl(8): dots and slashes change places if a slash is first.
        parts = name.split(next((character for character in name if character in "./"), "."))
        if not {"", ".", ".."}.isdisjoint(part.replace("/", ".") for part in parts):
            place = pointer.join(("linux", "sysctl", name))
            yield Finding(place, "no kernel parameter is called so", "DEFINED", "sysctl.unknown")
        dotted = ".".join(part.replace(".", "/") for part in parts)
        needed = next((kind for start, kind in NAMESPACED.items() if dotted.startswith(start)), None)
        if needed is None or needed not in namespace_types(config):
            why = f"there is no {needed} namespace to hold it" if needed else "no namespace has it of its own"
            yield Finding(pointer.join(("linux", "sysctl", name)), why, "DEFINED", "sysctl.not-namespaced")


def seccomp_errno(config: Config) -> Iterator[Finding]:
    """Of the default, and of each rule."""
    seccomp = section(config, "linux", "seccomp")
    found: list[tuple[Any, ...]] = [("linux", "seccomp", "defaultErrnoRet", seccomp.get("defaultAction"), seccomp)]
    for index, rule in enumerate(entries(seccomp, "syscalls")):
        found.append(("linux", "seccomp", "syscalls", index, "errnoRet", rule.get("action"), rule))
    for *place, action, holder in found:
        number = holder.get(place[-1])
        if number is not None and action not in NUMBERED:
            yield Finding(pointer.join(place), f"{action} takes no errno", "MUST", f"seccomp.{place[-1]}.unsupported")
        elif number is not None and number > NUMBERED[action]:
            message = f"with {action} the kernel has no number above {NUMBERED[action]}"
            yield Finding(pointer.join(place), message, "DEFINED", f"seccomp.{place[-1]}.applied")


def seccomp_counsel(config: Config) -> Iterator[Finding]:
    seccomp = section(config, "linux", "seccomp")
    if seccomp.get("defaultAction") in DENYING and not seccomp.get("syscalls"):
        message = "without a rule the program does not get beyond its first call"
        yield Finding("/linux/seccomp/syscalls", message, "NOTE", "seccomp.syscalls.empty")
    actions = {seccomp.get("defaultAction"), *(rule.get("action") for rule in entries(seccomp, "syscalls"))}
    if "SCMP_ACT_NOTIFY" in actions and "listenerPath" not in seccomp:
        message = "is missing, so that nobody is told of a call with SCMP_ACT_NOTIFY"
        yield Finding("/linux/seccomp/listenerPath", message, "NOTE", "seccomp.listener.path")


def seccomp_arguments(config: Config) -> Iterator[Finding]:
    """A system call has six of them."""
    for index, rule in enumerate(entries(config, "linux", "seccomp", "syscalls")):
        for number, argument in enumerate(rule.get("args") or []):
            if argument.get("index", 0) > 5:
                place = pointer.join(("linux", "seccomp", "syscalls", index, "args", number, "index"))
                yield Finding(
                    place, f"no system call has an argument {argument['index']}", "DEFINED", "seccomp.arg.index.place"
                )


def masked_paths(config: Config) -> Iterator[Finding]:
    yield from relative(config, "masked.absolute", "linux", "maskedPaths")


def readonly_paths(config: Config) -> Iterator[Finding]:
    yield from relative(config, "readonly.absolute", "linux", "readonlyPaths")
