"""config.md#configMounts, with config.md#configPOSIXMounts: the kinds and sources of mounts"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import files, mounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Mount
    from .mount_options import Options


def check(config: Config) -> None:
    for entry in config.get("mounts", []):
        refuse_half_mapping(entry)


def refuse_half_mapping(entry: Mount) -> None:
    """User and group mappings of a mount come together."""
    if ("uidMappings" in entry) != ("gidMappings" in entry):
        raise errors.InvalidConfig("mounts", f"{entry['destination']}: uidMappings and gidMappings come together")


def is_bind(options: Options) -> bool:
    """The options alone say that a mount is a bind mount; its type does not count."""
    return mounts.Mount.BIND in options.flags


def destination(entry: Mount) -> str:
    """A path inside the container, from its root even when it does not begin with a slash."""
    return os.path.join("/", entry["destination"])


def source(entry: Mount, bundle: str) -> str:
    """Where a bind mount comes from: a path of the runtime's, or of the bundle's if relative."""
    return os.path.join(bundle, entry.get("source", ""))


def mount(root: int, entry: Mount, options: Options, bundle: str) -> None:
    """Mount one entry inside the root."""
    if is_bind(options) and mounts.Mount.REMOUNT not in options.flags:
        bind(root, entry, options, bundle)
    else:
        mount_filesystem(root, entry, options)
    shape_tree(root, entry, options)


def bind(root: int, entry: Mount, options: Options, bundle: str) -> None:
    """Take a copy of the tree, shape it while nobody sees it, attach it."""
    origin = source(entry, bundle)
    tree = mounts.clone_tree(origin, recursive=mounts.Mount.REC in options.flags)
    mounts.set_attributes(tree, options.attributes, options.clear, about=origin)
    place = make_place(root, destination(entry), directory=files.is_directory(tree))
    mounts.attach(tree, place, destination(entry))
    os.close(place)
    os.close(tree)


def make_place(root: int, path: str, *, directory: bool) -> int:
    """The mount point, made if missing: resolved inside the root, so that no link there leads out to the host."""
    return files.make_directory(root, path) if directory else files.make_file(root, path)


def mount_filesystem(root: int, entry: Mount, options: Options) -> None:
    """A new instance of a file system that the kernel knows by the entry's type."""
    place = make_place(root, destination(entry), directory=True)
    kind = None if mounts.Mount.REMOUNT in options.flags else entry.get("type", "")
    try:
        mounts.mount(
            entry.get("source", "none"), files.link_of(place), kind, options.flags, ",".join(options.data)
        )
    except OSError as error:
        raise OSError(error.errno, error.strerror, destination(entry)) from error
    finally:
        os.close(place)


def shape_tree(root: int, entry: Mount, options: Options) -> None:
    """Options that concern the whole tree, and propagation: once it is where it belongs."""
    if not (options.propagation or options.recursive or options.tree_clear):
        return
    top = files.open_in(root, destination(entry))
    mounts.set_attributes(top, options.recursive, options.tree_clear, recursive=True, about=destination(entry))
    for propagation in options.propagation:
        recursive = mounts.Mount.REC in propagation
        mounts.set_attributes(top, propagation=propagation & ~mounts.Mount.REC, recursive=recursive)
    os.close(top)
