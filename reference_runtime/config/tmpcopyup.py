"""config.md#configLinuxMountOptions: tmpcopyup"""

from __future__ import annotations

import os
import stat

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config
    from ..kernel import files


CHUNK = 1 << 20


def check(config: Config) -> None:
    refuse_other_filesystems(config)


def refuse_other_filesystems(config: Config) -> None:
    for entry in config.get("mounts", []):
        if "tmpcopyup" in entry.get("options", []) and entry.get("type") != "tmpfs":
            raise errors.Unsupported("mounts", f"{entry['destination']}: tmpcopyup is for a tmpfs")


def fill(tree: int, root: files.Root, destination: str) -> None:
    """Before the new tmpfs is attached: afterwards it hides what is to be copied."""
    try:
        beneath = root.open(destination, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return
    copy_tree(beneath, tree)
    os.close(beneath)


def copy_tree(source: int, target: int) -> None:
    """All that lies in one directory, into another one. No link is followed: somebody else may write to the source."""
    for name in os.listdir(source):
        found = os.stat(name, dir_fd=source, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            copy_directory(name, source, target)
        elif stat.S_ISREG(found.st_mode):
            copy_file(name, source, target)
        elif stat.S_ISLNK(found.st_mode):
            os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
        else:
            os.mknod(name, found.st_mode, found.st_rdev, dir_fd=target)
        copy_looks(name, found, target)


def copy_directory(name: str, source: int, target: int) -> None:
    os.mkdir(name, 0o700, dir_fd=target)
    below = [os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=each) for each in (source, target)]
    copy_tree(*below)
    for descriptor in below:
        os.close(descriptor)


def copy_file(name: str, source: int, target: int) -> None:
    reader = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=source)
    writer = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=target)
    while os.sendfile(writer, reader, None, CHUNK):
        pass
    os.close(reader)
    os.close(writer)


def copy_looks(name: str, found: os.stat_result, target: int) -> None:
    """Owner, mode and times; the mode after the owner, whose change clears bits of it."""
    os.chown(name, found.st_uid, found.st_gid, dir_fd=target, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        os.chmod(name, stat.S_IMODE(found.st_mode), dir_fd=target)
    os.utime(name, ns=(found.st_atime_ns, found.st_mtime_ns), dir_fd=target, follow_symlinks=False)
