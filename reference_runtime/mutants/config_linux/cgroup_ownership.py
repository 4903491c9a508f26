# pyright: basic, reportPrivateUsage=false
"""config-linux.md#cgroup-ownership"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from ...config_linux import cgroup_ownership
from ...kernel import namespaces
from ..ways import Change, Mutants, given, giving, instead, without


def yes(*_: Any) -> bool:
    return True


def insist(directory: str, owner: int) -> None:
    """On every file that is listed."""
    for name in (".", *cgroup_ownership.delegated()):
        os.chown(os.path.join(directory, name), owner, -1)


def give_up(directory: str, owner: int) -> None:
    """At the first file that is not there."""
    with suppress(FileNotFoundError):
        insist(directory, owner)


def short_of(name: str) -> Change:
    return cgroup_ownership, "FALLBACK", [each for each in cgroup_ownership.FALLBACK if each != name]


MUTANTS: Mutants = {
    "cg.own.iff-rw": [without(cgroup_ownership.change)],
    "cg.own.owner": [
        given(namespaces.user_outside, lambda process, user: (process, 0)),
        given(cgroup_ownership.change, lambda directory, owner: (directory, 77)),
    ],
    "cg.own.v1": [instead(cgroup_ownership.is_safe, yes)],
    "cg.own.no-cgroupns": [instead(cgroup_ownership.has_new_namespace, yes)],
    "cg.own.cond.source": [instead(cgroup_ownership.shows_cgroups, yes)],
    "cg.own.cond.destination": [instead(cgroup_ownership.is_at_the_usual_place, yes)],
    "cg.own.cond.ro": [instead(cgroup_ownership.is_writable, yes)],
    "cg.own.no-mount": [instead(cgroup_ownership.is_mounted_writable, yes)],
    "cg.own.only-delegate": [giving(cgroup_ownership.delegated, lambda _: cgroup_ownership.FALLBACK)],
    "cg.own.nothing-else": [giving(cgroup_ownership.delegated, lambda names: [*names, "pids.max", "cgroup.max.depth"])],
    "cg.own.missing-files": [instead(cgroup_ownership.change, insist)],
    "cg.own.existing-files": [instead(cgroup_ownership.change, give_up)],
    "cg.own.fallback.procs": [short_of("cgroup.procs")],
    "cg.own.fallback.subtree_control": [short_of("cgroup.subtree_control")],
    "cg.own.fallback.threads": [short_of("cgroup.threads")],
}
