"""What the runtime itself says it does not do: its `features` document, where it has one."""

from typing import Any, cast

from . import memory_policies

Config = dict[str, Any]

#: Names that the specification defines. Only they can be declined: any other is a fault that a test has made.
HOOKS = {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}
NAMESPACES = {"pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"}
ACTIONS = {
    f"SCMP_ACT_{name}"
    for name in ("ALLOW", "ERRNO", "KILL", "KILL_PROCESS", "KILL_THREAD", "LOG", "NOTIFY", "TRACE", "TRAP")
}
OPERATORS = {f"SCMP_CMP_{name}" for name in ("EQ", "GE", "GT", "LE", "LT", "MASKED_EQ", "NE")}
ARCHITECTURES = {
    f"SCMP_ARCH_{name}"
    for name in (
        "AARCH64", "ARM", "LOONGARCH64", "M68K", "MIPS", "MIPS64", "MIPS64N32", "MIPSEL", "MIPSEL64", "MIPSEL64N32",
        "PARISC", "PARISC64", "PPC", "PPC64", "PPC64LE", "RISCV64", "S390", "S390X", "SH", "SHEB", "X32", "X86",
        "X86_64",
    )
}  # fmt: skip
FLAGS = {f"SECCOMP_FILTER_FLAG_{name}" for name in ("TSYNC", "LOG", "SPEC_ALLOW", "WAIT_KILLABLE_RECV")}


def declines(config: Config, features: Config | None) -> str | None:
    """What this config asks for and the runtime's features leave out; None if there is no such thing.

    What is missing or null says nothing about support: only a list that is there, and lacks the name, does, and a
    switch that is false.
    """
    if features is None:
        return None
    for path, names in named(config):
        offered = member(features, path)
        if isinstance(offered, list) and (left_out := sorted(names.difference(cast("list[str]", offered)))):
            return f"{left_out[0]} is not among the runtime's features, {path}"
    for path, asked, what in switched(config):
        if asked and member(features, path) is False:
            return f"{what} among the runtime's features, {path}"
    return None


def named(config: Config) -> list[tuple[str, set[str]]]:
    """Lists of the features, and the names in a config that should be among them."""
    linux = section(config, "linux")
    seccomp, policy = section(linux, "seccomp"), section(linux, "memoryPolicy")
    rules = entries(seccomp, "syscalls")
    arguments = [argument for rule in rules for argument in entries(rule, "args")]
    actions = {str(seccomp.get("defaultAction")), *(str(rule.get("action")) for rule in rules)}
    return [
        ("hooks", HOOKS & section(config, "hooks").keys()),
        ("linux.namespaces", NAMESPACES & namespace_types(config)),
        ("linux.seccomp.actions", ACTIONS & actions),
        ("linux.seccomp.operators", OPERATORS & {str(argument.get("op")) for argument in arguments}),
        ("linux.seccomp.archs", ARCHITECTURES & words(seccomp, "architectures")),
        ("linux.seccomp.knownFlags", FLAGS & words(seccomp, "flags")),
        ("linux.seccomp.supportedFlags", FLAGS & words(seccomp, "flags")),
        ("linux.memoryPolicy.modes", memory_policies.MODES.keys() & {str(policy.get("mode"))}),
        ("linux.memoryPolicy.flags", memory_policies.FLAGS.keys() & words(policy, "flags")),
    ]


def switched(config: Config) -> list[tuple[str, Any, str]]:
    """Switches of the features, whether a config asks for what they are about, and what then is not there."""
    linux, process = section(config, "linux"), section(config, "process")
    rdt, resources = section(linux, "intelRdt"), section(linux, "resources")
    mounts = entries(config, "mounts")
    return [
        ("linux.mountExtensions.idmap.enabled", any(map(is_mapped, mounts)), "id-mapped mounts are not"),
        ("linux.netDevices.enabled", linux.get("netDevices"), "network devices are not"),
        ("linux.seccomp.enabled", "seccomp" in linux, "seccomp is not"),
        ("linux.apparmor.enabled", process.get("apparmorProfile"), "AppArmor is not"),
        ("linux.selinux.enabled", process.get("selinuxLabel") or linux.get("mountLabel"), "SELinux is not"),
        ("linux.intelRdt.enabled", "intelRdt" in linux, "Intel RDT is not"),
        ("linux.intelRdt.schemata", rdt.get("schemata"), "schemata of Intel RDT are not"),
        ("linux.intelRdt.monitoring", rdt.get("enableMonitoring"), "monitoring by Intel RDT is not"),
        ("linux.cgroup.rdma", resources.get("rdma"), "the controller rdma is not"),
    ]


def member(document: Config, path: str) -> Any:
    """What stands at a path such as linux.seccomp.enabled; None where nothing does."""
    *owners, name = path.split(".")
    for owner in owners:
        document = section(document, owner)
    return document.get(name)


def is_mapped(mount: Config) -> bool:
    """Whether a mount asks for other owners than those of its source."""
    return bool({"uidMappings", "gidMappings"} & mount.keys() or {"idmap", "ridmap"} & words(mount, "options"))


def section(document: Config, name: str) -> Config:
    """A member that should be an object, in a config that may be wrong on purpose."""
    found = document.get(name)
    return cast(Config, found) if isinstance(found, dict) else {}


def entries(document: Config, name: str) -> list[Config]:
    """The objects in a member that should be a list of them, likewise."""
    found = document.get(name)
    listed = cast("list[Any]", found) if isinstance(found, list) else []
    return [entry for entry in listed if isinstance(entry, dict)]


def words(document: Config, name: str) -> set[str]:
    """The strings in a member that should be a list of them, likewise."""
    found = document.get(name)
    listed = cast("list[Any]", found) if isinstance(found, list) else []
    return {word for word in listed if isinstance(word, str)}


def namespace_types(config: Config) -> set[str]:
    return {str(entry.get("type")) for entry in entries(section(config, "linux"), "namespaces")}
