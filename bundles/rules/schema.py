"""What the schema says of a config, in our words and with the requirement behind it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from .. import pointer
from . import Finding

#: What a fault of this kind, at this place, breaks. What is not here is an invalid value (config.md#valid-values).
THROTTLES = ("throttleReadBpsDevice", "throttleWriteBpsDevice", "throttleReadIOPSDevice", "throttleWriteIOPSDevice")
REQUIREMENTS = {
    "required /ociVersion": "cfg.ociVersion.required",
    "pattern /ociVersion": "cfg.ociVersion.semver",
    "required /root": "root.required",
    "required /root/path": "root.path.required",
    "required /mounts/*/destination": "mounts.destination.required",
    "dependencies /mounts/*/uidMappings": "mounts.uidMappings.paired",
    "dependencies /mounts/*/gidMappings": "mounts.gidMappings.paired",
    "required /process/cwd": "proc.cwd.required",
    "required /process/args": "proc.args.required",
    "minItems /process/args": "proc.args.required",
    "required /process/consoleSize/height": "proc.consoleSize.height",
    "required /process/consoleSize/width": "proc.consoleSize.width",
    "required /process/user/uid": "user.uid.required",
    "required /process/user/gid": "user.gid.required",
    "required /process/rlimits/*/type": "rlimits.type.required",
    "required /process/rlimits/*/soft": "rlimits.soft.required",
    "required /process/rlimits/*/hard": "rlimits.hard.required",
    "required /process/scheduler/policy": "sched.policy.required",
    "enum /process/scheduler/policy": "sched.policy.unknown",
    "enum /process/scheduler/flags/*": "sched.flag.unknown",
    "required /process/ioPriority/class": "ioprio.class.required",
    "required /process/ioPriority/priority": "ioprio.priority.required",
    "minimum /process/ioPriority/priority": "ioprio.priority.range",
    "maximum /process/ioPriority/priority": "ioprio.priority.range",
    "pattern /process/execCPUAffinity/initial": "execaff.format",
    "pattern /process/execCPUAffinity/final": "execaff.format",
    "required /hooks/*/*/path": "hooks.path.required",
    "minimum /hooks/*/*/timeout": "hooks.timeout.positive",
    "type /annotations": "annot.map",
    "type /annotations/*": "annot.value.string",
    "minLength /annotations": "annot.key.nonempty",
    "type /linux/namespaces": "ns.array",
    "required /linux/namespaces/*/type": "ns.type.required",
    "enum /linux/namespaces/*/type": "ns.type.unknown",
    "required /linux/devices/*/type": "dev.type.required",
    "required /linux/devices/*/path": "dev.path.required",
    "required /linux/devices/*/major": "dev.majmin.required",
    "required /linux/devices/*/minor": "dev.majmin.required",
    **{
        f"required {place}/{mappings}/*/{name}": f"userns.{name}"
        for place in ("/mounts/*", "/linux")
        for mappings in ("uidMappings", "gidMappings")
        for name in ("containerID", "hostID", "size")
    },
    "required /linux/resources/devices/*/allow": "cgdev.allow.required",
    "enum /linux/resources/devices/*/type": "cgdev.type.unknown",
    "pattern /linux/resources/devices/*/access": "cgdev.access.composed",
    "minimum /linux/resources/memory/swappiness": "mem.swappiness.range",
    "maximum /linux/resources/memory/swappiness": "mem.swappiness.range",
    "minimum /linux/resources/cpu/idle": "cpu.idle.unknown",
    "maximum /linux/resources/cpu/idle": "cpu.idle.unknown",
    "pattern /linux/resources/cpu/cpus": "cpu.cpus.format",
    "pattern /linux/resources/cpu/mems": "cpu.mems.format",
    "required /linux/resources/blockIO/weightDevice/*/major": "blkio.weightDevice.majmin",
    "required /linux/resources/blockIO/weightDevice/*/minor": "blkio.weightDevice.majmin",
    "anyOf /linux/resources/blockIO/weightDevice/*": "blkio.weightDevice.one-of",
    **{
        f"required /linux/resources/blockIO/{throttle}/*/{name}": f"blkio.{throttle}.{requirement}"
        for throttle in THROTTLES
        for name, requirement in (("major", "majmin"), ("minor", "majmin"), ("rate", "rate"))
    },
    "required /linux/resources/network/priorities/*/name": "net.priorities.name",
    "required /linux/resources/network/priorities/*/priority": "net.priorities.priority",
    "anyOf /linux/resources/rdma/*": "rdma.one-of",
    "required /linux/resources/hugepageLimits/*/pageSize": "hugetlb.pageSize.required",
    "pattern /linux/resources/hugepageLimits/*/pageSize": "hugetlb.pageSize.format",
    "required /linux/resources/hugepageLimits/*/limit": "hugetlb.limit.required",
    "pattern /linux/intelRdt/schemata/*": "rdt.schemata.no-newline",
    "pattern /linux/intelRdt/memBwSchema": "rdt.mb.prefix",
    "required /linux/memoryPolicy/mode": "mempol.mode.required",
    "enum /linux/memoryPolicy/mode": "mempol.mode.unknown",
    "enum /linux/memoryPolicy/flags/*": "mempol.flag.unknown",
    "pattern /linux/memoryPolicy/nodes": "mempol.nodes.format",
    "enum /linux/rootfsPropagation": "rootprop.values",
    "enum /linux/seccomp/defaultAction": "seccomp.string-values",
    "enum /linux/seccomp/architectures/*": "seccomp.arch.unknown",
    "enum /linux/seccomp/flags/*": "seccomp.flag.unknown",
    "minItems /linux/seccomp/syscalls/*/names": "seccomp.names.nonempty",
    "enum /linux/seccomp/syscalls/*/action": "seccomp.action.unknown",
    "enum /linux/seccomp/syscalls/*/args/*/op": "seccomp.op.unknown",
    "required /linux/seccomp/defaultAction": "seccomp.defaultAction.required",
    "dependencies /linux/seccomp/listenerMetadata": "seccomp.listener.metadata-alone",
    "required /linux/seccomp/syscalls/*/names": "seccomp.names.required",
    "required /linux/seccomp/syscalls/*/action": "seccomp.action.required",
    "required /linux/seccomp/syscalls/*/args/*/index": "seccomp.arg.index",
    "required /linux/seccomp/syscalls/*/args/*/value": "seccomp.arg.value",
    "required /linux/seccomp/syscalls/*/args/*/op": "seccomp.arg.op.required",
    "required /linux/personality/domain": "personality.domain.required",
    "enum /linux/personality/domain": "personality.domain.unknown",
    "maxItems /linux/personality/flags": "personality.flags.none",
}
DEFINED = {
    "cgdev.access.composed",
    "cgdev.type.unknown",
    "cpu.cpus.format",
    "cpu.idle.unknown",
    "cpu.mems.format",
    "execaff.format",
    "hugetlb.pageSize.format",
    "ioprio.priority.range",
    "mem.swappiness.range",
    "mempol.flag.unknown",
    "mempol.mode.unknown",
    "mempol.nodes.format",
    "ns.array",
    "personality.domain.unknown",
    "personality.flags.none",
    "rootprop.values",
    "sched.flag.unknown",
    "sched.policy.unknown",
    "seccomp.action.unknown",
    "seccomp.arch.unknown",
    "seccomp.flag.unknown",
    "seccomp.op.unknown",
    "seccomp.string-values",
}
FORBIDDEN = ("annot.key.nonempty", "rdt.schemata.no-newline", "seccomp.listener.metadata-alone")
MAPS = ("annotations", "hooks", "rdma")  # objects whose members' names are data


def translate(error: Any) -> Iterator[Finding]:
    """An error of jsonschema's in our words, each missing name by itself."""
    place: list[str | int] = list(error.absolute_path)
    value, limit = error.instance, error.validator_value
    if error.validator == "required":
        for name in limit:
            if name not in value:
                yield _finding("required", [*place, name], "is missing")
    elif error.validator == "dependencies":
        for name, needed in limit.items():
            for other in needed:
                if name in value and other not in value:
                    yield _finding("dependencies", [*place, name], f"needs {other} beside it")
    else:
        yield _finding(str(error.validator), place, _says(error))


