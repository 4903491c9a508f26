"""config.md"""

import re
from collections.abc import Iterator

from .. import pointer
from . import Config, Finding, backwards, entries, namespace_types, section, twice, version

HOOKS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")
RLIMITS = (
    "RLIMIT_AS RLIMIT_CORE RLIMIT_CPU RLIMIT_DATA RLIMIT_FSIZE RLIMIT_LOCKS RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE "
    "RLIMIT_NOFILE RLIMIT_NPROC RLIMIT_RSS RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING RLIMIT_STACK"
)
CAPABILITY_SETS = ("bounding", "effective", "inheritable", "permitted", "ambient")
CAPABILITIES = (
    "CAP_AUDIT_CONTROL CAP_AUDIT_READ CAP_AUDIT_WRITE CAP_BLOCK_SUSPEND CAP_BPF CAP_CHECKPOINT_RESTORE CAP_CHOWN "
    "CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_IPC_LOCK CAP_IPC_OWNER CAP_KILL CAP_LEASE "
    "CAP_LINUX_IMMUTABLE CAP_MAC_ADMIN CAP_MAC_OVERRIDE CAP_MKNOD CAP_NET_ADMIN CAP_NET_BIND_SERVICE "
    "CAP_NET_BROADCAST CAP_NET_RAW CAP_PERFMON CAP_SETFCAP CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYSLOG CAP_SYS_ADMIN "
    "CAP_SYS_BOOT CAP_SYS_CHROOT CAP_SYS_MODULE CAP_SYS_NICE CAP_SYS_PACCT CAP_SYS_PTRACE CAP_SYS_RAWIO "
    "CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_WAKE_ALARM"
)
RESERVED = "org.opencontainers"
#: Properties of an image whose form its specification gives; those that are words are not empty and hold no blanks.
IMAGE_VALUES = {
    **dict.fromkeys(("os", "os.version", "os.features", "architecture", "variant"), re.compile(r"\S+")),
    "created": re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"),
    "stopSignal": re.compile(r"SIG[A-Z0-9]+([+-]\d+)?"),
}
IMAGE_ANNOTATIONS = frozenset(
    f"{RESERVED}.image.{name}"
    for name in ("os", "os.version", "os.features", "architecture", "variant", "author", "created", "stopSignal")
)


def root_path(config: Config) -> Iterator[Finding]:
    path = section(config, "root").get("path", "rootfs")
    if "windows" not in config and path.rstrip("/").rpartition("/")[2] != "rootfs":
        yield Finding("/root/path", f"{path!r} is not named rootfs as usual", "SHOULD", "root.path.conventional")


def mount_destinations(config: Config) -> Iterator[Finding]:
    """Relative ones were forbidden until 1.2.0 allowed them on Linux, as deprecated."""
    deprecated = version(config) >= (1, 2) and not {"solaris", "freebsd", "zos"} & config.keys()
    level, requirement = ("SHOULD", "mounts.destination.absolute") if deprecated else ("MUST", None)
    for index, mount in enumerate(entries(config, "mounts")):
        destination = mount.get("destination", "/")
        if "windows" not in config and not destination.startswith("/"):
            place = pointer.join(("mounts", index, "destination"))
            yield Finding(place, f"{destination!r} is not an absolute path", level, requirement)


def mount_mappings(config: Config) -> Iterator[Finding]:
    for index, mount in enumerate(entries(config, "mounts")):
        mapped = "uidMappings" in mount or "gidMappings" in mount
        option = next((option for option in mount.get("options", []) if option in {"idmap", "ridmap"}), None)
        if mapped and not option:
            place = pointer.join(("mounts", index, "uidMappings"))
            yield Finding(place, "needs the option idmap or ridmap", "SHOULD", "mounts.uidMappings.with-idmap-option")
        if option and not mapped and "user" not in namespace_types(config):
            place = pointer.join(("mounts", index, "options"))
            message = f"{option} has neither mappings nor a user namespace to take them from"
            yield Finding(place, message, "MUST", f"mntopt.{option}.no-userns-error")


def cwd(config: Config) -> Iterator[Finding]:
    directory = section(config, "process").get("cwd", "/")
    if "windows" not in config and not directory.startswith("/"):
        yield Finding("/process/cwd", f"{directory!r} is not an absolute path", "MUST", "proc.cwd.absolute")


def environment(config: Config) -> Iterator[Finding]:
    for index, variable in enumerate(entries(config, "process", "env")):
        if not variable.partition("=")[1] or variable.startswith("="):
            place = pointer.join(("process", "env", index))
            yield Finding(place, f"{variable!r} is not of the form NAME=value", "DEFINED", "proc.env.semantics")


