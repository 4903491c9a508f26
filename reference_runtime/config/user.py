"""config.md#configPOSIXUser"""

from __future__ import annotations

import os

from ..kernel import credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import User


def set_groups(user: User) -> None:
    """The supplementary groups are those configured; the caller's own stay outside."""
    os.setgroups(user.get("additionalGids", []))


def set_group(user: User) -> None:
    credentials.set_group(user["gid"])


def set_user(user: User) -> None:
    credentials.set_user(user["uid"])


def set_umask(user: User, inherited: int) -> None:
    """The configured mask, or the one that the runtime was called with."""
    os.umask(user.get("umask", inherited))
