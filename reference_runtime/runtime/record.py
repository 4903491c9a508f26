"""What the runtime keeps of a container: runtime.md#runtimeScopeContainer

One directory a container, below the runtime's root: `record.json`, the start socket, and `lock`. The lock is held from
the first moment of create, by create and by the container's own process, which inherits it; it falls when that process
executes the program, or dies. So it tells *created* from *running* without anybody having to write it down.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..config_types import Config

DEFAULT_ROOT = "/run/reference-runtime"
RECORD = "record.json"
LOCK = "lock"
JOURNAL = "journal"
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-")
LONGEST = 128


class Container:
    """One container: what it was made from, and where its parts are."""

    #: What is written down. The config is: a change of config.json after create has no effect.
    KEPT = ("id", "bundle", "config", "created", "pid", "started", "cgroups", "made", "bound", "groups")
    __slots__ = (*KEPT, "lock", "root")

    def __init__(self, root: str, id: str, bundle: str, config: Config) -> None:
        self.root = root
        self.id = id
        self.bundle = bundle
        self.config = config
        #: Has create come to its end?
        self.created = False
        #: The container's process, and when it started: a number alone may come to mean another process.
        self.pid = 0
        self.started = 0
        #: Its cgroups, one a hierarchy; and the directories that were made for each.
        self.cgroups: list[str] = []
        self.made: list[list[str]] = []
        #: Which mount the root file system is, in a mount table that outlives the container.
        self.bound = ""
        #: What was made of resctrl's groups.
        self.groups: list[str] = []
        self.lock = -1

    @property
    def directory(self) -> str:
        return os.path.join(self.root, self.id)


def refuse_invalid_id(id: str) -> None:
    """An ID becomes a file name, a cgroup's name and a word on command lines."""
    if not id or len(id) > LONGEST or id[0] in ".-" or not LETTERS.issuperset(id):
        raise errors.Usage(f"{id!r} is no container ID: letters, digits and _ . + -, at most {LONGEST}")


def reserve(container: Container) -> None:
    """Take the ID, whole or not at all: the directory appears under its name with everything in it."""
    os.makedirs(container.root, mode=0o711, exist_ok=True)
    draft = os.path.join(container.root, f".{container.id}.{os.getpid()}")
    os.mkdir(draft, 0o711)
    try:
        container.lock = os.open(os.path.join(draft, LOCK), os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(container.lock, fcntl.LOCK_EX)
        write_to(draft, container)
        take_name(draft, container)
    except BaseException:  # whatever ends this, a signal as well: a draft is nobody's to remove later
        empty(draft)
        raise


def take_name(draft: str, container: Container) -> None:
    """rename(2) refuses to replace a directory that is not empty, and every container's is not."""
    try:
        os.rename(draft, container.directory)
    except OSError as error:
        raise errors.AlreadyExists(f"container {container.id} already exists") from error


def write(container: Container) -> None:
    write_to(container.directory, container)


def write_to(directory: str, container: Container) -> None:
    """Readers see the old record or the new one, never half of one."""
    path = os.path.join(directory, RECORD)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump({name: getattr(container, name) for name in Container.KEPT}, file)
    os.rename(path + ".new", path)


def load(root: str, id: str) -> Container:
    refuse_invalid_id(id)
    try:
        with open(os.path.join(root, id, RECORD), encoding="utf-8") as file:
            kept: dict[str, Any] = json.load(file)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise errors.NoSuchContainer(f"container {id} does not exist") from error
    container = Container(root, id, kept["bundle"], kept["config"])
    for name in Container.KEPT:
        setattr(container, name, kept[name])
    return container


def remove(container: Container) -> None:
    """Give the ID back; somebody else's delete may have been faster."""
    with suppress(FileNotFoundError):
        empty(container.directory)


def empty(directory: str) -> None:
    for name in os.listdir(directory):
        os.unlink(os.path.join(directory, name))
    os.rmdir(directory)


def open_journal(container: Container) -> int:
    """For init to note what it makes in the root file system."""
    path = os.path.join(container.directory, JOURNAL)
    return os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)


def read_journal(container: Container) -> str:
    try:
        with open(os.path.join(container.directory, JOURNAL), encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def unlock(container: Container) -> None:
    """Leave the lock to the container's process alone."""
    os.close(container.lock)


def wait_until_unlocked(container: Container) -> None:
    try:
        descriptor = os.open(os.path.join(container.directory, LOCK), os.O_RDWR)
    except FileNotFoundError:
        return  # it has been deleted already, which only one that has stopped can be
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    os.close(descriptor)


def is_locked(container: Container) -> bool:
    try:
        descriptor = os.open(os.path.join(container.directory, LOCK), os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