def rlimits(config: Config) -> Iterator[Finding]:
    limits = entries(config, "process", "rlimits")
    for index, kind in twice(limit.get("type") for limit in limits):
        place = pointer.join(("process", "rlimits", index, "type"))
        yield Finding(place, f"{kind} stands there a second time", "MUST", "rlimits.duplicate")
    for index, limit in enumerate(limits):
        if "solaris" not in config and limit.get("type", "RLIMIT_AS") not in RLIMITS.split():
            place = pointer.join(("process", "rlimits", index, "type"))
            yield Finding(place, f"Linux knows no {limit['type']!r}", "MUST", "rlimits.type.unmappable")
        if limit.get("soft", 0) > limit.get("hard", limit.get("soft", 0)):
            place = pointer.join(("process", "rlimits", index, "soft"))
            yield Finding(
                place, f"{limit['soft']} is above the hard limit {limit['hard']}", "DEFINED", "rlimits.hard.ceiling"
            )


def capabilities(config: Config) -> Iterator[Finding]:
    for name in CAPABILITY_SETS:
        for index, capability in enumerate(entries(config, "process", "capabilities", name)):
            if capability not in CAPABILITIES.split():
                place = pointer.join(("process", "capabilities", name, index))
                message = f"{capability!r} is unknown and will be left out with a warning"
                yield Finding(place, message, "NOTE", "caps.unmappable-warn")


def capability_sets(config: Config) -> Iterator[Finding]:
    """capabilities(7): effective is bounded by permitted, ambient by permitted and inheritable."""
    for inner, outer in (("effective", "permitted"), ("ambient", "permitted"), ("ambient", "inheritable")):
        held = entries(config, "process", "capabilities", outer)
        missing = [name for name in entries(config, "process", "capabilities", inner) if name not in held]
        if missing:
            message = f"the kernel grants no {', '.join(missing)} that is not {outer} as well"
            yield Finding(f"/process/capabilities/{inner}", message, "NOTE")


def scheduler(config: Config) -> Iterator[Finding]:
    found = section(config, "process", "scheduler")
    if not -20 <= found.get("nice", 0) <= 19:
        yield Finding(
            "/process/scheduler/nice", f"{found['nice']} is not from -20 to 19", "DEFINED", "sched.nice.range"
        )
    if found.get("policy") == "SCHED_DEADLINE":
        run, deadline, period = (found.get(name, 0) for name in ("runtime", "deadline", "period"))
        if not 1024 <= run <= deadline <= (period or deadline):
            message = "no kernel promises this: 1024 ns <= runtime <= deadline <= period does not hold"
            yield Finding("/process/scheduler", message, "MUST", "valid.error")


def affinity(config: Config) -> Iterator[Finding]:
    for name in ("initial", "final"):
        yield from backwards(config, "execaff.format", "process", "execCPUAffinity", name)


def host_names(config: Config) -> Iterator[Finding]:
    for name in ("hostname", "domainname"):
        if config.get(name) and "linux" in config and "uts" not in namespace_types(config):
            message = "there is no uts namespace: the runtime's own name would change"
            yield Finding(f"/{name}", message, "NOTE", f"{name}.in-uts-ns")


def hook_paths(config: Config) -> Iterator[Finding]:
    for kind in HOOKS:
        for index, hook in enumerate(entries(config, "hooks", kind)):
            if not hook.get("path", "/").startswith("/"):
                place = pointer.join(("hooks", kind, index, "path"))
                message = f"{hook['path']!r} is not an absolute path"
                yield Finding(place, message, "MUST", f"hooks.{kind}.path-absolute")


def annotations(config: Config) -> Iterator[Finding]:
    for key in section(config, "annotations"):
        place = pointer.join(("annotations", key))
        if (key + ".").startswith(RESERVED + ".") and key not in IMAGE_ANNOTATIONS and version(config) >= (1, 2):
            yield Finding(place, f"keys below {RESERVED} are reserved", "MUST", "annot.key.reserved")
        elif key and "." not in key:
            message = "the key is not in reverse domain notation"
            yield Finding(place, message, "SHOULD", "annot.key.reverse-domain")


def image_annotations(config: Config) -> Iterator[Finding]:
    for name, form in IMAGE_VALUES.items():
        value = section(config, "annotations").get(f"{RESERVED}.image.{name}")
        if value is not None and version(config) >= (1, 2) and not form.fullmatch(value):
            place = pointer.join(("annotations", f"{RESERVED}.image.{name}"))
            yield Finding(place, f"no image has {value!r} for its {name}", "MUST", f"annot.image.{name}")


def process(config: Config) -> Iterator[Finding]:
    if "process" not in config:
        message = "the container can be created, but not started"
        yield Finding("/process", message, "NOTE", "proc.required-at-start")
