"""config.md#configLinuxMountOptions"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ways import Change, Mutants, reading
from . import mounts

Words = list[str]
#: Options that forbid something on a mount, and those that allow it again.
PAIRS = {"ro": "rw", "nosuid": "suid", "nodev": "dev", "noexec": "exec", "nosymfollow": "symfollow"}


def changing(change: Callable[[Words], Words], *, binds: bool = True, others: bool = True) -> Change:
    """Other options than the config's, for bind mounts and for others."""

    def change_all(config: Any) -> None:
        for entry in mounts.further(config):
            if binds if mounts.is_bind(entry) else others:
                entry["options"] = change(entry.get("options", []))

    return reading(change_all)


def taking(option: str, other: str) -> Change:
    """One option for another."""
    return changing(lambda words: [other if word == option else word for word in words])


def as_data(option: str) -> Change:
    """Handed on to the file system: as a word that none of them has, since some know this one themselves."""
    return taking(option, f"unknown-{option}")


def forgetting(option: str, **kinds: bool) -> Change:
    return changing(lambda words: [word for word in words if word != option], **kinds)


def first_wins(option: str, opposite: str) -> Change:
    """Whichever of the two comes later is not looked at."""

    def change(words: Words) -> Words:
        later = [word for word in words if word in (option, opposite)][1:]
        return [word for word in words if word not in later]

    return changing(change)


def defaults_last(words: Words) -> Words:
    return [*words, "rw", "exec", "async"] if "defaults" in words else words


def forget_bind_of_remounts(config: Any) -> None:
    """Which makes the whole file system read-only, wherever else it is mounted."""
    for entry in mounts.further(config):
        if "remount" in entry.get("options", []):
            entry["options"].remove("bind")


def forbidding(option: str, allowing: str) -> list[Change]:
    whole_tree = taking(option, f"r{option}")
    return [forgetting(option), forgetting(option, binds=False), whole_tree, first_wins(option, allowing)]


def allowing(option: str) -> list[Change]:
    return [as_data(option), forgetting(option), forgetting(option, others=False)]


def top_only(option: str) -> list[Change]:
    return [taking(f"r{option}", option), forgetting(f"r{option}")]


RECURSIVE = ["atime", "diratime", "noatime", "nodiratime", "nostrictatime", "relatime", "strictatime"]

MUTANTS: Mutants = {
    **{f"mntopt.{option}": forbidding(option, clearing) for option, clearing in PAIRS.items()},
    **{f"mntopt.{option}": allowing(option) for option in PAIRS.values()},
    **{f"mntopt.r{option}": top_only(option) for option in [*PAIRS.values(), *RECURSIVE]},
    **{
        f"mntopt.r{option}": [*top_only(option), forgetting(f"r{option}", binds=False)]
        for option in PAIRS
        if option != "nodev"
    },
    "mntopt.rnorelatime": [as_data("rnorelatime"), taking("rnorelatime", "rnoatime")],
    "mntopt.noatime": [forgetting("noatime"), taking("noatime", "nodiratime"), first_wins("noatime", "atime")],
    "mntopt.atime": [as_data("atime"), forgetting("atime")],
    "mntopt.nodiratime": [forgetting("nodiratime"), taking("nodiratime", "noatime")],
    "mntopt.diratime": [as_data("diratime"), forgetting("diratime")],
    "mntopt.relatime": [as_data("relatime"), forgetting("relatime"), taking("relatime", "noatime")],
    "mntopt.norelatime": [
        as_data("norelatime"),
        taking("norelatime", "nostrictatime"),
        taking("norelatime", "noatime"),
    ],
    "mntopt.strictatime": [forgetting("strictatime"), first_wins("strictatime", "nostrictatime")],
    "mntopt.nostrictatime": [as_data("nostrictatime"), forgetting("nostrictatime"), taking("nostrictatime", "atime")],
    "mntopt.times-of-bind": [forgetting(option, others=False) for option in ("atime", "diratime", "nostrictatime")],
    "mntopt.sync": [forgetting("sync"), first_wins("sync", "async")],
    "mntopt.async": [as_data("async"), forgetting("async")],
    "mntopt.dirsync": [forgetting("dirsync"), taking("dirsync", "sync")],
    "mntopt.lazytime": [forgetting("lazytime"), first_wins("lazytime", "nolazytime")],
    "mntopt.nolazytime": [as_data("nolazytime"), forgetting("nolazytime")],
    **{f"mntopt.{option}": [as_data(option)] for option in ("iversion", "loud", "mand", "noiversion", "silent")},
    "mntopt.nomand": [as_data("nomand"), forgetting("nomand")],
    "mntopt.defaults": [as_data("defaults"), taking("defaults", "ro"), changing(defaults_last)],
    "mntopt.remount": [forgetting("remount"), as_data("remount"), reading(forget_bind_of_remounts)],
    "mntopt.bind": [taking("bind", "rbind"), changing(lambda words: [*words, "ro"])],
    "mntopt.rbind": [taking("rbind", "bind")],
    "mntopt.private": [forgetting("private"), taking("private", "slave"), taking("private", "shared")],
    "mntopt.rprivate": [forgetting("rprivate"), taking("rprivate", "private")],
    "mntopt.slave": [forgetting("slave"), taking("slave", "private"), taking("slave", "shared")],
    "mntopt.rslave": [forgetting("rslave"), taking("rslave", "slave"), taking("rslave", "rprivate")],
    "mntopt.shared": [forgetting("shared"), taking("shared", "rshared")],
    "mntopt.rshared": [forgetting("rshared"), taking("rshared", "shared")],
    "mntopt.unbindable": [taking("unbindable", "private"), taking("unbindable", "runbindable")],
    "mntopt.runbindable": [taking("runbindable", "rprivate"), taking("runbindable", "unbindable")],
}
