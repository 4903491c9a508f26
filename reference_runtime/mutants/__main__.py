"""`reference-mutant ID create …`: the runtime with a requirement broken; `reference-mutant --list` tells the ids."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from types import ModuleType

from .. import __main__ as runtime
from .. import mutants
from . import ways


def main() -> int:
    runtime.fill_standard_streams()
    if sys.argv[1:] == ["--list"]:
        print("\n".join(id + " fatal" * (id in fatal()) for id in known()))
        return 0
    if len(sys.argv) < 2 or sys.argv[1] not in known():
        print("usage: reference-mutant ID OPERATION …, or --list", file=sys.stderr)
        return 2
    ways.apply(known()[sys.argv.pop(1)])
    return runtime.main()


def modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(mutants.__path__, f"{mutants.__name__}.")
    return [importlib.import_module(module.name) for module in found]


def fatal() -> set[str]:
    """Those that cannot bring an ordinary container to its end: a module names its own in `FATAL`."""
    return {id for module in modules() for id in getattr(module, "FATAL", set[str]())}


def known() -> dict[str, ways.Change]:
    """All mutants: ID, ID/2, … of each requirement."""
    found: dict[str, ways.Change] = {}
    for module in modules():
        table: ways.Mutants = getattr(module, "MUTANTS", {})
        for requirement, changes in table.items():
            for number, change in enumerate(changes, 1):
                found[requirement if number == 1 else f"{requirement}/{number}"] = change
    return found


if __name__ == "__main__":
    sys.exit(main())
