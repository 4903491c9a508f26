# pyright: basic, reportPrivateUsage=false
"""runtime.md#runtimeDelete"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from ...kernel import mounts
from ...runtime import cgroups, delete, lifecycle, record
from ..ways import Mutants, instead, without
from . import words
from .start import also_in

destroy = delete.destroy


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


#: Something is left of every container.
FATAL = {"delete.resources"}
MUTANTS: Mutants = {
    "delete.no-id": [words.invent_id("delete")],
    "delete.nonexistent": [words.also_on_nobody("delete")],
    "delete.creating": [also_in("delete", lifecycle.CREATING)],
    "delete.created": [also_in("delete", lifecycle.CREATED)],
    "delete.running": [also_in("delete", lifecycle.RUNNING)],
    "delete.resources": [without(cgroups.remove), instead(record.remove, keep_the_record)],
    "delete.id-reuse": [instead(record.remove, keep_the_id)],
    "delete.keeps-foreign.ns": [instead(delete.destroy, remove_joined_namespaces)],
    "delete.keeps-foreign.mount-sources": [
        instead(delete.destroy, remove_bind_sources),
        instead(delete.destroy, remove_the_config),
    ],
}
