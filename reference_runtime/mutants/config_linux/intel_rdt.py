# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxIntelRdt"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any

from ...config_linux import intel_rdt
from ...kernel import resctrl
from ..ways import Change, Mutants, giving, instead, reading, without

enter, prepare, schemas, monitor, directory = (
    intel_rdt.enter,
    intel_rdt.prepare,
    intel_rdt.schemas,
    intel_rdt.monitor,
    intel_rdt.directory,
)
make, write_schemata, assign, remove_own = (
    resctrl.make,
    resctrl.write_schemata,
    resctrl.assign,
    intel_rdt.remove_own,
)


def of_rdt(change: Callable[[Any], Any]) -> Change:
    """What a config asks for is changed, in place."""

    def changed(config: Any) -> None:
        if "intelRdt" in config.get("linux", {}):
            change(config["linux"]["intelRdt"])

    return reading(changed)


def only_where_it_can_be(config: Any) -> None:
    if resctrl.mountpoint() is None:
        config.get("linux", {}).pop("intelRdt", None)


def a_class_for_everybody(config: Any) -> None:
    if resctrl.mountpoint():
        config["linux"].setdefault("intelRdt", {})


def write_back_to_others(config: Any) -> None:
    """As part of the check: every class gets all there is."""
    top = resctrl.mountpoint()
    for name in os.listdir(top) if top else []:
        if os.path.isfile(os.path.join(top or "", name, "schemata")):
            write_schemata(os.path.join(top or "", name), everything(top or ""))


def everything(top: str) -> str:
    """The default class's lines."""
    shown = resctrl.schemata(top)
    return "\n".join(f"{name}:" + ";".join("=".join(pair) for pair in shown[name].items()) for name in ("L3", "MB"))


def enter_and_leave(config: Any, id: str, pid: int, made: list[str]) -> None:
    enter(config, id, pid, made)
    if intel_rdt.configured(config) is not None:
        assign(resctrl.mountpoint() or "", pid)


def the_containers_own(asked: Any, id: str) -> str:
    """A name of the class is taken for the container's."""
    return directory({} if asked.get("closID") not in (None, "/") else asked, id)


def one_more_than_asked_for(group: str, asked: Any, made: list[str]) -> None:
    prepare(group, asked, made)
    if made and "closID" in asked:
        make(f"{group}-and-mine")


def under_another_name(asked: Any, id: str) -> str:
    return directory({"closID": f"{id}-container"} if "closID" not in asked else asked, id)


def there_or_refused(group: str, asked: Any, made: list[str]) -> None:
    if "closID" in asked:
        intel_rdt.refuse_missing(group)
    prepare(group, asked, made)


def leave_what_is_there(group: str, asked: Any, made: list[str]) -> None:
    """A class that nobody had to make keeps its shares."""
    prepare(group, asked, made)
    if not made:
        asked.pop("schemata", None)


def write_back(config: Any, id: str, pid: int, made: list[str]) -> None:
    enter(config, id, pid, made)
    asked = intel_rdt.configured(config)
    if asked is not None and not intel_rdt.has_schema(asked):
        write_schemata(directory(asked, id), everything(resctrl.mountpoint() or ""))


def only_both(asked: Any, config: Any) -> list[str]:
    found = schemas(asked, config)
    return found if len({"l3CacheSchema", "memBwSchema"} & set(asked)) != 1 else []


def losing(name: str) -> Change:
    def chosen(asked: Any, config: Any) -> list[str]:
        left: Any = {other: value for other, value in asked.items() if other != name}
        return schemas(left, config)

    return instead(intel_rdt.schemas, chosen)


def first_line(asked: Any, config: Any) -> list[str]:
    return schemas(asked | ({"schemata": asked["schemata"][:1]} if "schemata" in asked else {}), config)


def the_caches_line(cache: str, bandwidth: str) -> str:
    """Where there is a line already, the other one is left out."""
    return cache if "MB:" in cache else "\n".join(filter(None, [cache, bandwidth]))


def remove_all(config: Any, made: list[str]) -> None:
    intel_rdt.remove(made)


def keep_classes(config: Any, made: list[str]) -> None:
    remove_own(config, [group for group in made if intel_rdt.is_monitoring(group)])


