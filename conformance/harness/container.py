"""A bundle and the container made of it, driven through the runtime's operations."""

import json
import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from bundles import rootfs

from . import facts, faults, host, residue, sandbox, support
from .runtime import Call, Runtime

Config = dict[str, Any]

#: What a fresh config has for its program: the harness puts the probe's command line in its place.
PLACEHOLDER = ["/probe"]


class Container:
    """One container: `create`, `start`, `state`, `kill`, `delete` are the specification's operations.

    An operation that generates an error raises OperationFailed; one that neither succeeds nor generates an error
    raises NoDecision. Both are AssertionErrors: the runtime's fault, unless the test expects them.
    """

    def __init__(self, runtime: Runtime, place: Path, config: Config, id: str) -> None:
        self.runtime = runtime
        self.config = config
        self.id = id
        self.bundle = place / "bundle"
        self.root = place / "root"
        self.rootfs = self.bundle / "rootfs"
        self.created = False
        #: The test is about what happens where the host lacks what the config asks for: see `is_beyond_this_host`.
        self._beyond_the_host = False
        #: Nothing of it is left: it was never made, or that has been looked at.
        self._gone = True
        #: Its creation was an error.
        self._refused = False
        #: Processes that came to be ours with its creation: its own, and whatever a runtime keeps beside it.
        self._processes: set[int] = set()
        self._nonce = secrets.token_hex(8)
        self._output = Output()
        self._input: int | None = None

    # --- the operations --------------------------------------------------------------------------------------------

    def create(self, *commands: str, options: tuple[str, ...] = (), **how: Any) -> Call:
        """Write the bundle and create the container; its program, once started, obeys the probe's `commands`.

        Without commands the program lingers. A config whose args the test has set itself is left as it is.
        `how` is `create_as_written`'s.
        """
        self.program_obeys(*(commands or ("linger",)))
        self.require_what_the_config_needs()
        self.write_config()
        return self.create_as_written(*options, **how)

    def create_as_written(self, *options: str, bundle: str | None = None, **how: Any) -> Call:
        """Create from the bundle as it lies there: its config.json may be the test's own work.

        `bundle` is another way to name it, `how` is Runtime.call's: the runtime's working directory, its environment.
        """
        standard_input, self._input = os.pipe()
        standard_output = self._output.open()
        # Before the call, not after: a create that failed half-way may have left something too.
        self.created, self._gone, self._refused = True, False, False
        others = residue.orphans()
        try:
            streams = {"stdin": standard_input, "stdout": standard_output}
            return self.operate("create", "--bundle", bundle or str(self.bundle), *options, self.id, **streams, **how)
        except faults.OperationFailed:
            self._refused = True
            raise
        finally:
            self._processes = residue.orphans() - others
            os.close(standard_input)
            os.close(standard_output)

    def start(self) -> Call:
        return self.operate("start", self.id)

    def kill(self, signal: str = "KILL") -> Call:
        return self.operate("kill", self.id, signal)

    def delete(self) -> Call:
        """Once its ended processes are reaped as pid 1 would: some runtimes take a zombie for a container that runs."""
        residue.reap_ended()
        return self.operate("delete", self.id)

    def state(self) -> dict[str, Any]:
        """The state, checked against the contract, but for the pid of a container that is none: see `whole_state`."""
        return facts.state(self.operate("state", self.id).stdout)

    def whole_state(self) -> dict[str, Any]:
        """The state, checked against the contract in all its members."""
        return facts.parsed(self.operate("state", self.id).stdout, "state")

    def operate(self, operation: str, *arguments: str, **how: Any) -> Call:
        """Any operation of the runtime, with this container's own state directory."""
        __tracebackhide__ = True
        try:
            return self.runtime.operate(operation, "--root", str(self.root), operation, *arguments, **how)
        except faults.OperationFailed as refusal:
            refusal.container_exists = lambda: not self.refuses("state", self.id)
            raise

    # --- what it says ----------------------------------------------------------------------------------------------

    def run(self, *commands: str) -> facts.Report:
        """Create and start the container, and read its program's report to the end."""
        self.program_obeys(*commands)
        self.create()
        self.start()
        return self.report()

    def report(self) -> facts.Report:
        """The program's whole report; waits for its last line."""
        self.hear(lambda line: "end" in line or None)
        return facts.report(self._output.lines, self._nonce)

    def heard(self, key: str) -> Any:
        """The value of `key` in the next line of the program that has it; waits for it."""
        return self.hear(lambda line: line.get(key))

    def ask(self, command: str) -> tuple[str | None, Any]:
        """Have a listening program obey a command; (errno's name or None, value)."""
        assert self._input is not None
        with suppress(BrokenPipeError):  # the missing answer says it better
            os.write(self._input, f"{command}\n".encode())
        line = self.hear(lambda line: line if line.get("command") == command else None)
        return line["errno"], line["value"]

    def hear(self, wanted: Callable[[dict[str, Any]], Any]) -> Any:
        begun = time.monotonic()
        try:
            for line in self._output.follow(begun + self.runtime.timeout):
                if (found := wanted(line)) is not None:
                    return found
        finally:
            self.runtime.waiting(time.monotonic() - begun)
        __tracebackhide__ = True
        raise faults.NotWhole("a report by the program in the container", self._output.so_far())

    def hears(self, terminal: int) -> None:
        """Take the program's words from a terminal's master instead of its standard output."""
        self._output.attach(terminal)

    def hangs_up(self) -> None:
        """End the program's standard input: one that listens comes to its end."""
        if self._input is not None:
            os.close(self._input)
            self._input = None

    def program(self, *commands: str) -> list[str]:
        """The probe's command line, as a config's args."""
        return [*rootfs.PROBE_ARGS, self._nonce, *commands]

    def program_obeys(self, *commands: str) -> None:
        """Make the probe the program of a config that does not name one of its own."""
        if support.section(self.config, "process").get("args") == PLACEHOLDER:
            self.config["process"]["args"] = self.program(*commands)

    # --- what it is ------------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        return facts.status(self.operate("state", self.id).stdout)

    @property
    def pid(self) -> int:
        """The container's process, as the runtime sees it."""
        state = self.state()
        if "pid" not in state:
            raise faults.BadWords("a pid in the state", json.dumps(state)[:300])
        return state["pid"]

    @property
    def process(self) -> Path:
        """The container's process in the host's /proc; Unjudged where the host cannot see into the container."""
        if not self.runtime.visible:
            raise faults.not_on_this_host("not visible from this host: the container's processes are not the host's")
        return Path("/proc", str(self.pid))

    def becomes(self, status: str) -> None:
        """Wait until the state has this status; NotInTime after the deadline."""
        eventually(lambda: self.current_status() == status, f"status {status}", self.runtime)

    def leaves(self, status: str) -> dict[str, Any]:
        """Wait until the state has any other status than this one, and return it."""
        eventually(lambda: self.current_status() != status, f"the end of status {status}", self.runtime)
        return self.state()

    def current_status(self) -> str:
        """The status, once its ended processes are reaped as pid 1 would: some runtimes wait for that."""
        residue.reap_ended()
        return self.status

    def require_what_the_config_needs(self) -> None:
        """Unjudged, where this host lacks or the runtime declines what the config asks for."""
        if not self._beyond_the_host and (missing := host.lacks(self.config)):
            raise faults.not_on_this_host(missing)
        if refusal := support.declines(self.config, self.runtime.features):
            raise faults.declined(refusal)

    def is_beyond_this_host(self) -> None:
        """The gate of tests of a refusal: the host lacks what the config asks for, and is to be asked all the same."""
        if not host.lacks(self.config):
            raise faults.not_on_this_host(
                "everything that the config asks for is here, where something must be lacking"
            )
        self._beyond_the_host = True

    def write_config(self) -> None:
        (self.bundle / "config.json").write_text(json.dumps(self.config))

    # --- its end ---------------------------------------------------------------------------------------------------

    def remove(self) -> None:
        """End the container as an engine would, then look for what is left; LeftBehind names it."""
        __tracebackhide__ = True
        if self.ends():
            self.refuse_leftovers()
            self._gone = True

    def refuse_leftovers(self) -> None:
        """Raise LeftBehind, and remove it all, where it has left something."""
        __tracebackhide__ = True
        residue.refuse_leftovers(self.id, self.bundle.parent, created=not self._refused)

    def ends(self) -> bool:
        """End the container as an engine would; whether there was anything to end."""
        if not self.created:
            return False
        self.created = False
        self.hangs_up()
        if self.exists():
            self.end()
        self._output.close()
        return True

    def abandon(self) -> None:
        """Give up on the container, whatever is left of it: the fault has been told already."""
        if self._gone:
            return
        self.created = False
        self.hangs_up()
        self._output.close()
        residue.sweep(self.id, self.bundle.parent)

    def end(self) -> None:
        if self._output.ended or not self.refuses("kill", self.id, "KILL"):
            residue.wait_for(self._processes, self.runtime)
        else:  # it never came to life, or is dead already: whatever lives is another container's
            residue.reap_ended()
        if self.refuses("delete", self.id) and not self.refuses("state", self.id):
            # It is there; its process was not ours to wait for, or is still on its way out.
            self.refuses("kill", self.id, "KILL")
            eventually(self.is_deleted, "delete of a killed container", self.runtime, self.patience())

    def patience(self) -> float:
        """How long, in seconds, delete may go on being refused: once it has stopped there is little to wait for."""
        told = json_object(self.runtime.call("--root", str(self.root), "state", self.id).stdout.encode()) or {}
        return self.runtime.timeout / (10 if told.get("status") == "stopped" else 1)

    def is_deleted(self) -> bool:
        residue.reap_ended()
        return not self.refuses("delete", self.id)

    def exists(self) -> bool:
        """Whether the runtime keeps anything under its state directory: saves a call where nothing was created."""
        return self.root.is_dir() and any(self.root.iterdir())

    def refuses(self, operation: str, *arguments: str) -> bool:
        return self.runtime.call("--root", str(self.root), operation, *arguments).exit != 0


