"""Owner, mode, extended attributes and time of what is there already.

Root gives all of them or fails. Anybody else keeps what they make, and goes without what only root may set; what was
left out is counted, so that it can be told.
"""

import collections
import errno
import os
import time
from collections.abc import Callable

from . import tar

#: A file system that has these, below an overlay, is not what its archive shows.
OF_OVERLAYS = (b"trusted.overlay.", b"user.overlay.")


class Clothes:
    def __init__(self) -> None:
        self.is_root = os.geteuid() == 0
        self.left_out: collections.Counter[str] = collections.Counter()

    def put_on_file(self, file: int, entry: tar.Entry) -> None:
        """For a file or a directory that is open."""
        if self._owned(entry):
            os.fchown(file, entry.uid, entry.gid)
        # After the owner, whose change takes set-user-ID and capabilities away.
        os.fchmod(file, entry.mode)
        self._attribute(entry, lambda name, value: os.setxattr(file, name, value))
        os.utime(file, ns=_times(entry))

    def put_on(self, here: int, name: bytes, entry: tar.Entry) -> None:
        """For a link, a device or a fifo, which is never opened."""
        if self._owned(entry):
            os.chown(name, entry.uid, entry.gid, dir_fd=here, follow_symlinks=False)
        if entry.kind is not tar.Kind.LINK:
            os.chmod(name, entry.mode, dir_fd=here)
        path = os.fsencode(f"/proc/self/fd/{here}/") + name
        self._attribute(entry, lambda key, value: os.setxattr(path, key, value, follow_symlinks=False))
        os.utime(name, ns=_times(entry), dir_fd=here, follow_symlinks=False)

    def _owned(self, entry: tar.Entry) -> bool:
        if not self.is_root and (entry.uid, entry.gid) != (os.geteuid(), os.getegid()):
            self.left_out["owners"] += 1
        return self.is_root

    def _attribute(self, entry: tar.Entry, give: Callable[[bytes, bytes], None]) -> None:
        for name, value in entry.xattrs.items():
            if name.startswith(OF_OVERLAYS):
                self.left_out["attributes"] += 1
                continue
            try:
                give(name, value)
            except OSError as problem:
                if problem.errno != errno.ENOTSUP and (self.is_root or problem.errno != errno.EPERM):
                    raise
                self.left_out["attributes"] += 1


def _times(entry: tar.Entry) -> tuple[int, int]:
    moment = time.time_ns() if entry.mtime is None else entry.mtime
    return moment, moment
