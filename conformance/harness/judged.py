"""Before the first test: who is under test, which release it is judged by, and does it run a container at all?"""

import hashlib
import json
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from bundles import contracts, rootfs
from conformance import catalogue

from . import faults, libc, semver
from .container import Container
from .runtime import Runtime


@dataclass(slots=True)
class Judged:
    """What every process of a run must know of the runtime; plain data, handed to xdist's workers as it is."""

    command: list[str]
    named: str
    version_words: str
    sha256: str
    claims: str | None
    specification: str
    why: str
    features: dict[str, Any] | None
    rootfs: str
    visible: bool = True

    def as_header(self) -> dict[str, Any]:
        return {
            "runtime": {
                "command": self.named,
                "argv": self.command,
                "path": self.command[0],
                "sha256": self.sha256,
                "version": self.version_words,
                "claims": self.claims,
            },
            "specification": {"version": self.specification, "why": self.why},
        }

    plain = asdict


class DoesNotRun(Exception):
    """The runtime does not run the ordinary bundle: nothing else that it does can be judged."""

    def __init__(self, release: str, fault: faults.Fault) -> None:
        super().__init__(f"it does not run the ordinary bundle of {release}: {' '.join(str(fault).split())}")
        #: It refused the bundle by its own decision: it may be too old for this release.
        self.refused = isinstance(fault, faults.OperationFailed) and fault.operation == "create"


def judge(command: tuple[str, ...], named: str, timeout: float, release: str | None, scratch: Path) -> Judged:
    """Ask the runtime what it is, and run the ordinary bundle. Raises DoesNotRun with one line."""
    lower = scratch / "rootfs"
    rootfs.build(lower)
    runtime = Runtime(command, timeout)
    version = runtime.call("--version")
    features = features_of(runtime)
    claims = claim(features, version.stdout)
    if release is None:
        release, why = newest_that_runs(runtime, lower, claims)
    else:
        why = "asked for by --spec-version"
        run_ordinary(runtime, lower, release)
    return Judged(
        command=list(command),
        named=named,
        version_words=version.stdout.strip()[:2000],
        sha256=hashlib.sha256(Path(command[0]).read_bytes()).hexdigest(),
        claims=claims,
        specification=release,
        why=why,
        features=features,
        rootfs=str(lower),
        visible=runtime.visible,
    )


def features_of(runtime: Runtime) -> dict[str, Any] | None:
    asked = runtime.call("features")
    if asked.exit != 0:
        return None
    try:
        found = json.loads(asked.stdout)
    except ValueError:
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def claim(features: dict[str, Any] | None, version_words: str) -> str | None:
    """The release of the specification that the runtime says it follows: the higher one, if it has mixed them up."""
    newest, oldest = ((features or {}).get(name) for name in ("ociVersionMax", "ociVersionMin"))
    if isinstance(newest, str):
        both = all(isinstance(version, str) and semver.is_version(version) for version in (newest, oldest))
        return max(newest, str(oldest), key=semver.precedence) if both else newest
    named = re.search(r"^\s*spec:\s*(\S+)", version_words, re.MULTILINE)
    return named[1] if named else None


def newest_that_runs(runtime: Runtime, lower: Path, claims: str | None) -> tuple[str, str]:
    """The newest release, of the minor version that is claimed if any is, whose ordinary bundle it runs.

    A patch release changes no demand on a runtime that its minor version's other releases do not know, and a
    runtime that was released in between says so with a pre-release tag: the claim's own patch number decides nothing.
    """
    fitting = [release for release in catalogue.RELEASES if minor(release) == minor(claims or release)]
    release = newest(runtime, lower, fitting or list(catalogue.RELEASES))
    if claims is None:
        return release, "the newest release whose ordinary bundle it runs; it claims none"
    if not fitting:
        return release, f"the newest release whose ordinary bundle it runs; it claims {claims}, unknown here"
    return release, f"it claims {claims}, and runs the ordinary bundle of this release"


def newest(runtime: Runtime, lower: Path, releases: list[str]) -> str:
    *older, release = releases
    try:
        run_ordinary(runtime, lower, release)
    except DoesNotRun as problem:
        if problem.refused and older:
            return newest(runtime, lower, older)
        raise
    return release


def minor(version: str) -> list[str]:
    return version.split("-")[0].split(".")[:2]


def run_ordinary(runtime: Runtime, lower: Path, release: str) -> None:
    """Create, start and delete the ordinary container, and read its report to the end."""
    config = contracts.ordinary() | {"ociVersion": release}
    with tempfile.TemporaryDirectory(prefix="ordinary-") as place:
        container = Container(runtime, Path(place), config, f"ordinary-{release}-{os.getpid()}")
        container.rootfs.mkdir(parents=True)
        overlay(lower, container.rootfs, Path(place))
        try:
            container.create("listen")
            container.start()
            container.heard("ready")
            present = pid_namespaces()
            container.hangs_up()
            runtime.visible = container.report().facts.namespaces["pid"] in present
            container.remove()
        except faults.Fault as problem:
            raise DoesNotRun(release, problem) from None
        finally:
            container.abandon()
            libc.umount(str(container.rootfs))


def pid_namespaces() -> set[str | None]:
    """Those of this host's processes: whatever pid a runtime tells, a container that this host can see is in one."""
    found: set[str | None] = set()
    for process in filter(str.isdecimal, os.listdir("/proc")):
        with suppress(OSError):
            found.add(os.readlink(f"/proc/{process}/ns/pid"))
    return found - {os.readlink("/proc/self/ns/pid")}


def overlay(lower: Path, target: Path, place: Path) -> None:
    """A writable view of the read-only root file system; what is written goes to `place`/upper."""
    for name in ("upper", "work"):
        (place / name).mkdir()
    options = f"lowerdir={lower},upperdir={place / 'upper'},workdir={place / 'work'}"
    libc.mount("overlay", str(target), "overlay", 0, options)
