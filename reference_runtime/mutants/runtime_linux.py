# pyright: basic, reportPrivateUsage=false
"""runtime-linux.md"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from .. import runtime_linux
from ..kernel import files
from ..runtime import init
from .ways import Change, Mutants, instead

close_descriptors = runtime_linux.close_descriptors
make_links = runtime_linux.make_links
mount = init.mount


def leave_one_open(preserved: int) -> None:
    close_descriptors(preserved)
    os.dup2(2, 3)


def close_standard_error(preserved: int) -> None:
    close_descriptors(preserved)
    os.close(2)


def keep_all(first: int) -> None:
    """What the runtime and its caller have open stays open, for the program too."""
    runtime_linux.let_go = lambda preserved, kept: None


def without_link(name: str) -> Change:
    return runtime_linux, "LINKS", {link: source for link, source in runtime_linux.LINKS.items() if link != name}


def make_links_at_start(root: files.Root) -> None:
    def close_and_link(preserved: int) -> None:
        for link, source in runtime_linux.LINKS.items():
            with suppress(OSError):
                os.symlink(source, link)
        close_descriptors(preserved)

    runtime_linux.close_descriptors = close_and_link


def links_first(inside: files.Root, entry: Any, birth: Any) -> None:
    """Before the first mount, and never again."""
    runtime_linux.make_links(inside)
    runtime_linux.make_links = lambda root: None
    mount(inside, entry, birth)


def no_links_in_binds(inside: files.Root, entry: Any, birth: Any) -> None:
    if entry["destination"] == "/dev" and "bind" in entry.get("options", []):
        runtime_linux.make_links = lambda root: None
    mount(inside, entry, birth)


MUTANTS: Mutants = {
    "fd.only-stdio": [
        instead(runtime_linux.close_descriptors, leave_one_open),
        instead(files.close_on_exec, keep_all),
    ],
    "fd.devnull": [instead(runtime_linux.close_descriptors, close_standard_error)],
    **{f"symlink.dev.{name}": [without_link(f"/dev/{name}")] for name in ("fd", "stdin", "stdout", "stderr")},
    "symlink.dev.timing": [
        instead(runtime_linux.make_links, make_links_at_start),
        instead(init.mount, links_first),
    ],
    "symlink.dev.bound": [instead(init.mount, no_links_in_binds)],
}
