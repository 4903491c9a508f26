"""Each thing that features can name, tried in a container of its own: does the runtime do it?"""

import itertools
import json
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from . import capabilities, features, hooks, host
from .container import Config, Container
from .runtime import Runtime

#: A word that is no option of any file system or runtime.
NO_OPTION = "shelfmark"
#: Maps every ID to another one and back, so that nothing of it depends on the direction.
SWAP = [{"containerID": 0, "hostID": 1005, "size": 1}, {"containerID": 1005, "hostID": 0, "size": 1}]
ALL_IDS = [{"containerID": 0, "hostID": 0, "size": 65536}]


class Trials:
    """Asks nothing of the runtime's features: a config that they rule out is tried like any other."""

    def __init__(self, another: Callable[..., Container], place: Path, runtime: Runtime) -> None:
        self._another = another
        self._place = place
        self._runtime = runtime
        self._taken: dict[tuple[str, int], bool] = {}

    def container(self, **members: Any) -> Container:
        """A further container, with these members in its config's linux object."""
        made = self._another()
        made.config["linux"] |= json.loads(json.dumps(members))
        return made

    def runs(self, **members: Any) -> bool:
        """Whether a config with these members in its linux object is taken, and its program comes to its end."""
        return features.tried(self.container(**members)) is not None

    def hooks(self, *kinds: str) -> set[str]:
        """Which hooks are executed, in a whole life of a container that has one of each of these kinds."""
        container = self._another()
        directory = self._place / f"log-{len(list(self._place.iterdir()))}"
        log = hooks.HookLog(directory, container.config, self._runtime)
        container.config["hooks"] = {kind: [log.hook(kind)] for kind in kinds}
        if features.tried(container) is not None:
            container.becomes("stopped")
            container.delete()
        return set(log.names)

    def namespaces(self, *types: str) -> bool:
        """Whether the program is in a namespace of its own of each type."""
        container = self._another()
        ordinary = {entry["type"] for entry in container.config["linux"]["namespaces"]}
        container.config["linux"]["namespaces"] += [{"type": type} for type in types if type not in ordinary]
        if "user" in types:
            container.config["linux"] |= {"uidMappings": ALL_IDS, "gidMappings": ALL_IDS}
        report = features.tried(container)
        return report is not None and all(is_own(report.facts.namespaces, type) for type in types)

    def capabilities(self, *names: str) -> bool:
        """Whether a config with these is taken, and gives the program those of them that this host can give."""
        if not set(names) <= set(capabilities.NAMES):
            return False
        container = self._another()
        container.config["process"]["capabilities"] = {
            kind: sorted(names) for kind in ("bounding", "effective", "permitted")
        }
        report = features.tried(container)
        wanted = sum(1 << capabilities.NAMES.index(name) for name in names) & host.capabilities()
        return report is not None and report.facts.capabilities("Eff") & wanted == wanted

    def mount_options(self, *options: str) -> bool:
        """Whether a config is taken that has a mount with each of these options."""
        return self.mounts(*(mount for option in options for mount in mounts(option, option)))

    def knows_option(self, option: str) -> bool:
        """Whether it is taken, or refused, on some mount on which it is the other way round with a word that is none.

        An option that this kernel cannot set is known all the same: on a bind mount nobody else would mind it.
        """
        return any(
            self.mounts(*mounts(option, option, way)) != self.mounts_any_word(option, way) for way in ways(option)
        )

    def mounts_any_word(self, option: str, way: int) -> bool:
        kind = (option if option in CARRIERS else "", way)
        if kind not in self._taken:
            self._taken[kind] = self.mounts(*mounts(option, NO_OPTION, way))
        return self._taken[kind]

    def mounts(self, *entries: Config) -> bool:
        """Whether a config with these mounts is taken; a source that is none is a directory of the host's."""
        source = self._place / "source"
        source.mkdir(exist_ok=True)
        container = self._another()
        for entry in entries:
            (container.rootfs / entry["destination"].lstrip("/")).mkdir(exist_ok=True)
        container.config["mounts"] += [{"source": str(source)} | entry for entry in entries]
        return features.tried(container) is not None


TMPFS = {"type": "tmpfs", "source": "shelf"}
MAPPED = {"uidMappings": SWAP, "gidMappings": SWAP}
#: Options that make sense on certain mounts alone, in one way or more; {} is where the option stands.
CARRIERS: dict[str, list[list[Config]]] = {
    "bind": [[{"options": ["{}"]}]],
    "rbind": [[{"options": ["{}"]}]],
    "idmap": [[{"options": ["bind", "{}"]} | MAPPED], [TMPFS | {"options": ["{}"]} | MAPPED]],
    "ridmap": [[{"options": ["rbind", "{}"]} | MAPPED], [TMPFS | {"options": ["{}"]} | MAPPED]],
    "remount": [[TMPFS | {"options": ["size=64k"]}, TMPFS | {"options": ["{}", "size=128k"]}]],
}
OF_OTHERS: list[list[Config]] = [[TMPFS | {"options": ["{}"]}], [{"options": ["bind", "{}"]}]]


