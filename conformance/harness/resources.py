"""Fixtures that own something of the host: they are its gate and its clean-up."""

import json
import os
import signal
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from . import apparmor, cgroups, faults, hooks, host, libc, residue, scheduling, selinux, support
from .container import Config, Container
from .runtime import Runtime


@pytest.fixture
def hook_log(place: Path, config: Config, runtime: Runtime) -> hooks.HookLog:
    """Hooks that write down what they are given, and where; a mount of `config` carries their log."""
    return hooks.HookLog(place / "log", config, runtime)


@pytest.fixture
def daemon(container: Container, place: Path, same_kernel: None) -> Iterator[hooks.Daemon]:
    """A hook that leaves a process behind; it ends before the container is removed."""
    made = hooks.Daemon(place / "daemon")
    yield made
    made.end()


class Console:
    """The socket to which a runtime sends the master side of a container's terminal."""

    def __init__(self, path: Path, runtime: Runtime) -> None:
        self.path = path
        self._runtime = runtime
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(1)
        self._terminal: int | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """What `create` is given."""
        return "--console-socket", str(self.path)

    @property
    def terminal(self) -> int:
        """The master's descriptor; NotInTime if none was sent."""
        if self._terminal is None:
            self._terminal = self._receive()
        return self._terminal

    def _receive(self) -> int:
        self._listening.settimeout(self._runtime.timeout)
        try:
            with self._listening.accept()[0] as connection:
                connection.settimeout(self._runtime.timeout)
                descriptors = socket.recv_fds(connection, 4096, 1)[1]
        except TimeoutError:
            raise faults.NotInTime("the terminal's master on the console socket", "no connection") from None
        if not descriptors:
            raise faults.BadWords("the terminal's master on the console socket", "a message without a descriptor")
        return descriptors[0]

    def close(self) -> None:
        self._listening.close()
        if self._terminal is not None:
            os.close(self._terminal)


@pytest.fixture
def console(place: Path, runtime: Runtime) -> Iterator[Console]:
    """A console socket; `container.create(options=console.options)`, then `container.hears(console.terminal)`."""
    made = Console(place / "console", runtime)
    yield made
    made.close()


Another = Callable[[Config | None], Container]


@pytest.fixture
def another(
    runtime: Runtime, place: Path, rootfs: Path, container: Container, config: Config
) -> Iterator[Callable[..., Container]]:
    """Further containers of the same root file system: `another(config, id=…)`, each removed after the test."""
    made: list[Container] = []

    def make(config_of_its_own: Config | None = None, id: str | None = None) -> Container:
        number = len(made) + 2
        own = json.loads(json.dumps(config)) if config_of_its_own is None else config_of_its_own
        # No ID is the beginning of another: a runtime may take that for the whole.
        found = Container(runtime, place / f"{number}", own, id or f"{number}-{container.id}")
        if config_of_its_own is None:
            give_own_cgroup(own, container.id, found.id)
        found.rootfs.mkdir(parents=True)
        libc.mount(str(rootfs), str(found.rootfs), flags=libc.MS_BIND)
        found.root = container.root
        made.append(found)
        return found

    yield make
    was_created = False
    try:
        # All of them end before anything is looked for: the process of one is no leftover of another.
        was_created = container.ends()
        for found in [found for found in made if found.ends()]:
            found.refuse_leftovers()
    finally:
        for found in made:
            found.abandon()
            libc.umount(str(found.rootfs))
    if was_created:
        container.refuse_leftovers()


def give_own_cgroup(config: Config, id: str, new_id: str) -> None:
    """Where the path is named after the first container, the next one's is named after that one."""
    linux = support.section(config, "linux")
    if isinstance(path := linux.get("cgroupsPath"), str):
        linux["cgroupsPath"] = path.replace(id, new_id)


def fork_into(namespace: int) -> int | None:
    """A process that does nothing, in a new namespace (a flag of unshare(2)); None where it cannot be made.

    It is a grandchild: a process that unshares a pid or a time namespace stays outside of it. It is a fork of this
    process and not a program of its own: that takes a tenth of the time.
    """
    inward, outward = os.pipe()
    child = fork()
    if child == 0:
        with suppress(OSError):
            if namespace == libc.CLONE_NEWCGROUP:
                cgroups.go_to_top()
            libc.unshare(namespace)
            if (member := fork()) == 0:
                # Or it would hold the other end of somebody's pipe.
                os.closerange(0, 1 << 16)
                while True:
                    signal.pause()
            os.write(outward, str(member).encode())
        os._exit(0)
    os.close(outward)
    os.waitpid(child, 0)
    said = os.read(inward, 32)
    os.close(inward)
    return int(said) if said else None


