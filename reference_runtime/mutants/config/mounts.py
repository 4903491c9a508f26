# pyright: basic, reportPrivateUsage=false
"""config.md#configMounts, config.md#configPOSIXMounts"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ... import errors
from ...config import mounts, posix_mounts
from ...kernel import files
from ...kernel import mounts as kernel_mounts
from ...runtime import birth
from ..ways import Mutants, giving, instead, reading, without

make_place = mounts.make_place
mount = kernel_mounts.mount
#: Where the ordinary config mounts something: a mutant has to leave it alone.
ORDINARY = ("/dev", "/proc", "/sys")


def further(config: Any) -> list[Any]:
    return [entry for entry in config["mounts"] if not str(entry.get("destination")).startswith(ORDINARY)]


def is_bind(entry: Any) -> bool:
    return bool({"bind", "rbind"} & set(entry.get("options", [])))


def known_types() -> set[str]:
    with open("/proc/filesystems", encoding="ascii") as lines:
        return {line.split()[-1] for line in lines}


def leave_out(config: Any, unwanted: Callable[[Any], Any]) -> None:
    config["mounts"] = [entry for entry in config["mounts"] if not unwanted(entry)]


def leave_out_further(config: Any) -> None:
    leave_out(config, further(config).__contains__)


def by_depth(config: Any) -> None:
    config["mounts"].sort(key=lambda entry: entry["destination"].count("/"))


def backwards(config: Any) -> None:
    own = further(config)
    leave_out(config, own.__contains__)
    config["mounts"] += own[::-1]


def as_the_host_sees_it(root: files.Root, path: str, *, directory: bool) -> int:
    """Links that lead out of the root are followed to the host."""
    outside = os.readlink(f"/proc/self/fd/{root.top}") + path
    if directory:
        os.makedirs(outside, exist_ok=True)
    elif not os.path.exists(outside):
        return root.make_file(path)
    return os.open(outside, files.O_PATH)


def looked_at_then_used(root: files.Root, path: str, *, directory: bool) -> int:
    """No link leads out, unless it comes to be one between the look and the use; what goes wrong is tried again."""
    for _ in range(20):
        with suppress(OSError):
            above = root.make_directory(os.path.dirname(path))
            outside = os.path.join(os.readlink(files.link_of(above)), os.path.basename(path))
            os.close(above)
            time.sleep(0.0005)
            if directory:
                os.makedirs(outside, exist_ok=True)
            else:
                os.close(os.open(outside, os.O_CREAT | os.O_WRONLY, 0o644))
            return os.open(outside, files.O_PATH)
    return make_place(root, path, directory=directory)


def below_the_current_directory(config: Any) -> None:
    for entry in config["mounts"]:
        if not entry["destination"].startswith("/"):
            entry["destination"] = os.path.join(config["process"]["cwd"], entry["destination"])


def refuse(entry: Any) -> None:
    raise errors.Unsupported("mounts", str(entry["destination"]))


def refuse_files(config: Any) -> None:
    for entry in config["mounts"]:
        if is_bind(entry) and os.path.isfile(entry["source"]):
            refuse(entry)


def is_dangling(entry: Any) -> bool:
    return is_bind(entry) and not os.path.exists(entry["source"])


def is_without_source(entry: Any) -> bool:
    return " " in entry.get("source", " ")


def trust_the_type(config: Any) -> None:
    for entry in config["mounts"]:
        if entry.get("type") == "tmpfs" and is_bind(entry):
            entry["options"] = []


def refuse_unknown_types_of_binds(config: Any) -> None:
    for entry in config["mounts"]:
        if is_bind(entry) and entry.get("type") not in known_types():
            refuse(entry)


def drop_options(config: Any) -> None:
    for entry in further(config):
        entry["options"] = [option for option in entry.get("options", []) if option in ("bind", "rbind")]


def cut_off(source: str, target: str, kind: str | None, flags: Any = kernel_mounts.Mount.NONE, data: str = "") -> None:
    """As the kernel does with what does not fit in a page."""
    mount(source, target, kind, flags, data[: kernel_mounts.PAGE - 1])


def without_option(unknown: str) -> Callable[[Any], None]:
    def change(config: Any) -> None:
        for entry in further(config):
            entry["options"] = [option for option in entry.get("options", []) if option != unknown]

    return change


def always_tmpfs(config: Any) -> None:
    for entry in further(config):
        entry["type"] = "tmpfs"


def change_owners(born: birth.Birth) -> None:
    """Of the files themselves, instead of their looks at one mount."""
    for entry in born.container.config.get("mounts", []):
        for name in os.listdir(entry.get("source")) if posix_mounts.is_mapped(entry) else []:
            for mapping in entry.get("uidMappings", []):
                path = f"{entry.get('source')}/{name}"
                if os.stat(path).st_uid == mapping["containerID"]:
                    os.chown(path, mapping["hostID"], mapping["hostID"])


def complete(missing: str, given: str) -> Any:
    def change(config: Any) -> None:
        for entry in config["mounts"]:
            if given in entry:
                entry.setdefault(missing, entry[given])

    return reading(change)


def first_line(lines: str) -> str:
    return lines.splitlines(keepends=True)[0]


MUTANTS: Mutants = {
    "mounts.additional": [reading(leave_out_further)],
    "mounts.order": [reading(by_depth), reading(backwards)],
    "mounts.destination.required": [
        reading(lambda config: leave_out(config, lambda entry: "destination" not in entry)),
    ],
    "mounts.destination.inside": [instead(mounts.make_place, as_the_host_sees_it)],
    "mounts.destination.inside.moving": [instead(mounts.make_place, looked_at_then_used)],
    "mounts.destination.relative": [reading(below_the_current_directory)],
    "mounts.source.bind-absolute": [
        instead(mounts.source, lambda entry, bundle: bundle + "/" + entry["source"]),
        instead(mounts.source, lambda entry, bundle: os.path.expandvars(os.path.join(bundle, entry["source"]))),
    ],
    "mounts.source.bind-relative": [instead(mounts.source, lambda entry, bundle: os.path.abspath(entry["source"]))],
    "mounts.source.kinds": [
        reading(refuse_files),
        reading(lambda config: leave_out(config, is_dangling)),
        reading(lambda config: leave_out(config, is_without_source)),
    ],
    "mounts.bind-by-option": [reading(trust_the_type)],
    "mounts.type.bind-dummy": [reading(refuse_unknown_types_of_binds)],
    "mounts.options.applied": [reading(drop_options)],
    "mounts.options.whole": [instead(kernel_mounts.mount, cut_off)],
    "mounts.type": [
        reading(always_tmpfs),
        reading(lambda config: leave_out(config, lambda entry: entry.get("type") not in known_types())),
    ],
    "old.mounts.destination.absolute": [without(mounts.refuse_relative_destination)],
    "old.mountopt.manpage": [
        reading(without_option("nodiratime")),
        reading(without_option("size=68k")),
    ],
    "mounts.uidMappings.convert": [instead(posix_mounts.uid_lines, lambda entry: "0 0 4294967295\n")],
    "mounts.gidMappings.convert": [instead(posix_mounts.gid_lines, lambda entry: "0 0 4294967295\n")],
    "mounts.uidMappings.convert/2": [instead(posix_mounts.uid_lines, posix_mounts.gid_lines)],
    "mounts.gidMappings.convert/2": [instead(posix_mounts.gid_lines, posix_mounts.uid_lines)],
    "mounts.uidMappings.format": [giving(posix_mounts.uid_lines, first_line)],
    "mounts.gidMappings.format": [giving(posix_mounts.gid_lines, first_line)],
    "mounts.uidMappings.mount_setattr": [instead(birth.Birth.make_mapped, change_owners)],
    "mounts.gidMappings.mount_setattr": [instead(birth.Birth.make_mapped, change_owners)],
    "mounts.uidMappings.paired": [complete("gidMappings", "uidMappings")],
    "mounts.gidMappings.paired": [complete("uidMappings", "gidMappings")],
}
