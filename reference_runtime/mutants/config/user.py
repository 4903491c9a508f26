# pyright: basic, reportPrivateUsage=false
"""config.md#configPOSIXUser"""

from __future__ import annotations

from typing import Any

from ...config import user
from ..ways import Change, Mutants, given, instead, reading, without

set_user = user.set_user


def default(name: str) -> Change:
    return reading(lambda config: config["process"]["user"].setdefault(name, 0))


def looked_up(configured: Any) -> None:
    """A user whose name is the number comes first."""
    try:
        with open("/etc/passwd", encoding="utf-8") as lines:
            names = {line.split(":")[0]: int(line.split(":")[2]) for line in lines}
    except OSError:
        names = {}
    set_user(configured | {"uid": names.get(str(configured["uid"]), configured["uid"])})


def digits_as_octal(configured: Any, inherited: int) -> tuple[Any, int]:
    if "umask" in configured:
        configured = configured | {"umask": int(str(configured["umask"]), 8)}
    return configured, inherited


MUTANTS: Mutants = {
    "user.uid.required": [default("uid")],
    "user.gid.required": [default("gid")],
    "user.uid.applied": [
        given(user.set_user, lambda configured: (configured | {"uid": 0},)),
        given(user.set_user, lambda configured: (configured | {"uid": configured["uid"] % 2**31},)),
    ],
    "user.gid.applied": [
        given(user.set_group, lambda configured: (configured | {"gid": 0},)),
        given(user.set_group, lambda configured: (configured | {"gid": configured["gid"] % 2**31},)),
    ],
    "user.umask": [
        given(user.set_umask, lambda configured, inherited: ({}, 0o22)),
        given(user.set_umask, digits_as_octal),
    ],
    "user.umask.unset": [given(user.set_umask, lambda configured, inherited: (configured, 0o22))],
    "user.additionalGids": [
        given(user.set_groups, lambda configured: ({"additionalGids": configured.get("additionalGids", [])[:1]},)),
        without(user.set_groups),
    ],
    "user.numeric-only": [instead(user.set_user, looked_up)],
}
