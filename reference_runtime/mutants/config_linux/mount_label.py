# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxMountLabel"""

from __future__ import annotations

from typing import Any

from ...config_linux import mount_label
from ...kernel import security
from ..ways import Mutants, instead, reading


def only_where_it_can_be(config: Any) -> None:
    if not security.has_selinux() or "conformance" in config.get("linux", {}).get("mountLabel", ""):
        config.get("linux", {}).pop("mountLabel", None)


MUTANTS: Mutants = {
    "mountLabel.applied": [instead(mount_label.label, lambda config, entry, options: options)],
    "mountLabel.unavailable": [reading(only_where_it_can_be)],
}
