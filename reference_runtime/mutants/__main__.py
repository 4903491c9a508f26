"""`reference-mutant ID create …`: the runtime with a requirement broken; `reference-mutant --list` tells the ids.

`reference-mutant install PATH` writes a command that starts faster, as `reference-runtime install` does.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

from .. import __main__ as runtime
from . import ways

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = os.path.dirname(__file__)


def main() -> int:
    runtime.fill_standard_streams()
    arguments = sys.argv[1:]
    if arguments == ["--list"]:
        print("\n".join(listed()))
        return 0
    if len(arguments) == 2 and arguments[0] == "install":
        from .. import launcher

        launcher.write(arguments[1], __spec__.parent)
        return 0
    change = find(arguments[0]) if arguments else None
    if change is None:
        print("usage: reference-mutant ID OPERATION …, or --list, or install PATH", file=sys.stderr)
        return 2
    del sys.argv[1]
    ways.apply(change)
    return runtime.main()


def listed() -> Iterator[str]:
    """A line each; `fatal` behind those that cannot bring an ordinary container to its end."""
    for path in sources():
        fatal: set[str] = getattr(module(path), "FATAL", set[str]())
        yield from (f"{id} fatal" if id in fatal else id for id in mutants(path))


def find(id: str) -> ways.Change | None:
    """A mutant by its id, looked for first where it seems to be: to import all takes a fifth of a second."""
    requirement = id.split("/")[0]
    for path in sorted(sources(), key=lambda path: not names(path, requirement)):
        if (found := mutants(path).get(id)) is not None:
            return found
    return None


def sources() -> list[str]:
    """The files of the tables, from here."""
    found = [os.path.join(folder, name) for folder, _, files in os.walk(HERE) for name in files]
    return sorted(os.path.relpath(path, HERE) for path in found if path.endswith(".py") and "__" not in path)


def names(path: str, requirement: str) -> bool:
    """Whether the text of a table has the id, or at least ids that begin alike: some are put together."""
    with open(os.path.join(HERE, path), encoding="utf-8") as file:
        text = file.read()
    return f'"{requirement}"' in text or f'"{requirement.split(".")[0]}.{{' in text


def module(path: str) -> object:
    return import_module(f"{__spec__.parent}.{path.removesuffix('.py').replace(os.sep, '.')}")


def mutants(path: str) -> dict[str, ways.Change]:
    """ID, ID/2, … of each requirement that a file has mutants of."""
    table: ways.Mutants = getattr(module(path), "MUTANTS", {})
    return {
        requirement if number == 1 else f"{requirement}/{number}": change
        for requirement, changes in table.items()
        for number, change in enumerate(changes, 1)
    }


if __name__ == "__main__":
    sys.exit(main())