def keep_monitors(config: Any, made: list[str]) -> None:
    remove_own(config, [group for group in made if not intel_rdt.is_monitoring(group)])


def found_is_made(group: str) -> bool:
    """What was there counts as its own work."""
    make(group)
    return True


def make_without_entering(group: str, id: str, pid: int, made: list[str]) -> None:
    own = os.path.join(group, resctrl.MON_GROUPS, id)
    os.mkdir(own)
    made.append(own)


def monitor_if_possible(group: str, id: str, pid: int, made: list[str]) -> None:
    with contextlib.suppress(OSError):
        monitor(group, id, pid, made)


def monitor_as_another(group: str, id: str, pid: int, made: list[str]) -> None:
    monitor(group, f"monitor-{id}", pid, made)


OF_BOTH = [losing("l3CacheSchema"), losing("memBwSchema")]
COMBINED = [
    instead(intel_rdt.combined, lambda cache, bandwidth: cache),
    instead(intel_rdt.combined, lambda cache, bandwidth: bandwidth),
]
MUTANTS: Mutants = {
    "rdt.no-resctrl": [reading(only_where_it_can_be)],
    "rdt.unset-no-touch": [reading(a_class_for_everybody), instead(intel_rdt.check, write_back_to_others)],
    "old.rdt.tasks": [instead(intel_rdt.enter, enter_and_leave)],
    "old.rdt.write.l3": [losing("l3CacheSchema")],
    "old.rdt.write.none": [instead(intel_rdt.enter, write_back)],
    "rdt.tasks": [instead(intel_rdt.enter, enter_and_leave)],
    "rdt.closID": [
        instead(intel_rdt.directory, the_containers_own),
        instead(intel_rdt.prepare, one_more_than_asked_for),
    ],
    "rdt.closID.root": [
        of_rdt(lambda asked: asked.get("closID") == "/" and asked.pop("closID")),
        without(resctrl.assign),
    ],
    "rdt.mb.prefix": [
        of_rdt(lambda asked: asked.get("memBwSchema", "MB:").startswith("MB:") or asked.pop("memBwSchema")),
    ],
    "rdt.mb.no-newline": [without(intel_rdt.refuse_invalid_bandwidth)],
    "rdt.schemata.lines": [instead(intel_rdt.schemas, first_line)],
    "rdt.schemata.no-newline": [without(intel_rdt.refuse_several_lines)],
    "old.rdt.write.combined": COMBINED,
    "old.rdt.l3-mb-line": [instead(intel_rdt.combined, the_caches_line)],
    "rdt.write.both": OF_BOTH,
    "rdt.write.both-order": [giving(intel_rdt.schemas, lambda found: found[::-1])],
    "rdt.write.either": [instead(intel_rdt.schemas, only_both)],
    "rdt.write.schemata": [losing("schemata"), instead(intel_rdt.prepare, leave_what_is_there)],
    "rdt.write.schemata-last": [giving(intel_rdt.schemas, lambda found: [*found[-1:], *found[:-1]])],
    "rdt.write.none": [instead(intel_rdt.enter, write_back)],
    "rdt.noclos.dir": [instead(intel_rdt.directory, under_another_name)],
    "rdt.clos-missing.create": [instead(intel_rdt.prepare, there_or_refused)],
    "rdt.clos-exists.compare": [without(intel_rdt.refuse_mismatch)],
    "rdt.clos-only.assign": [instead(intel_rdt.enter, enter_and_leave)],
    "rdt.clos-only.missing": [instead(intel_rdt.refuse_missing, make)],
    "rdt.delete.own": [instead(intel_rdt.remove_own, keep_classes)],
    "rdt.delete.not-own": [instead(intel_rdt.remove_own, remove_all), instead(resctrl.make, found_is_made)],
    "rdt.mon.group": [instead(intel_rdt.monitor, make_without_entering), without(intel_rdt.monitor)],
    "rdt.mon.name": [instead(intel_rdt.monitor, monitor_as_another)],
    "rdt.mon.delete": [instead(intel_rdt.remove_own, keep_monitors)],
    "rdt.mon.fail": [instead(intel_rdt.monitor, monitor_if_possible)],
}
