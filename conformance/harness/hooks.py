"""Hooks for tests: what they write down, how they fail, and the operations that run each kind of them."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bundles import rootfs
from conformance import catalogue

from . import facts, faults, residue
from .container import Config, Container
from .runtime import Runtime

#: In the order of the lifecycle.
KINDS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")
#: Those that are executed in the namespaces of the runtime; the rest are in the container's.
IN_RUNTIME_NAMESPACE = ("prestart", "createRuntime", "poststart", "poststop")
#: Those whose failure ends the container.
FATAL = KINDS[:-1]


class HookLog:
    """Hooks that write down what they were given, wherever they are executed.

    The log lies in a directory that the container has at the same path, by a bind mount: a hook finds it before and
    after the root has changed.
    """

    def __init__(self, directory: Path, config: Config, runtime: Runtime) -> None:
        self.path = directory / "hooks.jsonl"
        self._directory = directory
        self._runtime = runtime
        directory.mkdir(mode=0o777)
        directory.chmod(0o777)
        config["mounts"] = config.get("mounts", []) + [
            {"destination": str(directory), "type": "bind", "source": str(directory), "options": ["bind", "rw"]}
        ]

    def hook(self, name: str, *commands: str, **members: Any) -> Config:
        """A hook entry that logs under `name` how the probe's commands went; further members of the entry as they are.

        `{pid}` in a command is the pid in the state that the hook was given.
        """
        interpreter, *options = rootfs.HOOK_ARGS
        return {"path": interpreter, "args": [interpreter, *options, name, str(self.path), *commands]} | members

    @property
    def a_while(self) -> int:
        """Whole seconds, as a timeout has to be, in which a hook has surely begun, on a slow machine too."""
        return max(1, round(self._runtime.timeout / 10))

    def file(self, name: str) -> Path:
        """A path that is the same for the test, for every hook and for the program."""
        return self._directory / name

    @property
    def entries(self) -> list[dict[str, Any]]:
        """What has been logged, in order; hooks' standard input is in `stdin`."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    @property
    def names(self) -> list[str]:
        return [entry["hook"] for entry in self.entries]

    def entry(self, name: str) -> dict[str, Any]:
        """The first entry under that name."""
        found = [entry for entry in self.entries if entry["hook"] == name]
        if not found:
            raise faults.NotWhole(f"an entry of the {name} hook", f"entries of {self.names}")
        return found[0]

    def state(self, name: str) -> dict[str, Any]:
        """The state that the hook was given, checked against the contract."""
        return facts.state(self.entry(name)["stdin"])

    @property
    def states(self) -> list[dict[str, Any]]:
        """The states that all hooks were given, in order, each checked against the contract."""
        return [facts.state(entry["stdin"]) for entry in self.entries]

    def answers(self, name: str) -> dict[str, Any]:
        """command → the errno's name, or what it looked at."""
        return {command: found["errno"] or found["value"] for command, found in self.entry(name)["answers"].items()}


# --- other hooks -----------------------------------------------------------------------------------------------------


def program(code: str) -> Config:
    """A hook of a line of Python, which reads nothing; the same interpreter exists on both sides."""
    return {"path": rootfs.INTERPRETER, "args": [rootfs.INTERPRETER, "-I", "-S", "-E", "-c", code]}


def ending(status: int) -> Config:
    """A hook that does nothing but end with this status."""
    return program(f"raise SystemExit({status})")


class Daemon:
    """A hook that leaves a process behind, which has none of the hook's streams and ends when it is told to."""

    #: The child says its pid, and stays until the file beside it is gone; the hook itself waits for that word.
    CODE = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.closerange(0, 64)\n"
        "    os.close(os.open({0!r} + '.new', os.O_CREAT | os.O_WRONLY))\n"
        "    os.symlink(str(os.getpid()), {0!r})\n"
        "    while os.path.exists({0!r} + '.new'):\n"
        "        time.sleep(0.01)\n"
        "    os._exit(0)\n"
        "while not os.path.lexists({0!r}):\n"
        "    time.sleep(0.001)\n"
    )

    def __init__(self, file: Path) -> None:
        self._file = file
        self.hook = program(self.CODE.format(str(file)))

    @property
    def began(self) -> bool:
        return link(self._file) is not None

    @property
    def lives(self) -> bool:
        pid = link(self._file)
        return pid is not None and not residue.is_ended(int(pid))

    def end(self) -> None:
        deadline = time.monotonic() + 5
        self._file.with_name(f"{self._file.name}.new").unlink(missing_ok=True)
        while self.lives and time.monotonic() < deadline:
            time.sleep(0.01)


# --- when they are run -----------------------------------------------------------------------------------------------


def each(requirement: str, *kinds: str) -> list[Any]:
    """The kinds as parameters of a test, each with the requirement `hooks.KIND.…` of its own, or all with the same."""
    mark = pytest.mark.requirement
    return [pytest.param(kind, marks=mark(requirement.format(kind=kind)), id=kind) for kind in kinds or KINDS]


def reach(container: Container, kind: str) -> None:
    """Take the container as far as it gets without the operation that runs hooks of this kind."""
    if kind in ("startContainer", "poststart", "poststop"):
        container.create()
    if kind == "poststop":
        container.start()
        container.kill()
        container.becomes("stopped")


def run(container: Container, kind: str) -> None:
    """The operation that runs hooks of this kind.

    A prestart hook may have to wait for `start`: so the releases up to 1.0.2 have it.
    """
    if kind in ("prestart", "createRuntime", "createContainer"):
        container.create()
    if kind in ("prestart", "startContainer", "poststart"):
        container.start()
    if kind == "poststop":
        container.delete()


def live(container: Container, kind: str = "poststop") -> None:
    """The container's life, from its beginning until hooks of this kind have been run.

    A runtime may say too early that it has started a container. Then the program's first word tells that the hooks
    before it have ended, so that only the test of their time fails.
    """
    reach(container, kind)
    run(container, kind)
    if kind == "startContainer":
        container.heard("facts")


def provoke(container: Container, kind: str) -> bool:
    """Let the container run into its failing hook of this kind; whether an operation has generated an error.

    Where a runtime says too early that it has started a container, the program's first word, or the end of its
    output, tells that the matter is settled.
    """
    try:
        reach(container, kind)
        run(container, kind)
    except faults.OperationFailed:
        return True
    if kind == "startContainer":
        with suppress(faults.NotWhole):
            container.heard("facts")
    return False


def is_fatal(kind: str, release: str) -> bool:
    """Whether a failure of such a hook is an error: of poststart hooks it was none up to 1.2.1."""
    return kind in FATAL and (kind != "poststart" or catalogue.at_least(release, "1.3.0"))


# --- what they see of the host ---------------------------------------------------------------------------------------


def require_sight(container: Container) -> None:
    """The pid that a hook is told leads it to the container only where the container's processes are the host's."""
    if not container.runtime.visible:
        raise faults.not_on_this_host("not visible from this host: the container's processes are not the host's")


def own_namespaces() -> dict[str, str | None]:
    """The namespaces of the runtime, which it has from this process; as the probe tells a hook's."""
    return namespaces_of(Path("/proc/self"))


def namespaces_of(process: Path) -> dict[str, str | None]:
    return {name: link(process / "ns" / name) for name in ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")}


def link(path: Path) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        return None
