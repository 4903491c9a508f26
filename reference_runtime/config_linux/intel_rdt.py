"""config-linux.md#configLinuxIntelRdt"""

from __future__ import annotations

import os

from .. import errors, releases
from ..kernel import resctrl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, IntelRdt

#: What the file system itself has below its root; none of them is a class.
TAKEN = frozenset(("", ".", "..", "info", resctrl.MON_GROUPS, "mon_data"))


def check(config: Config) -> None:
    if (asked := configured(config)) is not None:
        refuse_invalid_class(asked)
        refuse_invalid_bandwidth(asked)
        refuse_several_lines(asked)
        refuse_without_resctrl()


def configured(config: Config) -> IntelRdt | None:
    return config.get("linux", {}).get("intelRdt")


def refuse_invalid_class(asked: IntelRdt) -> None:
    name = asked.get("closID")
    if name is not None and name != "/" and ("/" in name or "\n" in name or name in TAKEN):
        raise errors.InvalidConfig("linux.intelRdt.closID", f"{name!r} is no name of a class")


def refuse_invalid_bandwidth(asked: IntelRdt) -> None:
    schema = asked.get("memBwSchema")
    if schema is not None and (not schema.startswith("MB:") or "\n" in schema):
        raise errors.InvalidConfig("linux.intelRdt.memBwSchema", f"{schema!r} is not one line that begins with MB:")


def refuse_several_lines(asked: IntelRdt) -> None:
    for line in asked.get("schemata", []):
        if "\n" in line:
            raise errors.InvalidConfig("linux.intelRdt.schemata", f"{line!r} is more than one line")


def refuse_without_resctrl() -> None:
    if resctrl.mountpoint() is None:
        raise errors.Unsupported("linux.intelRdt", "no resctrl file system is mounted on this host")


def enter(config: Config, id: str, pid: int, made: list[str]) -> None:
    """Put the container's process into its class; `made` gets the directories that had to be made."""
    asked = configured(config)
    if asked is None:
        return
    try:
        group = directory(asked, id)
        prepare(group, asked, made)
        for schema in schemas(asked, config):
            resctrl.write_schemata(group, schema)
        resctrl.assign(group, pid)
        if is_monitored(asked, config):
            monitor(group, id, pid, made)
    except OSError as problem:
        raise errors.Unsupported("linux.intelRdt", errors.describe(problem)) from problem


def directory(asked: IntelRdt, id: str) -> str:
    top = resctrl.mountpoint() or ""
    name = class_name(asked, id)
    return top if name == "/" else os.path.join(top, name)


def class_name(asked: IntelRdt, id: str) -> str:
    return asked.get("closID", id)


def prepare(group: str, asked: IntelRdt, made: list[str]) -> None:
    """Make the class, or make sure that the one that is there is what was asked for."""
    if "closID" in asked and not has_schema(asked):
        refuse_missing(group)
    elif "closID" in asked and os.path.isdir(group):
        refuse_mismatch(group, asked)
    elif resctrl.make(group):
        made.append(group)


def has_schema(asked: IntelRdt) -> bool:
    return any(asked.get(name) for name in ("l3CacheSchema", "memBwSchema", "schemata"))


def refuse_missing(group: str) -> None:
    """Without a schema the class has to be somebody else's work."""
    if not os.path.isdir(group):
        raise errors.InvalidConfig(
            "linux.intelRdt.closID", f"{group} does not exist, and there is no schema to make it"
        )


def refuse_mismatch(group: str, asked: IntelRdt) -> None:
    there = resctrl.schemata(group)
    for name in ("l3CacheSchema", "memBwSchema"):
        for resource, settings in resctrl.parse(asked.get(name, "")).items():
            for domain, value in settings.items():
                if not same(resource, value, there.get(resource, {}).get(domain)):
                    raise errors.InvalidConfig(f"linux.intelRdt.{name}", f"{group} has another {resource}:{domain}")


def same(resource: str, value: str, there: str | None) -> bool:
    """Masks are hexadecimal, with as many zeros as the kernel likes; bandwidths are decimal."""
    base = 10 if resource.endswith(("MB", "MBA")) else 16
    try:
        return there is not None and int(value, base) == int(there, base)
    except ValueError:
        return value == there


def schemas(asked: IntelRdt, config: Config) -> list[str]:
    """What is written, in this order, each in one write."""
    cache, bandwidth = asked.get("l3CacheSchema", ""), asked.get("memBwSchema", "")
    if releases.is_before(config, "1.3.0"):
        return [combined(cache, bandwidth)] if cache or bandwidth else []
    return [schema for schema in (cache, bandwidth, "\n".join(asked.get("schemata", []))) if schema]


def combined(cache: str, bandwidth: str) -> str:
    """Up to 1.2.1: both in one, in which the bandwidth's own line takes the place of the cache's."""
    lines = [line for line in cache.splitlines() if not (bandwidth and line.lstrip().startswith("MB:"))]
    return "\n".join([*lines, *filter(None, [bandwidth])])


def is_monitored(asked: IntelRdt, config: Config) -> bool:
    return bool(asked.get("enableMonitoring")) and not releases.is_before(config, "1.3.0")


def monitor(group: str, id: str, pid: int, made: list[str]) -> None:
    """A group of the container's own, whose counters nobody else is in."""
    own = os.path.join(group, resctrl.MON_GROUPS, id)
    os.mkdir(own, 0o755)
    made.append(own)
    resctrl.assign(own, pid)


def remove(made: list[str]) -> None:
    """All that was made, last first; somebody else may have been faster."""
    for group in reversed(made):
        if os.path.isdir(group):
            resctrl.remove(group)


def remove_own(config: Config, made: list[str]) -> None:
    """With the container goes what is its alone: its monitoring group, and a class that has its name."""
    asked = configured(config)
    if asked is not None:
        remove([group for group in made if is_own(group, asked)])


def is_own(group: str, asked: IntelRdt) -> bool:
    return "closID" not in asked or is_monitoring(group)


def is_monitoring(group: str) -> bool:
    return os.path.basename(os.path.dirname(group)) == resctrl.MON_GROUPS
