"""What create hands down to the processes that it forks."""

from __future__ import annotations

import os

from ..config import mount_options, mounts, posix_mounts
from ..config_linux import devices, namespaces, seccomp
from . import record, sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket

    from ..config_types import Mount
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
        "agent",
        "channel",
        "console",
        "container",
        "filter",
        "joined",
        "journal",
        "listener",
        "mapped",
        "nodes",
        "options",
        "theirs",
        "umask",
    )

    def __init__(self, container: Container, options: Options, joined: dict[str, int], filter: bytes) -> None:
        self.container = container
        self.options = options
        #: Namespaces to enter, opened while their paths were still those of the caller.
        self.joined = joined
        #: The program of the seccomp filter, ready to be loaded.
        self.filter = filter
        #: How init gets its listener to the agent: in its new root it would not find the module any more.
        self.agent = None
        if seccomp.has_listener(container.config):
            from . import seccomp_agent

            self.agent = seccomp_agent
        self.umask = inherited_umask()
        self.channel, self.theirs = sync.pair()
        self.listener = sync.listen(container)
        self.journal = record.open_journal(container)
        #: Mounts on which owners are mapped, ready to be attached.
        self.mapped: list[tuple[Mount, int]] = []
        self.make_mapped()
        #: Devices that a container in a user namespace may not make.
        self.nodes = self.make_nodes()
        self.console: _socket.socket | None = None
        if options.console_socket:
            self.console = sync.connect_to(options.console_socket, sync.socket.SOCK_STREAM)

    def make_mapped(self) -> None:
        """By create: it takes privileges over a file system that a container in a user namespace has not got."""
        config = self.container.config
        for entry in config.get("mounts", []):
            if posix_mounts.is_mapped(entry):
                options = mount_options.parse(entry.get("options", []))
                tree = mounts.tree_of(entry, options, self.container.bundle)
                users = posix_mounts.mapping(entry, config, self.joined.get("user"))
                posix_mounts.map_owners(tree, options, users, mounts.destination(entry))
                os.close(users)
                self.mapped.append((entry, tree))

    def make_nodes(self) -> int | None:
        config = self.container.config
        is_needed = devices.listed(config) and (namespaces.is_new(config, "user") or "user" in self.joined)
        return devices.make_ready(config) if is_needed else None

    def give_nodes(self) -> None:
        """To their owners in the container, once its process is there."""
        if self.nodes is not None:
            devices.give_ready_looks(self.nodes, self.container.config, self.container.pid)
            os.close(self.nodes)

    def mapped_tree(self, entry: Mount) -> int | None:
        return next((tree for mapped, tree in self.mapped if mapped is entry), None)

    def keep_their_end(self) -> None:
        """In the forked process. create's own end must have one holder, or its death would not end the conversation."""
        self.channel.close()
        self.channel = self.theirs

    def keep_our_end(self) -> None:
        self.theirs.close()
        self.listener.close()
        for descriptor in [*self.joined.values(), *(tree for _, tree in self.mapped), self.journal]:
            os.close(descriptor)


def inherited_umask() -> int:
    """The kernel tells the mask only to those who change it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
