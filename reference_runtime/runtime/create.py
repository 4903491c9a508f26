"""runtime.md#runtimeCreate: how a container is made, told from outside; `init` tells it from inside."""

from __future__ import annotations

import os
from contextlib import ExitStack

from .. import bundle as bundles
from ..config import hooks, oom_score_adj
from ..config_linux import intel_rdt, namespaces, network_devices, seccomp, user_namespace_mappings
from ..kernel import processes
from . import cgroups, check, delete, lifecycle, record, stager, state
from .birth import Birth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .birth import Options
    from .record import Container


def create(root: str, id: str, bundle: str, options: Options) -> Container:
    """A new container, whose process waits for start; or an error, and nothing."""
    record.refuse_invalid_id(id)
    bundle = bundles.locate(bundle)
    config = bundles.read(bundle)
    check.check(config, bundle)
    check.check_options(config, options)
    container = record.Container(root, id, bundle, config)
    joined = namespaces.open_joined(config)
    filter = seccomp.compile(config)

    # Whatever has been done is undone in reverse when a later step fails; `afterwards` comes last of all, since
    # poststop hooks are for a container that is gone.
    with ExitStack() as afterwards, ExitStack() as undo, cgroups.deaths_told(container):
        record.reserve(container)
        undo.callback(record.remove, container)
        undo.callback(cgroups.remove, container)
        cgroups.create(container)
        record.write(container)

        # init is the stager's child and becomes ours when the stager has exited: then it can be made to die with us.
        processes.adopt_orphans()
        birth = Birth(container, options, joined, filter)
        first = stager.fork(birth)
        undo.callback(stager.end, first)
        undo.callback(birth.channel.close)
        if namespaces.is_new(config, "user"):
            birth.channel.expect("map me")
            user_namespace_mappings.write_mappings(config, first)
            birth.channel.say("mapped")
        adopt(container, int(birth.channel.expect("born")))
        undo.callback(intel_rdt.remove, container.groups)
        undo.callback(delete.clear_root, container)
        undo.callback(end, container)
        stager.end(first)
        birth.give_nodes()
        cgroups.limit_tasks(container)
        cgroups.hand_over(container)
        # From outside, by pid: init may be in a user namespace, where it has no say in this.
        oom_score_adj.set_score(config, container.pid)
        intel_rdt.enter(config, container.id, container.pid, container.groups)
        # The namespace of a container that does not come to be would take them with it.
        moved = network_devices.move_all(config, container.pid)
        undo.callback(network_devices.give_back, moved)
        # Hooks may ask for the state.
        record.write(container)

        birth.channel.say(f"adopted {container.pid}")
        if not namespaces.is_new(config, "mount"):
            container.bound = birth.channel.expect("bound")
            record.write(container)
            birth.channel.say("go on")
        birth.channel.expect("mounted")
        cgroups.allow_devices(container)
        # A hook may have left something behind that only the poststop hooks know how to remove.
        afterwards.callback(delete.run_poststop, container)
        before_root = state.compose(container, lifecycle.CREATING, container.pid)
        if not hooks.prestart_in_start(config):
            hooks.run(config, "prestart", before_root)
        hooks.run(config, "createRuntime", before_root)
        birth.channel.say("go on")
        birth.channel.expect("created")

        if options.pid_file:
            write_pid_file(options.pid_file, container.pid)
            undo.callback(os.unlink, options.pid_file)
        container.created = True
        record.write(container)
        # Only now: had we been killed before, nobody would have known of a process that lives on.
        birth.channel.say("go on")
        birth.channel.hear()
        undo.pop_all()
        afterwards.pop_all()
    network_devices.let_go(moved)
    record.unlock(container)
    return container


def adopt(container: Container, pid: int) -> None:
    container.pid = pid
    container.started = processes.started(pid) or 0


def end(container: Container) -> None:
    """Take the process away again; we are its parent."""
    processes.send_signal(container.pid, container.started, 9)
    cgroups.thaw(container)
    processes.reap(container.pid)


def write_pid_file(path: str, pid: int) -> None:
    """Whoever waits for the file never finds it empty."""
    draft = f"{path}.{os.getpid()}"
    with open(draft, "w", encoding="ascii") as file:
        file.write(str(pid))
    os.rename(draft, path)
