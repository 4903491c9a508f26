"""The container's first process: how a container is made, told from inside; `create` tells it from outside."""

from __future__ import annotations

import os

from .. import runtime_linux
from ..config import (
    capabilities,
    domainname,
    hooks,
    hostname,
    mount_options,
    mounts,
    no_new_privileges,
    process,
    rlimits,
    root,
    terminal,
    tmpcopyup,
    user,
)
from ..config_linux import (
    default_devices,
    default_filesystems,
    devices,
    masked_paths,
    memory_policy,
    mount_label,
    namespaces,
    personality,
    readonly_paths,
    rootfs_propagation,
    seccomp,
    sysctl,
)
from ..kernel import files, processes
from . import attributes, cgroup_mount, lifecycle, state, sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from ..config_types import Config, Mount, Process
    from .birth import Birth


def main(birth: Birth) -> NoReturn:
    container, config, channel = birth.container, birth.container.config, birth.channel
    try:
        container.pid = int(channel.expect("adopted"))
        # The stager is gone and create is the parent now. Should it die, this must not stay behind half made.
        processes.die_with_parent(True)
        os.setsid()
        os.umask(0)

        # Before the first mount: none of them may spread to the host.
        own_table = namespaces.is_new(config, "mount")
        path = root.locate(config, container.bundle)
        if own_table:
            rootfs_propagation.isolate(config, path)
        nodes = devices.take_ready(birth.nodes, config, path) if birth.nodes is not None else []
        tree = root.clone(path)
        rootfs_propagation.leave_peers(tree, config)
        if not own_table:
            # The table will outlive this process: somebody has to know what to take out of it again.
            channel.say(f"bound {files.mount_of(tree)}")
            channel.expect("go on")
        root.attach(tree, path)
        inside = files.Root(tree, birth.journal)
        for entry in default_filesystems.complete(config):
            mount(inside, entry, birth)
        # After the mounts, which may bring a new /dev, or the /proc that the links lead to.
        devices.make_all(inside, config, nodes)
        default_devices.make_all(inside)
        default_devices.link_ptmx(inside)
        if has_terminal(config):
            default_devices.make_console(inside)
        runtime_linux.make_links(inside)
        mounts.make_readonly_late(inside, config)
        channel.say("mounted")
        channel.expect("go on")

        # Before the root changes: the hooks' paths are the runtime's.
        hooks.run(config, "createContainer", state.compose(container, lifecycle.CREATING, state.pid_within(container)))
        proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
        if not own_table:
            root.enter(tree)
        elif birth.options.no_pivot:
            root.move(tree)
        else:
            root.pivot(tree)
        sysctl.set_parameters(proc, config)
        configured = config.get("process")
        labels = attributes.open_labels(configured, proc) if configured else {}
        if configured:
            attributes.rehearse(configured, proc)
            memory_policy.rehearse(config)
        os.close(proc)
        hostname.set_hostname(config)
        domainname.set_domainname(config)
        if configured and configured.get("terminal"):
            give_terminal(birth, configured)
        # From here on nothing needs to be written any more.
        masked_paths.mask_all(config)
        readonly_paths.make_all_readonly(config)
        root.make_readonly(config)
        rootfs_propagation.set_propagation(config)
        channel.say("created")
        channel.expect("go on")
        processes.die_with_parent(False)
        channel.close()

        channel = sync.accept(birth.listener)
        hooks.run(config, "startContainer", state.compose(container, lifecycle.CREATED, state.pid_within(container)))
        # start has refused a container without a process.
        assert configured
        attributes.give_labels(configured, labels)
        personality.set_domain(config)
        memory_policy.set_policy(config)
        # The lock tells that the program is not running yet.
        runtime_linux.let_go(birth.options.preserve_fds, [channel.end.fileno(), container.lock])
        become(configured, birth, channel)
    except BaseException as failure:
        channel.tell(failure)
    finally:
        os._exit(1)


def mount(inside: files.Root, entry: Mount, birth: Birth) -> None:
    options = mount_options.parse(entry.get("options", []))
    if entry.get("type") == "cgroup" and not mounts.is_bind(options):
        cgroup_mount.mount(inside, entry, options, birth.container)
        mounts.shape_tree(inside, entry, options)
        return
    if not mounts.is_bind(options):
        options.data = mount_label.label(birth.container.config, entry, options.data)
    tree = birth.mapped_tree(entry)
    if tree is None and options.copy_up:
        tree = mounts.tree_of(entry, options, birth.container.bundle)
        tmpcopyup.fill(tree, inside, mounts.destination(entry))
    mounts.mount(inside, entry, options, birth.container.bundle, tree)


def has_terminal(config: Config) -> bool:
    return config.get("process", {}).get("terminal", False)


def give_terminal(birth: Birth, configured: Process) -> None:
    """A terminal of the container's own devpts: one end for the program, the other for the caller."""
    assert birth.console
    manager, ours = terminal.open_pair()
    terminal.set_size(manager, configured)
    terminal.give_to_user(ours, configured)
    default_devices.bind_console(ours)
    sync.send_descriptor(birth.console, manager, terminal.path_of(manager))
    os.close(manager)
    birth.console.close()
    terminal.attach(ours)


def become(configured: Process, birth: Birth, channel: sync.Channel) -> NoReturn:
    """From a process that may do anything to one that may do what the config says."""
    gate = Gate(birth, channel)
    # After the last hook: a process under SCHED_DEADLINE cannot fork.
    attributes.give_shares(configured)
    # Limits while there is still the privilege to raise them.
    rlimits.set_limits(configured.get("rlimits", []))
    sets = capabilities.Sets(configured.get("capabilities", {}))
    # The bounding set while CAP_SETPCAP is there, groups before the user who may not set them.
    capabilities.drop_bounding(sets)
    capabilities.keep()
    user.set_groups(configured["user"])
    user.set_group(configured["user"])
    user.set_user(configured["user"])
    runtime_linux.close_descriptors(birth.options.preserve_fds)
    processes.restore_signals()
    # The change of user has emptied the effective set, and the permitted one is still everything.
    late = configured.get("noNewPrivileges")
    if birth.filter and not late:
        # Later the right to load it is gone: what is done from here to execve is for the filter to allow.
        capabilities.regain()
        gate.close()
    capabilities.set_remaining(sets)
    capabilities.set_ambient(sets)
    no_new_privileges.forbid(configured)
    user.set_umask(configured["user"], birth.umask)
    # As the user: a directory that the user may not enter is not entered.
    process.enter_directory(configured)
    if birth.filter and late:
        gate.close()
    process.execute(configured)


class Gate:
    """The seccomp filter, and the agent that it may tell of system calls."""

    def __init__(self, birth: Birth, channel: sync.Channel) -> None:
        self.birth = birth
        self.page = birth.agent.receive_page(channel) if birth.agent else None

    def close(self) -> None:
        listener = seccomp.load(self.birth.container.config, self.birth.filter)
        if self.birth.agent and self.page:
            self.birth.agent.wait(self.page, listener)
