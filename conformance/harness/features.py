"""What a runtime says of its features, member by member; that it is so is for the tests to find out."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from . import facts, faults, host, support
from .container import Config, Container
from .runtime import Runtime

#: For a look at another member alone: the two that are always required.
VERSIONS = {"ociVersionMin": "1.1.0", "ociVersionMax": "1.1.0"}


class Features:
    """A features structure. Of a member that is missing or null nothing is known: what is asked of it is declined."""

    def __init__(self, document: Config) -> None:
        self.document = document

    def member(self, *path: str) -> Any:
        """A member's value, checked by the contract; declined where it, or what would hold it, is missing or null."""
        found: Any = facts.checked(VERSIONS | narrowed(self.document, path), "features")
        for name in path:
            found = found.get(name) if found else None
        if found is None:
            raise faults.declined(f"the runtime's features say nothing of {'.'.join(path)}")
        return found

    def names(self, *path: str) -> list[str]:
        return self.member(*path)

    def says(self, *path: str) -> bool:
        return self.member(*path)


def narrowed(document: Config, path: tuple[str, ...]) -> Config:
    """The document less all members but the one at this path: what is wrong elsewhere is another test's business."""
    name, *further = path
    if name not in document:
        return {}
    value = document[name]
    if further and isinstance(value, dict):
        return {name: narrowed(cast(Config, value), tuple(further))}
    return {name: value}


def told(runtime: Runtime) -> Features:
    """The structure that the runtime tells; declined where it has none."""
    try:
        return told_again(runtime)
    except faults.OperationFailed:
        raise faults.declined("the runtime tells no features") from None


def told_again(runtime: Runtime, **how: Any) -> Features:
    """By a runtime that has told it: that it cannot do so otherwise is its fault. `how` is Runtime.call's."""
    return Features(parsed(runtime.operate("features", "features", **how).stdout))


def parsed(words: str) -> Config:
    try:
        document: Any = json.loads(words)
    except ValueError as problem:
        raise faults.BadWords("features in JSON", f"{problem}: {words[:200]!r}") from None
    if not isinstance(document, dict):
        raise faults.BadWords("an object as features", words[:200])
    return cast(Config, document)


@pytest.fixture
def features(runtime: Runtime) -> Features:
    """What the runtime under test, or the mutant, says of its features now."""
    return told(runtime)


#: What comes of a config that asks for something.
APPLIED, REFUSED, PASSED_OVER = "applied", "refused", "passed over"


def outcome(container: Container, is_applied: Callable[[], bool], *commands: str) -> str:
    """What comes of a container's config, whatever the features say; it stays until it has been looked at."""
    if not is_started(container, *commands):
        return REFUSED
    return APPLIED if is_applied() else PASSED_OVER


def due(supported: bool) -> str:
    """What has to come of it: by what the runtime says of itself it is applied, or else an error."""
    return APPLIED if supported else REFUSED


# --- whether it is so ------------------------------------------------------------------------------------------------


def tried(container: Container, *commands: str) -> facts.Report | None:
    """The program's report where the runtime takes the config, whatever its features say of it; None for an error."""
    if not is_started(container, *commands):
        return None
    return container.report()


def is_started(container: Container, *commands: str) -> bool:
    """Whether a container is created and started, whatever the features say; Unjudged where the host lacks for it."""
    if missing := host.lacks(container.config):
        raise faults.not_on_this_host(missing)
    container.program_obeys(*commands)
    container.write_config()
    try:
        container.create_as_written()
        container.start()
    except faults.OperationFailed:
        return False
    return True


def not_taken(names: Iterable[str], takes: Callable[[list[str]], bool]) -> list[str]:
    """Those names that are not taken: all are tried in one container, and in halves where that fails."""
    wanted = sorted(names)
    if not wanted or takes(wanted):
        return []
    if len(wanted) == 1:
        return wanted
    middle = len(wanted) // 2
    return not_taken(wanted[:middle], takes) + not_taken(wanted[middle:], takes)


def possible(names: Iterable[str], asking: Callable[[str], Config]) -> list[str]:
    """Those names that this host can do, by the config that asks for each."""
    return [name for name in names if host.lacks(asking(name)) is None]


def is_empty(value: Any) -> bool:
    """What is known to be nothing; null is what is not known."""
    return value is not None and not value


# --- where a host cannot be seen -------------------------------------------------------------------------------------

#: Run in a mount namespace of its own, in which nothing tells what the kernel can do.
BLINDFOLD = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
def mount(source, target, kind, flags):
    if os.path.exists(target) and libc.mount(source, target, kind, ctypes.c_ulong(flags), None):
        raise SystemExit(f"mount {target!r}")
if libc.unshare(0x20000):
    raise SystemExit("unshare")
mount(b"none", b"/", None, 0x44000)
for name in (b"/sys", b"/proc/sys"):
    mount(b"none", name, b"tmpfs", 0)
for name in (b"/proc/filesystems", b"/proc/cgroups", b"/proc/cpuinfo", b"/proc/config.gz", b"/proc/modules"):
    mount(b"/dev/null", name, None, 0x1000)
os.execv(sys.argv[1], sys.argv[1:])
"""


def blindfolded(command: tuple[str, ...]) -> tuple[str, ...]:
    """A command that finds nothing of the kernel's abilities in /sys and /proc."""
    return (sys.executable, "-I", "-S", "-c", BLINDFOLD, *command)


@cache
def lack_of_blindfold() -> str | None:
    """Why this host cannot hide them; tried with a command that has nothing to look for."""
    ran = subprocess.run(
        blindfolded((sys.executable, "-I", "-S", "-c", "pass")), stderr=subprocess.PIPE, text=True, check=False
    )
    return f"a place without /sys: {ran.stderr.strip()}" if ran.returncode else None


def told_without_sight(runtime: Runtime, directory: Path) -> Config:
    """What it tells there, in an empty directory and without an environment: in a form to be compared."""
    if missing := lack_of_blindfold():
        raise faults.not_on_this_host(missing)
    blind = replace(runtime, command=blindfolded(runtime.command), calls=[], busy=0.0)
    return comparable(told_again(blind, cwd=directory, env={}).document)


@pytest.fixture
def told_there(runtime: Runtime, place: Path) -> Callable[..., Any]:
    """A member as it is told there, in a form to be compared: `told_there("linux", "cgroup")`."""

    def tell(*path: str) -> Any:
        found: Any = told_without_sight(runtime, place)
        for name in path:
            found = found.get(name) if found else None
        return found

    return tell


def comparable(document: Config) -> Config:
    """Less the one list that is about the kernel and the libraries at hand, by the text's own words; lists in order."""
    document = cast(Config, json.loads(json.dumps(document)))
    support.section(support.section(document, "linux"), "seccomp").pop("supportedFlags", None)
    return in_order(document)


def in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: in_order(member) for name, member in cast(Config, value).items()}
    return sorted(map(str, cast("list[Any]", value))) if isinstance(value, list) else value
