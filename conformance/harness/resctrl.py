"""The resctrl file system of this host; where it has none, and if asked for, a stand-in that one runtime is shown."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from . import faults, host, libc, support
from .container import Config, Container
from .runtime import Runtime
from .stand_ins import fuse, shown
from .stand_ins.resctrl import Resctrl as Tree

#: What a processor that has it all says of itself.
FLAGS = b" rdt_a cat_l3 mba cqm cqm_llc cqm_occup_llc cqm_mbm_total cqm_mbm_local"
NONE = "a mounted resctrl file system (--stand-in=resctrl shows one to a runtime that looks for it among all mounts)"
BANDWIDTHS = (50, 30, 20)
Settings = dict[str, dict[str, int]]


def mountpoint() -> Path | None:
    """Where this host has it mounted."""
    lines = (line.split(" ") for line in host.text("/proc/self/mountinfo").splitlines())
    return next((Path(fields[4]) for fields in lines if fields[fields.index("-") + 1] == "resctrl"), None)


def lack() -> str | None:
    return None if mountpoint() else NONE


class Resctrl:
    """Classes of service by their names; "" is the default one."""

    def __init__(self, path: Path, runtime: Runtime, *, is_stand_in: bool) -> None:
        self.path = path
        self.is_stand_in = is_stand_in
        self._runtime = runtime
        self._at_first = self.classes

    def requires(self, feature: str) -> None:
        """Unjudged, where the runtime's features leave out `schemata` or `monitoring`."""
        offered = support.section(support.section(self._runtime.features or {}, "linux"), "intelRdt")
        if offered.get(feature) is False:
            raise faults.declined(f"intelRdt.{feature} is not among the runtime's features")

    @property
    def classes(self) -> set[str]:
        return {entry.name for entry in self.path.iterdir() if (entry / "schemata").exists()}

    def monitors(self, name: str = "") -> set[str]:
        directory = self.path / name / "mon_groups"
        return {entry.name for entry in directory.iterdir()} if directory.is_dir() else set()

    def make(self, name: str, *lines: str) -> None:
        """A class as an administrator makes it."""
        (self.path / name).mkdir()
        for line in lines:
            (self.path / name / "schemata").write_text(f"{line}\n")

    def take(self, name: str) -> None:
        """Put this process, and the runtime that it calls, into a class, which is left when that is cleared away."""
        (self.path / name / "tasks").write_text(str(os.getpid()))

    def has(self, pid: int, *names: str) -> bool:
        return str(pid) in text(self.path.joinpath(*names, "tasks")).split()

    def settings(self, name: str = "") -> Settings:
        return parsed(text(self.path / name / "schemata"))

    def full(self) -> Settings:
        """What a class has that nothing was written to."""
        return {name: values for name, values in self.settings().items() if name in ("L3", "MB")}

    def cache(self, choice: int) -> str:
        """One of three lines for the third-level cache: so many of its lowest bits, written as the kernel does it."""
        least, width = int(self._info("L3", "min_cbm_bits")), len(self._info("L3", "cbm_mask"))
        mask = f"{(1 << least * (choice + 1)) - 1:0{width}x}"
        return "L3:" + ";".join(f"{domain}={mask}" for domain in self.settings()["L3"])

    def bandwidth(self, choice: int) -> str:
        """One of three lines for the memory's bandwidth."""
        return "MB:" + ";".join(f"{domain}={BANDWIDTHS[choice]}" for domain in self.settings()["MB"])

    def _info(self, resource: str, name: str) -> str:
        return (self.path / "info" / resource / name).read_text().strip()

    def fill(self) -> None:
        """Make monitoring groups until there are no more."""
        with suppress(OSError):
            for number in range(1 << 10):
                (self.path / "mon_groups" / f"filler-{number}").mkdir()

    def clear(self) -> None:
        """Take away what this test, or its runtime, has left."""
        for name in self.classes - self._at_first:
            (self.path / name).rmdir()


def text(file: Path) -> str:
    """Nothing, where the runtime has not made what should be there."""
    return file.read_text() if file.exists() else ""


def parsed(lines: str) -> Settings:
    """{"L3": {"0": 15}, "MB": {"0": 50}} of lines as a schemata file has them; ValueError for what is none."""
    found: Settings = {}
    for line in filter(str.strip, lines.splitlines()):
        resource, _, values = line.strip().partition(":")
        base = 10 if resource.endswith(("MB", "MBA")) else 16
        pairs = (value.partition("=") for value in values.split(";"))
        found[resource] = {domain.strip(): int(value, base) for domain, _, value in pairs}
    return found


