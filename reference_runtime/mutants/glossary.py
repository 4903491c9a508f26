# pyright: basic, reportPrivateUsage=false
"""glossary.md"""

from __future__ import annotations

from typing import Any

from .. import bundle
from ..config import mounts, rlimits
from ..kernel import namespaces
from .ways import Mutants, given, giving, instead, reading


def as_latin_1(content: bytes) -> str:
    return content.decode("latin-1")


def need_process_before_mounts(config: Any) -> None:
    """Read in one pass, as if the order were a promise."""
    names = list(config)
    if names.index("mounts") < names.index("process"):
        config["mounts"] = [entry for entry in config["mounts"] if entry["destination"].startswith(("/dev", "/proc"))]


def read_between(config: Any) -> None:
    """A filter is passed over at either end of what it is a member of."""
    linux = config.get("linux", {})
    if "seccomp" in (next(iter(linux), None), next(reversed(linux), None)):
        del linux["seccomp"]


def leave(limits: Any) -> tuple[Any]:
    namespaces.unshare(namespaces.Clone.NEWUTS)
    return (limits,)


def as_the_first_process_sees_it(source: str) -> str:
    return f"/proc/1/root{source}" if source.startswith("/") else source


MUTANTS: Mutants = {
    "json.utf8": [instead(bundle.decode, as_latin_1)],
    "json.order-insignificant": [reading(need_process_before_mounts), reading(read_between)],
    "ns.def.container": [given(rlimits.set_limits, leave)],
    "ns.def.runtime": [giving(mounts.source, as_the_first_process_sees_it)],
}
