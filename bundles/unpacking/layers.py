"""Changesets: the layers of an image, each applied to what the lower ones made.

A file .wh.NAME hides NAME of the lower layers, .wh..wh..opq hides all that is beside it; neither hides what its own
layer brings, whichever comes first in the archive.
"""

import contextlib
import os
from collections.abc import Generator

from . import faults, tar, tree

MARK, OPAQUE, OWN = b".wh.", b".wh..wh..opq", b".wh..wh."


def extract(root: tree.Tree, archive: tar.Reader) -> int:
    """A plain root file system; the number of its entries."""
    count = 0
    for entry in archive.entries():
        with naming(entry):
            root.place(entry, archive)
        count += 1
    return count


def apply(root: tree.Tree, archive: tar.Reader) -> None:
    """One layer on top of what is there."""
    root.begin_layer()
    for entry in archive.entries():
        with naming(entry):
            parts = tree.inside(entry.name)
            if any(part.startswith(MARK) for part in parts):
                root.budget.enter()
                _white_out(root, parts, entry.kind)
            else:
                root.place(entry, archive)


def _white_out(root: tree.Tree, parts: list[bytes], kind: tar.Kind) -> None:
    *above, name = parts
    if any(part.startswith(OWN) for part in above) or (name.startswith(OWN) and name != OPAQUE):
        return  # what the union file system AUFS kept for itself
    hidden = name.removeprefix(MARK)
    if any(part.startswith(MARK) for part in above) or hidden in (b"", b".", b".."):
        raise faults.Fault("is no whiteout of anything")
    if kind not in (tar.Kind.FILE, tar.Kind.HARD_LINK):
        raise faults.Fault(f"a whiteout is a file, and this is a {kind.value}")
    # Links are not followed: in the tree that a layer changes, nothing lies below a link.
    place = b"/".join(above)
    with root.unlinked(above) as here:
        if here is None:
            return
        if name == OPAQUE:
            root.hide_all(here, b".", place)
        else:
            root.hide(here, hidden, place + b"/" + hidden if place else hidden)


@contextlib.contextmanager
def naming(entry: tar.Entry) -> Generator[None, None, None]:
    """An entry's name before what went wrong with it."""
    try:
        yield
    except faults.Fault as fault:
        raise faults.Fault(f"{faults.shown(entry.name)}: {fault}") from fault
    except OSError as problem:
        raise faults.Fault(f"{faults.shown(entry.name)}: {os.strerror(problem.errno or 0)}") from problem
