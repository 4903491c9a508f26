"""config.md#configHooks"""

from __future__ import annotations

import json
import os
import signal

from .. import errors, releases
from ..kernel import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, Hook, State

#: In the order in which a container meets them.
KINDS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")


def check(config: Config) -> None:
    for kind in KINDS:
        for hook in listed(config, kind):
            refuse_relative_path(kind, hook)


def refuse_relative_path(kind: str, hook: Hook) -> None:
    """Nothing is searched for: the path is absolute."""
    if not hook["path"].startswith("/"):
        raise errors.InvalidConfig(f"hooks.{kind}", f"{hook['path']!r} is not an absolute path")


def listed(config: Config, kind: str) -> list[Hook]:
    return config.get("hooks", {}).get(kind, [])  # pyright: ignore[reportReturnType] - a key from KINDS


def run(config: Config, kind: str, state: State) -> None:
    """One after the other, in their order; the first failure ends it, if it is more than a warning."""
    for hook in listed(config, kind):
        try:
            run_one(kind, hook, state)
        except errors.HookFailed as failure:
            if is_fatal(config, kind):
                raise
            errors.warn(str(failure))


def is_fatal(config: Config, kind: str) -> bool:
    """Failures of poststop hooks are warnings; up to 1.2.1 those of poststart hooks were, too."""
    return kind != "poststop" and not (kind == "poststart" and releases.is_before(config, "1.3.0"))


def prestart_in_start(config: Config) -> bool:
    """Up to 1.0.2 prestart hooks were called by start, before the program is executed; since then by create."""
    return releases.is_before(config, "1.1.0")


def run_one(kind: str, hook: Hook, state: State) -> None:
    name = f"the {kind} hook {hook['path']}"
    try:
        pid = spawn(hook, state)
    except OSError as error:
        raise errors.HookFailed(f"{name}: {error.strerror}") from error
    abort_late(pid, name, hook.get("timeout"))
    refuse_failure(name, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def spawn(hook: Hook, state: State) -> int:
    """Start a hook with the state on its standard input, in a process group of its own."""
    stdin = state_file(state)
    try:
        return os.posix_spawn(
            hook["path"],
            hook.get("args") or [hook["path"]],
            environment(hook),
            file_actions=[(os.POSIX_SPAWN_DUP2, stdin, 0)],
            setpgroup=0,
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
        )
    finally:
        os.close(stdin)


def state_file(state: State) -> int:
    """A file in memory, not a pipe: a hook that does not read cannot stop us from writing, and the end is there."""
    descriptor = os.memfd_create("state")
    remaining = json.dumps(state).encode()
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def environment(hook: Hook) -> dict[bytes, bytes]:
    """The hook's own variables; without any, execv's rule: those of the caller."""
    if "env" not in hook:
        return dict(os.environb)
    pairs = (os.fsencode(variable).partition(b"=") for variable in hook["env"])
    return {name: value for name, _, value in pairs}


def abort_late(pid: int, name: str, timeout: int | None) -> None:
    """When the time is over, end the hook and what it has started."""
    if not processes.ended(pid, timeout):
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise errors.HookFailed(f"{name}: still running after {timeout} s")


def refuse_failure(name: str, code: int) -> None:
    if code:
        raise errors.HookFailed(f"{name}: " + (f"exit status {code}" if code > 0 else f"killed by signal {-code}"))