class Output:
    """The program's standard output: JSON lines from the probe, and whatever else a runtime lets slip in."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.stray = b""
        self._reader: int | None = None
        self._rest = b""
        self._unread: deque[bytes] = deque()
        #: The program has said its last word, so its process has ended or is about to.
        self.ended = False

    def open(self) -> int:
        """The end to write to, for the container."""
        self._reader, writer = os.pipe()
        return writer

    def attach(self, descriptor: int) -> None:
        self.close()
        self._reader = os.dup(descriptor)

    def close(self) -> None:
        if self._reader is not None:
            os.close(self._reader)
            self._reader = None

    def follow(self, deadline: float) -> Iterator[dict[str, Any]]:
        """Lines as they come, until the output ends or the deadline passes; who stops early finds the rest later."""
        while True:
            while self._unread:
                if (parsed := self.take(self._unread.popleft())) is not None:
                    yield parsed
            if self._reader is None or not sandbox.until_readable(self._reader, deadline, time.monotonic):
                return
            if not self.fill(self._reader):
                self.ended = True
                return

    def fill(self, reader: int) -> bool:
        """Read what there is; whether there was anything before the end."""
        try:
            chunk = os.read(reader, 1 << 20)
        except OSError:  # EIO: the other side of a terminal was closed
            chunk = b""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        self._unread.extend(whole)
        return bool(chunk)

    def take(self, line: bytes) -> dict[str, Any] | None:
        """Keep a line; what it says, if the probe can have written it."""
        parsed = json_object(line)
        if parsed is None:
            self.stray = (self.stray + line + b"\n")[-4096:]
        else:
            self.lines.append(parsed)
            self.ended = "end" in parsed
        return parsed

    def so_far(self) -> str:
        said = [json.dumps(line)[:120] for line in self.lines[-3:]]
        if self.stray:
            said.append(f"beside it: {self.stray[-200:]!r}")
        return "; ".join(said) or "nothing"


def json_object(line: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(line)
    except ValueError:
        return None
    return cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else None


def eventually(happens: Callable[[], Any], what: str, runtime: Runtime, within: float | None = None) -> Any:
    """Wait for something to become true, and return it; NotInTime after `within` seconds (the runtime's timeout)."""
    begun = time.monotonic()
    pause = 0.001
    while not (found := happens()):
        waited = time.monotonic() - begun
        if waited > (within or runtime.timeout):
            raise faults.NotInTime(what, f"not within {waited:.1f} s")
        time.sleep(pause)
        runtime.waiting(pause)
        pause = min(2 * pause, 0.05)
    return found


class generates_an_error:  # noqa: N801  # a word of the tests, used as pytest.raises is
    """The operation within must generate an error, by its own decision.

    A refused `create` must leave no container under its id; `leaves=True` says that there was one, which may stay.
    """

    def __init__(self, *, leaves: bool = False) -> None:
        self.leaves = leaves

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: type | None, raised: BaseException | None, _trace: object) -> bool:
        __tracebackhide__ = True
        if raised is None:
            raise faults.NoError("an error", "success")
        if not isinstance(raised, faults.OperationFailed):
            return False
        if raised.operation == "create" and not self.leaves and raised.container_exists():
            raise faults.LeftBehind("no container after an error in create", "its state is still told")
        return True