def fork() -> int:
    """os.fork without its warning about the threads of xdist: the child calls nothing that could wait for them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


class HeldNamespace:
    """A namespace of this run's own, kept by a process that does nothing else."""

    #: The flags of unshare(2).
    FLAGS = {
        "pid": libc.CLONE_NEWPID,
        "network": libc.CLONE_NEWNET,
        "mount": libc.CLONE_NEWNS,
        "ipc": libc.CLONE_NEWIPC,
        "uts": libc.CLONE_NEWUTS,
        "user": libc.CLONE_NEWUSER,
        "cgroup": libc.CLONE_NEWCGROUP,
        "time": libc.CLONE_NEWTIME,
    }

    def __init__(self, type: str, ids: str = "0 0 65536") -> None:
        member = fork_into(self.FLAGS[type])
        if member is None:
            raise faults.not_on_this_host(f"{type} namespaces cannot be made here")
        residue.OURS.add(member)
        self.pid = member
        self.path = f"/proc/{self.pid}/ns/{host.NAMESPACES[type]}"
        #: What readlink says of it, on either side.
        self.identity = os.readlink(self.path)
        if type == "user":
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{self.pid}/{name}").write_text(ids)

    def release(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        # The first process of a pid namespace stays until all others in it have been waited for: the container's too.
        while not residue.reaped(self.pid, time.monotonic() + 0.005) and time.monotonic() < deadline:
            residue.reap_ended()
        residue.OURS.discard(self.pid)

    def bound_to(self, file: Path) -> str:
        """The path of a further name of the namespace, as network namespaces are kept; see umount in the fixture."""
        file.touch()
        libc.mount(self.path, str(file), flags=libc.MS_BIND)
        return str(file)


@pytest.fixture
def namespace_of() -> Iterator[Callable[..., HeldNamespace]]:
    """Make a namespace to join: `namespace_of("uts").path`; one for users has a map of its `ids`."""
    made: list[HeldNamespace] = []

    def make(type: str, **how: str) -> HeldNamespace:
        made.append(HeldNamespace(type, **how))
        return made[-1]

    yield make
    for held in made:
        held.release()


@pytest.fixture
def file_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[HeldNamespace], str]]:
    """Give a namespace a name outside of /proc, as `ip netns` does: `file_of(namespace)` is its path."""
    directory = tmp_path_factory.mktemp("namespaces")
    named: list[str] = []

    def name(held: HeldNamespace) -> str:
        named.append(held.bound_to(directory / f"{len(named)}"))
        return named[-1]

    yield name
    for path in named:
        with suppress(OSError):  # a runtime that has taken it away has been told so by the test
            libc.umount(path)


@pytest.fixture
def common_mounts(container: Container) -> Iterator[None]:
    """For a container in this run's own mount namespace: what is still mounted for it at the end is taken away.

    Whether a runtime does that itself is another requirement's question.
    """
    yield
    residue.mounts(container.bundle.parent)


@pytest.fixture
def message_queue() -> Iterator[int]:
    """The key of a System V message queue in this run's own IPC namespace."""
    key = 0x0C1_0000 + os.getpid()
    identifier = libc.make_message_queue(key)
    yield key
    libc.remove_message_queue(identifier)


@pytest.fixture
def own_uts_namespace() -> Iterator[None]:
    """This process, and the runtime that it calls, in a UTS namespace of the test's own: the host keeps its name."""
    with open("/proc/thread-self/ns/uts") as before:
        libc.unshare(libc.CLONE_NEWUTS)
        yield
        libc.setns(before.fileno(), libc.CLONE_NEWUTS)


@pytest.fixture
def same_kernel(runtime: Runtime) -> None:
    """The gate of tests in which container and host meet in the kernel: not so in a virtual machine."""
    if not runtime.visible:
        raise faults.not_on_this_host("not visible from this host: the container's kernel is not the host's")


@pytest.fixture
def shelf(place: Path) -> Path:
    """A directory of the host's, to be bound: what a container writes to its root file system may stay with it."""
    directory = place / "shelf"
    directory.mkdir()
    return directory


