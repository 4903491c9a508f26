"""config.md#configMounts, config.md#configPOSIXMounts"""

from __future__ import annotations

import os

from .. import errors, releases
from ..kernel import files, mounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Mount
    from .mount_options import Options


#: Flags that are the file system's and not the mount's, as fsconfig(2) takes them.
SUPERBLOCK = {
    mounts.Mount.DIRSYNC: "dirsync",
    mounts.Mount.LAZYTIME: "lazytime",
    mounts.Mount.MANDLOCK: "mand",
    mounts.Mount.SYNCHRONOUS: "sync",
}


def check(config: Config) -> None:
    if releases.is_before(config, "1.2.0"):
        refuse_relative_destination(config)


def refuse_relative_destination(config: Config) -> None:
    """Up to 1.1.0 a destination was absolute."""
    for entry in config.get("mounts", []):
        if not entry["destination"].startswith("/"):
            raise errors.InvalidConfig("mounts", f"{entry['destination']!r} is not an absolute path")


def is_bind(options: Options) -> bool:
    """The options alone say that a mount is a bind mount; its type does not count."""
    return mounts.Mount.BIND in options.flags


def destination(entry: Mount) -> str:
    """A path inside the container, from its root even when it does not begin with a slash."""
    return os.path.join("/", entry["destination"])


def source(entry: Mount, bundle: str) -> str:
    """Where a bind mount comes from: a path of the runtime's, or of the bundle's if relative."""
    return os.path.join(bundle, entry.get("source", ""))


def mount(root: files.Root, entry: Mount, options: Options, bundle: str, mapped: int | None = None) -> None:
    """Mount one entry inside the root; one with mappings has been made by create already."""
    if mapped is not None:
        bind(root, entry, options, mapped)
    elif is_bind(options) and mounts.Mount.REMOUNT not in options.flags:
        bind(root, entry, options, tree_of(entry, options, bundle))
    else:
        mount_filesystem(root, entry, options)
    shape_tree(root, entry, options)


def tree_of(entry: Mount, options: Options, bundle: str) -> int:
    """What is going to be mounted, while it is not yet attached anywhere."""
    if is_bind(options):
        return mounts.clone_tree(source(entry, bundle), mounts.Mount.REC in options.flags)
    words = [word for flag, word in SUPERBLOCK.items() if flag in options.flags]
    return mounts.new_filesystem(entry.get("type", ""), entry.get("source", "none"), words + options.data)


def bind(root: files.Root, entry: Mount, options: Options, tree: int) -> None:
    """Shape the tree while nobody sees it, and attach it."""
    attributes = options.attributes & ~mounts.Attribute.RDONLY if is_dev(entry) else options.attributes
    mounts.set_attributes(tree, attributes, options.clear, about=destination(entry))
    place = make_place(root, destination(entry), directory=files.is_directory(tree))
    mounts.attach(tree, place, destination(entry))
    os.close(place)
    os.close(tree)


def make_place(root: files.Root, path: str, *, directory: bool) -> int:
    """The mount point, made if missing: resolved inside the root, so that no link there leads out to the host."""
    return root.make_directory(path) if directory else root.make_file(path)


def mount_filesystem(root: files.Root, entry: Mount, options: Options) -> None:
    """A new instance of a file system that the kernel knows by the entry's type."""
    place = make_place(root, destination(entry), directory=True)
    kind = None if mounts.Mount.REMOUNT in options.flags else entry.get("type", "")
    flags = options.flags & ~mounts.Mount.RDONLY if is_dev(entry) else options.flags
    try:
        mounts.mount(entry.get("source", "none"), files.link_of(place), kind, flags, ",".join(options.data))
    except OSError as error:
        raise OSError(error.errno, error.strerror, destination(entry)) from error
    finally:
        os.close(place)


def make_readonly_late(root: files.Root, config: Config) -> None:
    """A read-only /dev is writable until its devices have been made."""
    for entry in config.get("mounts", []):
        if is_dev(entry) and "ro" in entry.get("options", []):
            top = root.open(destination(entry))
            mounts.set_attributes(top, mounts.Attribute.RDONLY, about=destination(entry))
            os.close(top)


def is_dev(entry: Mount) -> bool:
    return os.path.normpath(destination(entry).lstrip("/")) == "dev"


def shape_tree(root: files.Root, entry: Mount, options: Options) -> None:
    """Options that concern the whole tree, and propagation: once it is where it belongs."""
    if not (options.propagation or options.recursive or options.tree_clear):
        return
    top = root.open(destination(entry))
    mounts.set_attributes(top, options.recursive, options.tree_clear, recursive=True, about=destination(entry))
    for propagation in options.propagation:
        recursive = mounts.Mount.REC in propagation
        mounts.set_attributes(top, propagation=propagation & ~mounts.Mount.REC, recursive=recursive)
    os.close(top)
