"""config.md#configLinuxProcess: ioPriority"""

from __future__ import annotations

from ..kernel import scheduling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import IOPriority

#: linux/ioprio.h
CLASSES = {"IOPRIO_CLASS_RT": 1, "IOPRIO_CLASS_BE": 2, "IOPRIO_CLASS_IDLE": 3}


def set_priority(priority: IOPriority) -> None:
    """Of the whole process group, which has this one process: whatever it forks has the same."""
    scheduling.ioprio_set_of_group(io_class(priority), level(priority))


def io_class(priority: IOPriority) -> int:
    return CLASSES[priority["class"]]


def level(priority: IOPriority) -> int:
    return priority["priority"]
