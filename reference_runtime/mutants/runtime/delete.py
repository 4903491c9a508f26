# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeDelete"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

from ...kernel import mounts
from ...runtime import cgroups, delete, lifecycle, record
from ..ways import Mutants, instead, without
from . import words
from .start import also_in

destroy = delete.destroy
remove_cgroups = cgroups.remove


def keep_the_record(container: Any) -> None:
    os.rename(container.directory, f"{container.directory}.old")


def keep_the_id(container: Any) -> None:
    """Under its name there is something in the way for ever."""
    os.rename(container.directory, f"{container.root}/.{container.id}")
    with open(container.directory, "x", encoding="ascii"):
        pass


def remove_joined_namespaces(container: Any) -> None:
    destroy(container)
    paths: list[str] = [entry["path"] for entry in container.config["linux"]["namespaces"] if "path" in entry]
    for path in paths:
        mounts.umount(path)
        os.unlink(path)


def remove_bind_sources(container: Any) -> None:
    """Nothing but what lies beside the bundle: this is carried out."""
    destroy(container)
    beside = os.path.dirname(container.bundle)
    sources = [str(entry.get("source")) for entry in container.config["mounts"]]
    for source in [source for source in sources if source.startswith(f"{beside}/")]:
        for path, _, names in os.walk(source):
            for name in names:
                os.unlink(os.path.join(path, name))


def remove_the_config(container: Any) -> None:
    destroy(container)
    with suppress(FileNotFoundError):
        os.unlink(os.path.join(container.bundle, "config.json"))


def end_whoever_has_the_pid(container: Any) -> None:
    with suppress(ProcessLookupError):
        os.kill(container.pid, signal.SIGKILL)
    destroy(container)


def remove_every_cgroup(container: Any) -> None:
    """Its own, whoever has made it."""
    remove_cgroups(container)
    for directory in container.cgroups:
        with suppress(OSError):
            os.rmdir(directory)


def remove_last_cgroup(container: Any) -> None:
    container.made = [made[-1:] for made in container.made]
    remove_cgroups(container)


#: Something is left of every container.
FATAL = {"delete.resources"}
MUTANTS: Mutants = {
    "delete.no-id": [words.invent_id("delete")],
    "delete.nonexistent": [words.also_on_nobody("delete")],
    "delete.creating": [also_in("delete", lifecycle.CREATING)],
    "delete.created": [also_in("delete", lifecycle.CREATED)],
    "delete.running": [also_in("delete", lifecycle.RUNNING)],
    "delete.resources": [without(cgroups.remove), instead(record.remove, keep_the_record)],
    "delete.resources.mounts": [without(delete.detach_root)],
    "delete.resources.cgroup-parents": [instead(cgroups.remove, remove_last_cgroup)],
    "delete.resources.rootfs": [without(delete.clear_root)],
    "delete.keeps-foreign.process": [instead(delete.destroy, end_whoever_has_the_pid)],
    "delete.keeps-foreign.cgroup": [instead(cgroups.remove, remove_every_cgroup)],
    "delete.id-reuse": [instead(record.remove, keep_the_id)],
    "delete.keeps-foreign.ns": [instead(delete.destroy, remove_joined_namespaces)],
    "delete.keeps-foreign.mount-sources": [
        instead(delete.destroy, remove_bind_sources),
        instead(delete.destroy, remove_the_config),
    ],
}
