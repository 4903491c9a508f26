"""Fixtures that own something of the host: they are its gate and its clean-up."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bundles import rootfs as root_file_system

from . import facts
from .container import Config, Container, eventually
from .runtime import Runtime


class HookLog:
    """Hooks that write down what they were given, wherever they are executed.

    The log lies in a directory that the container has at the same path, by a bind mount: a hook finds it before and
    after the root has changed.
    """

    def __init__(self, directory: Path, config: Config, runtime: Runtime) -> None:
        self.path = directory / "hooks.jsonl"
        self._runtime = runtime
        directory.mkdir(mode=0o777)
        directory.chmod(0o777)
        config["mounts"] = config.get("mounts", []) + [
            {"destination": str(directory), "type": "bind", "source": str(directory), "options": ["bind", "rw"]}
        ]

    def hook(self, name: str, **members: Any) -> Config:
        """A hook entry that logs under `name`; further members of the entry as they are."""
        interpreter, *options = root_file_system.HOOK_ARGS
        return {"path": interpreter, "args": [interpreter, *options, name, str(self.path)]} | members

    @property
    def entries(self) -> list[dict[str, Any]]:
        """What has been logged, in order; hooks' standard input is in `stdin`."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    @property
    def names(self) -> list[str]:
        return [entry["hook"] for entry in self.entries]

    def state(self, name: str) -> dict[str, Any]:
        """The state that the hook was given, checked against the contract; waits until it has run."""
        found = eventually(lambda: [e for e in self.entries if e["hook"] == name], f"the {name} hook", self._runtime)
        return facts.parsed(found[0]["stdin"], "state")


@pytest.fixture
def hook_log(place: Path, config: Config, runtime: Runtime) -> HookLog:
    return HookLog(place / "log", config, runtime)


def failing_hook(status: int = 1) -> Config:
    """A hook that ends with this exit status, and does nothing else; the same program exists on both sides."""
    interpreter = root_file_system.INTERPRETER
    return {"path": interpreter, "args": [interpreter, "-I", "-S", "-c", f"raise SystemExit({status})"]}


Another = Callable[[Config | None], Container]


@pytest.fixture
def another(
    runtime: Runtime, place: Path, rootfs: Path, container: Container, config: Config
) -> Iterator[Callable[..., Container]]:
    """Further containers of the same root file system: `another(config, id=…)`, each removed after the test."""
    made: list[Container] = []

    def make(config_of_its_own: Config | None = None, id: str | None = None) -> Container:
        number = len(made) + 2
        found = Container(
            runtime,
            place / f"{number}",
            config_of_its_own or json.loads(json.dumps(config)),
            id or f"{container.id}-{number}",
        )
        found.rootfs.parent.mkdir(parents=True)
        os.symlink(rootfs, found.rootfs)
        found.root = container.root
        made.append(found)
        return found

    yield make
    for found in made:
        try:
            found.remove()
        finally:
            found.abandon()
