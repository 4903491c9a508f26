"""config.md#configLinuxProcess: noNewPrivileges"""

from __future__ import annotations

from ..kernel import credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Process


def forbid(process: Process) -> None:
    """From here on no execve gives more privileges than the process has."""
    if process.get("noNewPrivileges"):
        credentials.set_no_new_privileges()
