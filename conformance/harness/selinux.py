"""Whether this kernel knows SELinux's labels, and one that a process can be given."""

import threading
from pathlib import Path

ATTRIBUTES = Path("/proc/thread-self/attr")
#: Categories that nobody has by default.
LEVEL = "s0:c124,c675"
NO_POLICY = "a policy of SELinux"
CONTAINER = f"system_u:system_r:container_t:{LEVEL}"


def lack() -> str | None:
    """Why nothing can be labelled here; None where it can. Without a policy there are no labels."""
    if "selinuxfs" not in Path("/proc/filesystems").read_text().split():
        return "SELinux, in the running kernel"
    return NO_POLICY if own() == "kernel" else None


def own() -> str:
    return (ATTRIBUTES / "current").read_text().rstrip("\0\n")


def label() -> str | None:
    """A label that the policy knows and this process does not have: its own with another level, or a container's."""
    candidates = [":".join([*own().split(":")[:3], LEVEL]), CONTAINER]
    return next((each for each in candidates if each != own() and is_known(each)), None)


def is_known(wanted: str) -> bool:
    """Tried in a thread that ends with the attempt."""
    found: list[bool] = []
    trial = threading.Thread(target=lambda: found.append(can_become(wanted)))
    trial.start()
    trial.join()
    return found[0]


def can_become(wanted: str) -> bool:
    try:
        (ATTRIBUTES / "exec").write_text(wanted)
    except OSError:
        return False
    return True
