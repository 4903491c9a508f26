"""config.md#configLinuxProcess: oomScoreAdj"""

from __future__ import annotations

from ..kernel import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config


def set_score(config: Config, pid: int) -> None:
    """Set what is given, 0 too; leave alone what is not."""
    process = config.get("process", {})
    if "oomScoreAdj" in process:
        files.write(f"/proc/{pid}/oom_score_adj", str(process["oomScoreAdj"]))
