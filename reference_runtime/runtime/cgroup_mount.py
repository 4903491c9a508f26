"""A mount of type `cgroup`: the container's own cgroups, as version 1 and hosts with both versions lay them out."""

from __future__ import annotations

import os

from ..config import mounts
from ..kernel import cgroups, files
from ..kernel import mounts as kernel_mounts
from ..kernel.mounts import Mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config.mount_options import Options
    from ..config_types import Mount as Entry
    from .record import Container


def mount(root: files.Root, entry: Entry, options: Options, container: Container) -> None:
    """One directory for each hierarchy, or the one hierarchy of version 2 itself."""
    pairs = list(zip(cgroups.hierarchies(), container.cgroups, strict=True))
    place = mounts.destination(entry)
    if len(pairs) == 1 and pairs[0][0].unified:
        bind(root, pairs[0][1], place)
    else:
        top = root.make_directory(place)
        kernel_mounts.mount("tmpfs", files.link_of(top), "tmpfs", options.flags & ~Mount.RDONLY, "mode=755")
        os.close(top)
        for hierarchy, directory in pairs:
            bind(root, directory, os.path.join(place, os.path.basename(hierarchy.mountpoint)))
    tree = root.open(place)
    kernel_mounts.set_attributes(tree, options.attributes, options.clear, recursive=True, about=place)
    os.close(tree)


def bind(root: files.Root, directory: str, place: str) -> None:
    tree = kernel_mounts.clone_tree(directory, recursive=False)
    target = root.make_directory(place)
    kernel_mounts.attach(tree, target, place)
    os.close(target)
    os.close(tree)
