"""The words that come back: the probe's report, the state, the hooks' input. Schema first, then typed."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from bundles import contracts

from . import faults


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of mountinfo (proc_pid_mountinfo(5))."""

    id: int
    parent: int
    device: str
    root: str
    mountpoint: str
    options: frozenset[str]
    propagation: frozenset[str]
    type: str
    source: str
    super_options: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the program in the container saw of itself when it began."""

    pid: int
    parent: int
    session: int
    uid: list[int]
    gid: list[int]
    groups: list[int]
    cwd: str
    args: list[str]
    env: list[str]
    umask: int
    hostname: str
    domainname: str | None
    descriptors: list[int]
    terminal: list[bool]
    namespaces: dict[str, str | None]
    status: dict[str, str | None]
    limits: dict[str, list[str]]
    oom_score_adj: str | None
    mountinfo: list[str] | None
    cgroup: list[str] | None

    @property
    def mounts(self) -> list[Mount]:
        """All mounts that the program sees, in the kernel's order."""
        return [mount(line) for line in self.mountinfo or ()]

    def mount_at(self, path: str) -> Mount | None:
        """The topmost mount at a path."""
        return next((entry for entry in reversed(self.mounts) if entry.mountpoint == path), None)

    def capabilities(self, kind: str) -> int:
        """A set of capabilities as a bit mask; `kind` is Inh, Prm, Eff, Bnd or Amb."""
        return int(self.status[f"Cap{kind}"] or "0", 16)


@dataclass(slots=True)
class Report:
    """What the program in the container said: its facts, and how each command went."""

    facts: Facts
    #: command → the errno's name, or None where the kernel let it
    attempts: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    #: command → what it looked at
    answers: dict[str, Any] = field(default_factory=dict[str, Any])


def mount(line: str) -> Mount:
    before, _, after = line.partition(" - ")
    identity, parent, device, root, mountpoint, options, *tags = before.split(" ")
    kind, source, super_options = after.split(" ", 2)
    return Mount(
        id=int(identity),
        parent=int(parent),
        device=device,
        root=unescaped(root),
        mountpoint=unescaped(mountpoint),
        options=frozenset(options.split(",")),
        propagation=frozenset(tags),
        type=kind,
        source=unescaped(source),
        super_options=frozenset(super_options.split(",")),
    )


def unescaped(path: str) -> str:
    return path.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")


@cache
def validator(name: str) -> Any:
    from jsonschema import Draft7Validator

    return Draft7Validator(contracts.schema(name))


def checked(document: Any, name: str) -> Any:
    """The document, if the contract `name` allows it; BadWords says where it does not."""
    for problem in validator(name).iter_errors(document):
        where = "/" + "/".join(map(str, problem.absolute_path))
        raise faults.BadWords(f"a {name} document as its schema has it", f"{where}: {problem.message[:300]}")
    return document


def parsed(words: str, name: str) -> Any:
    """A JSON document out of the runtime's words, checked against the contract `name`."""
    try:
        document = json.loads(words)
    except ValueError as problem:
        raise faults.BadWords(f"a {name} document in JSON", f"{problem}: {words[:200]!r}") from None
    return checked(document, name)


def state(words: str) -> dict[str, Any]:
    """A state, checked against its contract, but for a pid that nobody asks for: of a container that has no process.

    What it may be then is the schema's alone to say, and one test's to judge: it makes no other member wrong.
    """
    document = json_object(words)
    if document.get("status") != "stopped":
        return parsed(words, "state")
    checked({name: value for name, value in document.items() if name != "pid"}, "state")
    return document


def json_object(words: str) -> dict[str, Any]:
    """What the words say, if they are a JSON object; nothing, if they are not."""
    try:
        document: Any = json.loads(words)
    except ValueError:
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def status(words: str) -> str:
    """The status alone out of a state: its other members are judged where they are asked for."""
    try:
        document: Any = json.loads(words)
        found = document["status"]
    except (ValueError, LookupError, TypeError) as problem:
        raise faults.BadWords("a status in the state", f"{type(problem).__name__}: {words[:200]!r}") from None
    if not isinstance(found, str):
        raise faults.BadWords("a status in the state", words[:300])
    return found


def report(lines: list[dict[str, Any]], nonce: str) -> Report:
    """A whole report out of the probe's lines: NotWhole if its last line is not there."""
    if not lines or lines[-1].get("end") != nonce:
        raise faults.NotWhole("a report with its last line", repr(lines[-1:] or "nothing")[:300])
    whole = Report(Facts(**checked(lines[0].get("facts"), "probe")))
    for line in lines[1:-1]:
        if "command" in line:
            whole.attempts[line["command"]] = line["errno"]
            whole.answers[line["command"]] = line["value"]
    return whole