class Harbour:
    """A directory of the container's root file system, on which this host mounts something while it runs."""

    SHIP = "from the host"

    def __init__(self, rootfs: Path) -> None:
        # As where a root file system is a mount of its own on a host that shares its mounts: a copy of it is a peer.
        libc.mount("none", str(rootfs), flags=libc.MS_SHARED)
        self.rootfs = rootfs
        self.path = rootfs / "harbour"
        self.path.mkdir()

    def mount(self) -> None:
        """Mount a file system with the file `ship` at /harbour, on the host's side."""
        libc.mount("harbour", str(self.path), "tmpfs", data="size=64k")
        (self.path / "ship").write_text(self.SHIP)

    @property
    def mountpoints(self) -> set[str]:
        """Where something is mounted below the root file system, on the host's side; from its top."""
        points = [line.split(" ", 5)[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        return {point.removeprefix(str(self.rootfs)) for point in points if point.startswith(f"{self.rootfs}/")}

    def clear(self) -> None:
        for point in self.mountpoints:
            libc.umount(f"{self.rootfs}{point}")


@pytest.fixture
def harbour(container: Container, rootfs: Path, same_kernel: None) -> Iterator[Harbour]:
    """A root file system that is a shared mount; it depends on the container so as to be clear before its removal."""
    made = Harbour(rootfs)
    yield made
    made.clear()


@pytest.fixture
def kernel_parameter() -> Iterator[tuple[str, str, str]]:
    """A parameter that no namespace has for itself: its name, its value, and another harmless one; put back."""
    file = Path("/proc/sys/vm/stat_interval")
    before = file.read_text().strip()
    yield "vm.stat_interval", before, f"{int(before) + 1}"
    if file.read_text().strip() != before:
        file.write_text(before)


@pytest.fixture
def realtime(config: Config) -> None:
    """Time for the real-time policies in the config's cgroup, where it is rationed."""
    file = scheduling.realtime_budget()
    try:
        if file:
            scheduling.lend(config, file)
    except OSError as problem:
        raise faults.not_on_this_host(f"processors' time for real-time policies ({file}: {problem.strerror})") from None


@pytest.fixture
def nice_caller() -> Iterator[int]:
    """This process, and the runtime that it calls, at another nice value than 0."""
    if not host.has_capability(host.CAP_SYS_NICE):
        raise faults.not_on_this_host("CAP_SYS_NICE, to come back from another nice value")
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, 5)
    yield 5
    os.setpriority(os.PRIO_PROCESS, 0, before)


@pytest.fixture
def oom_score() -> Iterator[int]:
    """This process, and the runtime that it calls, with another score than its own."""
    file = Path("/proc/self/oom_score_adj")
    before = file.read_text()
    file.write_text("321")
    yield 321
    file.write_text(before)


@pytest.fixture
def apparmor_profile(runtime: Runtime, same_kernel: None) -> Iterator[str]:
    """The name of a profile that is loaded, and that allows everything."""
    if missing := apparmor.lack():
        raise faults.not_on_this_host(missing)
    refuse_declined(runtime, "apparmor")
    name = f"oci-conformance-{os.getpid()}"
    with apparmor.loaded(name):
        yield name


@pytest.fixture
def selinux_label(runtime: Runtime, same_kernel: None) -> str:
    """A label that this host's policy knows, and that nothing has by default."""
    if missing := selinux.lack():
        raise faults.not_on_this_host(missing)
    refuse_declined(runtime, "selinux")
    if (label := selinux.label()) is None:
        raise faults.not_on_this_host("a policy of SELinux that has categories, or container_t")
    return label


@pytest.fixture
def mountable_label(runtime: Runtime, place: Path, same_kernel: None) -> str:
    """A label that this host's policy lets a mount have, and that no mount has by default."""
    if missing := selinux.lack():
        raise faults.not_on_this_host(missing)
    refuse_declined(runtime, "selinux")
    (trial := place / "trial").mkdir()
    if (label := selinux.label_of_files(trial)) is None:
        raise faults.not_on_this_host("a policy of SELinux that has container_file_t, or categories")
    return label


def refuse_declined(runtime: Runtime, module: str) -> None:
    """Only here: that a profile or a label is refused can be asked of every runtime."""
    offered = support.section(support.section(runtime.features or {}, "linux"), module)
    if offered.get("enabled") is False:
        raise faults.declined(f"{module} is not among the runtime's features")