def ways(option: str) -> range:
    """The ways to try an option, by their numbers."""
    return range(len(CARRIERS.get(option, OF_OTHERS)))


def mounts(option: str, word: str, way: int = 0) -> list[Config]:
    """The mounts with which an option can be tried; `word` stands in its place."""
    entries = [{"destination": f"/with-{option}"} | entry for entry in CARRIERS.get(option, OF_OTHERS)[way]]
    return json.loads(json.dumps(entries).replace("{}", word))


def asking_for_option(option: str) -> Config:
    """A config with the option, for what a host can tell of it."""
    mapped = {"uidMappings": SWAP, "gidMappings": SWAP} if option.endswith("idmap") else {}
    return {"mounts": [{"destination": "/shelf", "options": [option]} | mapped]}


def is_own(namespaces: dict[str, str | None], type: str) -> bool:
    name = host.NAMESPACES.get(type, "")
    return namespaces.get(name) not in (None, os.readlink(f"/proc/self/ns/{name}") if name else None)


# --- seccomp ---------------------------------------------------------------------------------------------------------

#: Calls that neither the program nor the interpreter that runs it makes.
UNUSED = (
    "acct", "add_key", "delete_module", "init_module", "kexec_load", "keyctl", "quotactl", "reboot", "request_key",
    "settimeofday", "swapoff", "swapon",
)  # fmt: skip
NATIVE = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}
#: A filter has one byte order: these cannot be in one with the architectures on which this suite runs.
BIG_ENDIAN = {
    f"SCMP_ARCH_{name}"
    for name in ("MIPS", "MIPS64", "MIPS64N32", "PPC", "PPC64", "S390", "S390X", "PARISC", "PARISC64", "M68K", "SHEB")
}
#: Came with libseccomp 2.6: which library a runtime has at hand is not to be seen.
YOUNG = {"SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_SH"}


class Filters:
    """The same of what linux.seccomp can name."""

    def __init__(self, trials: Trials, agent: str) -> None:
        self._trials = trials
        self._agent = agent

    def work(self) -> str:
        """What comes of a filter: applied where it denies what it should, and nothing else."""
        denied = {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}
        report = features.tried(self._trials.container(seccomp=policy(denied)), "mkdir /shelf", "write /book")
        if report is None:
            return features.REFUSED
        applied = report.attempts == {"mkdir /shelf": "ENOSPC", "write /book": None}
        return features.APPLIED if applied else features.PASSED_OVER

    def actions(self, *names: str) -> bool:
        return self.taken(*(each | {"action": name} for each, name in calls(names)))

    def operators(self, *names: str) -> bool:
        argument = {"index": 0, "value": 1, "valueTwo": 1}
        denied = {"action": "SCMP_ACT_ERRNO"}
        return self.taken(*(each | denied | {"args": [argument | {"op": name}]} for each, name in calls(names)))

    def architectures(self, *names: str) -> bool:
        native = NATIVE.get(os.uname().machine)
        return self.taken(architectures=sorted({*names, *([native] if native else [])}))

    def flags(self, *names: str) -> bool:
        """One of them is about notifications, so there is an action that makes some."""
        return self.taken({"names": ["acct"], "action": "SCMP_ACT_NOTIFY"}, flags=list(names)) or self.taken(
            flags=list(names)
        )

    def taken(self, *rules: Config, **members: Any) -> bool:
        """Whether the program comes to its end under these rules, none of which concerns it."""
        if any(rule["action"] == "SCMP_ACT_NOTIFY" for rule in rules):
            members["listenerPath"] = self._agent
        rules = rules or ({"names": ["acct"], "action": "SCMP_ACT_ERRNO"},)
        return self._trials.runs(seccomp=policy(*rules) | members)


def calls(names: Iterable[str]) -> Iterator[tuple[Config, str]]:
    """Each name with the beginning of a rule about a call of its own."""
    return (({"names": [call]}, name) for call, name in zip(itertools.cycle(UNUSED), names, strict=False))


def policy(*rules: Config) -> Config:
    return {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": list(rules)}


# --- fixtures --------------------------------------------------------------------------------------------------------


@pytest.fixture
def trials(another: Callable[..., Container], place: Path, runtime: Runtime) -> Trials:
    """Containers in which a feature is tried."""
    return Trials(another, place, runtime)


@pytest.fixture
def filters(trials: Trials, place: Path) -> Iterator[Filters]:
    """Containers in which a filter is tried; whoever is told of its notifications has nothing to say."""
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(place / "agent"))
        agent.listen(8)
        yield Filters(trials, str(place / "agent"))
