"""config.md#configLinuxProcess: what the program is given that only start can give it, and create has to promise.

Created, the container's process is still the runtime's. So create lets a child of it try what start will do: what the
kernel refuses is an error before there is a container.
"""

from __future__ import annotations

import os

from ..config import apparmor, io_priority, scheduler, selinux
from ..kernel import processes
from . import sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Process

#: Security module → the open attribute of this process.
Labels = dict[str, int]
NAMES = ("apparmorProfile", "ioPriority", "scheduler", "selinuxLabel")


def rehearse(configured: Process, proc: int) -> None:
    """Raises what start would raise; `proc` is a descriptor of the runtime's own /proc."""
    if not any(configured.get(name) for name in NAMES):
        return
    ours, theirs = sync.pair()
    pid = os.fork()
    if pid == 0:
        try:
            # A process group of its own: nothing of this may reach the container's process.
            os.setsid()
            give_labels(configured, open_labels(configured, proc))
            give_shares(configured, rehearsal=True)
        except BaseException as failure:
            theirs.tell(failure)
        finally:
            os._exit(0)
    theirs.close()
    try:
        ours.hear()
    finally:
        ours.close()
        processes.reap(pid)


def give_shares(configured: Process, *, rehearsal: bool = False) -> None:
    """Of disks and processors."""
    if priority := configured.get("ioPriority"):
        io_priority.set_priority(priority)
    attributes = configured.get("scheduler")
    if attributes and (scheduler.can_be_rehearsed(attributes) or not rehearsal):
        scheduler.set_attributes(attributes)


def open_labels(configured: Process, proc: int) -> Labels:
    """Where this very process will be labelled: in the runtime's own /proc, since the container's is not to be trusted
    with this. Opened early, so that nothing that leads to the host need stay open until then."""
    labels: Labels = {}
    if configured.get("apparmorProfile"):
        labels["apparmor"] = apparmor.open_attribute(proc)
    if configured.get("selinuxLabel"):
        labels["selinux"] = selinux.open_attribute(proc)
    return labels


def give_labels(configured: Process, labels: Labels) -> None:
    """Of the security modules."""
    if profile := configured.get("apparmorProfile"):
        apparmor.set_profile(profile, labels["apparmor"])
    if label := configured.get("selinuxLabel"):
        selinux.set_label(label, labels["selinux"])
