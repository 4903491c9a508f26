"""runtime-linux.md"""

from __future__ import annotations

import os

from .kernel import files

#: What the links in /dev lead to.
LINKS = {
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
}


def make_links(root: files.Root) -> None:
    """#runtimeLinuxDevSymbolicLinks: after the mounts, for every source that they have brought."""
    for link, source in LINKS.items():
        if source_exists(root, source):
            make_link(root, link, source)


def source_exists(root: files.Root, source: str) -> bool:
    """Asked about the directory: the descriptors in it are this process's, not the container's."""
    return root.exists(os.path.dirname(source) if source[-1].isdigit() else source)


def make_link(root: files.Root, link: str, source: str) -> None:
    """A link that leads elsewhere gives way; a file or directory that is no link is not ours to remove."""
    parent = root.make_directory(os.path.dirname(link))
    name = os.path.basename(link)
    try:
        root.make_link(parent, name, source)
    except FileExistsError:
        if read_link(parent, name) not in (None, source):
            os.unlink(name, dir_fd=parent)
            root.make_link(parent, name, source)
    finally:
        os.close(parent)


def read_link(parent: int, name: str) -> str | None:
    try:
        return os.readlink(name, dir_fd=parent)
    except OSError:
        return None


def let_go(preserved: int, kept: list[int]) -> None:
    """Before anything is looked up for the program: through /proc/self/fd, a directory of ours would be its way out."""
    files.close_all(3 + preserved, *kept)


def close_descriptors(preserved: int) -> None:
    """#runtimeLinuxFileDescriptors: the program gets 0, 1 and 2, and those that the caller asked to pass on."""
    files.close_on_exec(3)
    for descriptor in range(3, 3 + preserved):
        os.set_inheritable(descriptor, True)
