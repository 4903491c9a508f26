"""From one test's phases to its line in results.jsonl, and to what a terminal shows of a failure."""

import shlex
import shutil
import stat
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from bundles import contracts, entries, patch, recipe
from conformance.catalogue import Requirement

from . import outcomes, selection, support
from .container import PLACEHOLDER, Container
from .runtime import Call, Runtime

#: Characters of a stream that a line keeps.
KEPT_WORDS = 16384

Ending = tuple[str, BaseException | None, "tuple[str, Any, Any] | None"]
ENDINGS = pytest.StashKey[list[Ending]]()
SECONDS = pytest.StashKey[float]()
REPLAY = pytest.StashKey[str]()
TRACE = pytest.StashKey[str]()


def line(item: pytest.Item, requirement: Requirement, release: str, also_red: Collection[str]) -> dict[str, Any]:
    """The test's line: what it says, and on what evidence."""
    endings = item.stash[ENDINGS]
    found = [outcomes.outcome(raised, requirement, also_red) if raised else outcomes.PASSED for _, raised, _ in endings]
    verdict = outcomes.worst(found)
    decisive = next((endings[i] for i, outcome in enumerate(found) if outcome == verdict), endings[-1])
    _, raised, compared = decisive
    expected, seen = outcomes.evidence(raised, compared)
    runtime: Runtime | None = arguments(item).get("runtime")
    container: Container | None = arguments(item).get("container")
    return {
        "kind": "test",
        "test": item.nodeid,
        "title": title(item),
        "requirement": requirement.id,
        "chapter": chapter(item),
        "outcome": verdict,
        "seconds": round(item.stash.get(SECONDS, 0.0), 4),
        "runtime_seconds": round(runtime.busy if runtime else 0.0, 4),
        "reason": reason(raised),
        "expected": expected,
        "seen": seen,
        "trace": item.stash.get(TRACE, None),
        "calls": [call_as_data(call) for call in runtime.calls] if runtime else [],
        "patch": difference(container, release) if container else None,
        "replay": item.stash.get(REPLAY, None),
        "facts": None,
    }


def arguments(item: pytest.Item) -> dict[str, Any]:
    return getattr(item, "funcargs", {})


def title(item: pytest.Item) -> str:
    name = item.name.split("[")[0].removeprefix("test_").replace("_", " ")
    callspec = getattr(item, "callspec", None)
    return f"{name} [{callspec.id}]" if callspec else name


def chapter(item: pytest.Item) -> str:
    parts = item.nodeid.split("/")
    return parts[2] if parts[:2] == ["conformance", "beyond"] and len(parts) > 3 else parts[1]


def reason(raised: BaseException | None) -> str | None:
    words = str(raised).strip().splitlines() if raised else []
    return words[0][:1000] if words else None


def call_as_data(call: Call) -> dict[str, Any]:
    return {
        "argv": list(call.argv),
        "exit": call.exit,
        "signal": call.signal,
        "timed_out": call.timed_out,
        "seconds": round(call.seconds, 4),
        "stdout": call.stdout[:KEPT_WORDS],
        "stderr": call.stderr[:KEPT_WORDS],
    }


def difference(container: Container, release: str) -> list[patch.Operation]:
    """What the test has made of the ordinary config, without what the harness itself fills in."""
    config = container.config
    ordinary = contracts.ordinary() | {"ociVersion": release}
    prefix = container.program()
    process = support.section(config, "process")
    args: Any = process.get("args")
    if isinstance(args, list) and args[: len(prefix)] == prefix:
        commands = cast("list[str]", args)[len(prefix) :]
        config = config | {"process": process | {"args": [*PLACEHOLDER, *commands]}}
    return patch.difference(ordinary, config)


def sections(requirement: Requirement, release: str, item: pytest.Item) -> Iterator[tuple[str, str]]:
    """What a failure shows below its traceback."""
    _, raised, compared = item.stash[ENDINGS][-1]
    expected, seen = outcomes.evidence(raised, compared)
    told = [f"{requirement.level} {requirement.id}: {requirement.what}", requirement.link(release)]
    if expected is not None:
        told += [f"expected: {expected}", f"seen:     {seen}"]
    yield "requirement", "\n".join(told)
    runtime: Runtime | None = arguments(item).get("runtime")
    if runtime and runtime.calls:
        yield "the runtime's words", "\n".join(map(words, runtime.calls))
    if REPLAY in item.stash:
        yield "replay", item.stash[REPLAY]


def words(call: Call) -> str:
    said = "".join(f"\n    {line}" for line in (call.stdout + call.stderr).splitlines()[:20])
    return f"$ {' '.join(call.argv)}\n  → {call.ending.split(':')[0]}{said}"


def replay_of(container: Container, runtime: Runtime) -> str:
    """A command that rebuilds this test's bundle and repeats its calls, anywhere and at any time."""
    skipped = len(runtime.command)
    written = recipe.write(
        config=container.config,
        files=entries.collect(container.bundle.parent / "upper", "rootfs"),
        calls=[list(call.argv[skipped:]) for call in runtime.calls if "--root" in call.argv],
        runtime=shlex.join(runtime.command),
        places={"$BUNDLE": str(container.bundle), "$ROOT": str(container.root), "$ID": container.id},
    )
    return f"cd {selection.ROOT} && {sys.executable} -m bundles replay {recipe.token(written)}"


def keep(container: Container, directory: Path, nodeid: str) -> str:
    """Copy a failed test's bundle out of the sandbox; what could not be copied, and why, a line each."""
    name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in nodeid.split("::")[-1])
    try:
        shutil.copytree(container.bundle, directory / name, symlinks=True, dirs_exist_ok=True, ignore=special_files)
    except shutil.Error as problem:
        # A disk that is full, or files that go while they are copied: the others are there.
        return "\n".join(f"{source}: {why}" for source, _, why in problem.args[0])
    return ""


def special_files(directory: str, names: list[str]) -> list[str]:
    """Devices, fifos and sockets: copytree would open them."""
    modes = {name: (Path(directory) / name).lstat().st_mode for name in names}
    return [n for n, mode in modes.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))]
