"""What lies in a bundle beside the ordinary things: collected here, placed there."""

import base64
import contextlib
import os
import pathlib
import shutil
import stat
from collections.abc import Iterator
from typing import Any, NotRequired, TypedDict

LARGEST = 65536  # bytes of a file that is collected


class EntryError(Exception):
    """An entry that no bundle can hold."""


class Entry(TypedDict):
    path: str  # relative to the bundle
    kind: str  # file, dir, link, fifo, or gone: what is ordinary and not there
    mode: NotRequired[int]
    content: NotRequired[str]  # base64, of a file
    target: NotRequired[str]  # of a link


def collect(directory: pathlib.Path, prefix: str = "") -> Iterator[Entry]:
    """All below a directory, each under `prefix`, parents first; of an overlay's upper directory what it hides too.

    Files above 64 KiB, devices and sockets are left out.
    """
    for path in sorted(below(directory)):
        # Something may be at work there still: what has gone meanwhile is not collected.
        entry = None
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            entry = found(path, str(pathlib.PurePath(prefix) / path.relative_to(directory)))
        if entry is not None:
            yield entry


def below(directory: pathlib.Path) -> Iterator[pathlib.Path]:
    for parent, directories, files in os.walk(directory):
        yield from (pathlib.Path(parent, name) for name in directories + files)


def found(path: pathlib.Path, name: str) -> Entry | None:
    """What lies at a path, under its name in the bundle; None for what is left out."""
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISDIR(status.st_mode):
        return {"path": name, "kind": "dir", "mode": mode}
    if stat.S_ISLNK(status.st_mode):
        return {"path": name, "kind": "link", "target": os.readlink(path)}
    if stat.S_ISFIFO(status.st_mode):
        return {"path": name, "kind": "fifo", "mode": mode}
    if stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST:
        content = base64.b64encode(path.read_bytes()).decode()
        return {"path": name, "kind": "file", "mode": mode, "content": content}
    if stat.S_ISCHR(status.st_mode) and status.st_rdev == 0:  # how an overlay marks what was removed
        return {"path": name, "kind": "gone"}
    return None


def place(bundle: pathlib.Path, entry: Entry) -> None:
    """Put one entry where it belongs. Raises EntryError if that is outside of the bundle, and OSError."""
    path = bundle / entry["path"]
    parent = path.parent.resolve()
    if ".." in path.parts or path == bundle or not parent.is_relative_to(bundle.resolve()):
        raise EntryError(f"{entry['path']!r} leads out of the bundle")
    parent.mkdir(parents=True, exist_ok=True)
    if entry["kind"] == "dir" and path.is_dir() and not path.is_symlink():
        path.chmod(entry.get("mode", 0o755) & 0o7777)
        return
    _clear(path)
    _make(path, entry)


def complete(value: Any) -> bool:
    """True for an entry that is one, whatever it came from. Raises KeyError, TypeError and the like for what is not."""
    base64.b64decode(value.get("content", ""), validate=True)
    texts = (value["path"], value["kind"], value.get("target", ""))
    return all(map(for_the_kernel, texts)) and isinstance(value.get("mode", 0), int)


def for_the_kernel(value: Any) -> bool:
    """True for a string that a system call can take."""
    return isinstance(value, str) and b"\0" not in os.fsencode(value)


def _clear(path: pathlib.Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _make(path: pathlib.Path, entry: Entry) -> None:
    match entry["kind"]:
        case "file":
            path.write_bytes(base64.b64decode(entry.get("content", "")))
        case "dir":
            path.mkdir()
        case "link":
            path.symlink_to(entry.get("target", ""))
        case "fifo":
            os.mkfifo(path)
        case "gone":
            return
        case kind:
            raise EntryError(f"{entry['path']!r} cannot be a {kind!r}")
    if "mode" in entry and entry["kind"] != "link":
        path.chmod(entry["mode"] & 0o7777)