def _finding(keyword: str, place: list[str | int], message: str) -> Finding:
    behind = requirement(keyword, place)
    return Finding(pointer.join(place), message, _level(behind), behind)


def _level(requirement: str | None) -> str:
    return "MUST NOT" if requirement in FORBIDDEN else "DEFINED" if requirement in DEFINED else "MUST"


def requirement(keyword: str, place: Sequence[str | int]) -> str | None:
    """What a fault of this kind breaks, at this place; None where no requirement says so by itself."""
    return REQUIREMENTS.get(f"{keyword} {pattern(place)}", None if keyword == "required" else "valid.error")


def pattern(place: Sequence[str | int]) -> str:
    """The place with a star for each index and for each name that is data."""
    before: list[str | int] = ["", *place]
    return pointer.join(
        "*" if isinstance(part, int) or owner in MAPS else part for owner, part in zip(before, place, strict=False)
    )


def _says(error: Any) -> str:
    value, limit = json.dumps(error.instance)[:60], error.validator_value
    match error.validator:
        case "type" if isinstance(error.instance, str) and limit == "string":
            return f"{value} holds a NUL"
        case "type":
            return f"{value} is not of type {limit}"
        case "enum":
            return f"{value} is not one of {', '.join(map(str, limit))}"
        case "pattern":
            return f"{value} does not have the form that is asked for"
        case "minimum":
            return f"{value} is below {limit}"
        case "maximum":
            return f"{value} is above {limit}"
        case "minLength":
            return "an empty string is not allowed here"
        case "minItems":
            return f"needs at least {limit} element(s)"
        case "maxItems":
            return f"takes at most {limit} element(s)"
        case "anyOf":
            return "needs " + " or ".join(name for option in limit for name in option["required"])
        case _:
            return "must not be set here"
