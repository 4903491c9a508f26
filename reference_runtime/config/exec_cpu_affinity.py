"""config.md#configLinuxProcess: execCPUAffinity, which is for later programs and leaves the container's first alone."""

from __future__ import annotations

from .. import errors
from ..kernel import lists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config

#: What the kernel can count: CONFIG_NR_CPUS goes no further.
MOST_CPUS = 8192


def check(config: Config) -> None:
    affinity = config.get("process", {}).get("execCPUAffinity", {})
    for name in ("initial", "final"):
        refuse_malformed(name, affinity.get(name, ""))


def refuse_malformed(name: str, text: str) -> None:
    try:
        ranges = lists.spans(text)
    except ValueError as problem:
        raise errors.InvalidConfig(f"process.execCPUAffinity.{name}", str(problem)) from None
    for _, last in ranges:
        if last >= MOST_CPUS:
            raise errors.Unsupported(f"process.execCPUAffinity.{name}", f"no Linux has a CPU {last}")
