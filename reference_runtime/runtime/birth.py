"""What create hands down to the processes that it forks."""

from __future__ import annotations

import os

from ..config import mount_options, mounts, posix_mounts
from . import record, sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket

    from .record import Container


class Options:
    """What the command line says beyond the bundle and the ID."""

    def __init__(self) -> None:
        self.console_socket = ""
        self.pid_file = ""
        self.no_pivot = False
        self.preserve_fds = 0


class Birth:
    """One container being born: nothing in here outlives create, except in the memory of init."""

    __slots__ = (
        "channel",
        "console",
        "container",
        "joined",
        "journal",
        "listener",
        "mapped",
        "options",
        "theirs",
        "umask",
    )

    def __init__(self, container: Container, options: Options, joined: dict[str, int]) -> None:
        self.container = container
        self.options = options
        #: Namespaces to enter, opened while their paths were still those of the caller.
        self.joined = joined
        self.umask = inherited_umask()
        self.channel, self.theirs = sync.pair()
        self.listener = sync.listen(container)
        self.journal = record.open_journal(container)
        #: Mounts with mappings of their own, ready to be attached: by destination.
        self.mapped: dict[str, int] = {}
        self.clone_mapped()
        self.console: _socket.socket | None = None
        if options.console_socket:
            self.console = sync.connect_to(options.console_socket, sync.socket.SOCK_STREAM)

    def clone_mapped(self) -> None:
        config = self.container.config
        for entry in config.get("mounts", []):
            if posix_mounts.is_mapped(entry):
                options = mount_options.parse(entry.get("options", []))
                source = mounts.source(entry, self.container.bundle)
                self.mapped[mounts.destination(entry)] = posix_mounts.clone_mapped(entry, options, source)

    def keep_their_end(self) -> None:
        """In the forked process. create's own end must have one holder, or its death would not end the conversation."""
        self.channel.close()
        self.channel = self.theirs

    def keep_our_end(self) -> None:
        self.theirs.close()
        self.listener.close()
        for descriptor in [*self.joined.values(), *self.mapped.values(), self.journal]:
            os.close(descriptor)


def inherited_umask() -> int:
    """The kernel tells the mask only to those who change it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