@pytest.fixture
def resctrl(
    pytestconfig: pytest.Config,
    runtime: Runtime,
    same_kernel: None,
    config: Config,
    rootfs: Path,
    place: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Resctrl]:
    """Name it before `container`: it has to outlive the container, to whose processes a stand-in is shown."""
    offered = support.section(support.section(runtime.features or {}, "linux"), "intelRdt")
    if offered.get("enabled") is False:
        raise faults.declined("intelRdt is not among the runtime's features")
    if path := mountpoint():
        yield from real(path, runtime)
    elif "resctrl" in (pytestconfig.option.stand_in or []):
        trial = Trial(place / "trial", rootfs, config)
        yield from imitated(tmp_path_factory.mktemp("resctrl"), runtime, trial)
    else:
        raise faults.not_on_this_host(NONE)


def real(path: Path, runtime: Runtime) -> Iterator[Resctrl]:
    """The host's own, which is cleared of what the test has made; not on this host where it lacks L3 or MB."""
    found = Resctrl(path, runtime, is_stand_in=False)
    if missing := {"L3", "MB"} - found.settings().keys():
        raise faults.not_on_this_host(f"shares of {sorted(missing)[0]}, in the resctrl file system")
    yield found
    found.clear()


#: Runtime → whether it looks for resctrl where a stand-in can be shown, once that has been tried in this process.
FINDS: dict[tuple[str, ...], bool] = {}


class Trial:
    """A container that asks for a class; what becomes of it is no matter."""

    def __init__(self, place: Path, rootfs: Path, config: Config) -> None:
        self.place = place
        self.rootfs = rootfs
        self.config = json.loads(json.dumps(config))
        self.config["linux"]["intelRdt"] = {}

    def run(self, runtime: Runtime) -> None:
        made = Container(runtime, self.place, self.config, f"trial-{os.getpid()}")
        made.rootfs.mkdir(parents=True)
        libc.mount(str(self.rootfs), str(made.rootfs), flags=libc.MS_BIND)
        with suppress(faults.Fault):
            made.create()
        with suppress(faults.Fault):
            made.remove()
        made.abandon()
        libc.umount(str(made.rootfs))


def imitated(directory: Path, runtime: Runtime, trial: Trial) -> Iterator[Resctrl]:
    """A stand-in, shown to this runtime alone; not on this host where it does not find it, or FUSE lacks."""
    try:
        tree = Tree()
        mounted = fuse.Mounted(tree, make(directory / "resctrl"))
    except OSError as problem:
        raise faults.not_on_this_host(f"FUSE, for a stand-in of resctrl: {problem}") from None
    shows = shown.Shown(directory / "socket", lambda path, thread: show(path, thread, directory / "resctrl"))
    named, runtime.command = runtime.command, shows.command(runtime.command)
    try:
        if named not in FINDS:
            trial.run(runtime)
            FINDS[named] = mounted.was_found
        if not FINDS[named]:
            raise faults.not_on_this_host("a resctrl where this runtime looks for one: it has not found the stand-in")
        yield Resctrl(directory / "resctrl", runtime, is_stand_in=True)
    finally:
        tree.release(os.getpid())
        shows.close()
        mounted.unmount()


def make(directory: Path) -> Path:
    directory.mkdir()
    return directory


def show(path: str, thread: int, stand_in: Path) -> bytes | None:
    """The list of mounts, in which the stand-in is what it stands for; and a processor that has what it shares out."""
    if path == "/proc/cpuinfo":
        lines = Path(path).read_bytes().splitlines()
        return b"\n".join(line + FLAGS if line.startswith(b"flags") else line for line in lines) + b"\n"
    if not (path.startswith("/proc/") and path.endswith("/mountinfo")):
        return None
    for link in ("self", "thread-self"):
        path = path.replace(f"/proc/{link}/", f"/proc/{thread}/")
    lines = Path(path).read_bytes().split(b"\n")
    point = b" %b " % os.fsencode(stand_in)
    return b"\n".join(line.replace(b" - fuse ", b" - resctrl ") if point in line else line for line in lines)
