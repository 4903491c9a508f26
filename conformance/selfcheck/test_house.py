"""The house rules: who may import whom, that every room has the same floor plan, and that the linters agree."""

import ast
import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance import catalogue
from conformance.catalogue import drift
from conformance.harness import matrix, mutants, runtime

from .conftest import ROOT

PACKAGES = ("bundles", "conformance", "reference_runtime", "reports")
#: A name that ends with a dot is everything below it; any other is a package with all that is in it, or a module.
ENTRANCE, ANYTHING = "reference_runtime", "reference_runtime."
KERNEL = "reference_runtime.kernel"
SECTIONS = ("reference_runtime.config", "reference_runtime.config_linux", "reference_runtime.runtime_linux")
OPEN_TO_ALL = {"reference_runtime.config_types", "reference_runtime.errors", "reference_runtime.releases"}
OF_A_SECTION = {ENTRANCE, KERNEL, *OPEN_TO_ALL}

#: A room → the doors of its modules: what they may import, beside the standard library. The longest name that fits a
#: module is its room. A room is open to all that is in it, but a section never knows another section.
DOORS = {
    "conftest": {"conformance.harness.plugin", "reports.plugin"},
    "bundles": set(),
    "bundles.contracts": set(),
    "bundles.probe": set(),
    "bundles.rules": {"bundles.pointer"},
    "bundles.rules.schema": {"bundles.pointer", "bundles.rules", "bundles.contracts", "jsonschema"},
    "bundles.validate": {"bundles", "jsonschema"},
    "bundles.tests": {"bundles", "jsonschema", "pytest"},
    "conformance": {"conformance.harness", "pytest"},
    "conformance.catalogue": set(),
    "conformance.harness": {"conformance.catalogue", "bundles", "pytest", "allure"},
    "conformance.harness.facts": {"conformance.harness", "bundles", "jsonschema"},
    "conformance.specification": {"conformance", "bundles", "pytest", "pexpect"},
    "conformance.beyond": {"conformance", "bundles", "pytest", "pexpect"},
    "conformance.selfcheck": {"conformance", "bundles", "pytest"},
    "reference_runtime": set(),
    "reference_runtime.__main__": {ENTRANCE, "reference_runtime.command_line"},
    "reference_runtime.command_line": {
        *OF_A_SECTION,
        "reference_runtime.runtime",
        "reference_runtime.features",
        "reference_runtime.launcher",
        "bundles.contracts",
    },
    "reference_runtime.config_types": set(),
    "reference_runtime.errors": {ENTRANCE},
    "reference_runtime.bundle": OF_A_SECTION,
    "reference_runtime.config": OF_A_SECTION,
    "reference_runtime.config_linux": OF_A_SECTION,
    "reference_runtime.runtime_linux": OF_A_SECTION,
    "reference_runtime.features": {*OF_A_SECTION, *SECTIONS},
    "reference_runtime.kernel": set(),
    "reference_runtime.launcher": OF_A_SECTION,
    "reference_runtime.releases": {ENTRANCE},
    "reference_runtime.runtime": {*OF_A_SECTION, *SECTIONS, "reference_runtime.bundle"},
    "reference_runtime.shim": {"bundles.contracts", "google"},
    "reference_runtime.mutants": {ENTRANCE, ANYTHING},
    "reference_runtime.tests": {ENTRANCE, ANYTHING, "bundles", "jsonschema", "pytest"},
    "reports": {"jinja2", "markupsafe"},
    "reports.plugin": {"reports", "pytest"},
    "reports.tests": {"reports", "pytest"},
}
ADDRESS = re.compile(r"\b[a-z]+(?:-[a-z]+)*\.md(?:#[\w-]+)?")


# --- modules ---------------------------------------------------------------------------------------------------------


@cache
def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    files = [ROOT / "conftest.py", *(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text())


def addresses(name: str) -> set[str]:
    """What of the specification a module says it is about."""
    return set(ADDRESS.findall(ast.get_docstring(tree(name)) or ""))


def below(*rooms: str) -> list[str]:
    return [name for name in modules() if any(is_in(name, room) for room in rooms)]


def is_in(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def chapters() -> list[str]:
    """The modules of the verdict: tests of a runtime against the specification."""
    return [name for name in below("conformance.specification") if name.split(".")[-1].startswith("test_")]


def listed(found: Iterable[str]) -> str:
    return "\n" + "\n".join(sorted(found))


# --- doors -----------------------------------------------------------------------------------------------------------


def room_of(name: str) -> str:
    return max((room for room in DOORS if is_in(name, room)), key=len, default="")


def imports(name: str) -> Iterator[str]:
    """What a module imports, as dotted names; what only a type checker reads is not imported."""
    package = name if modules()[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in executed(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*parts, *([node.module] if node.module else [])])
            yield from (f"{origin}.{a.name}" if f"{origin}.{a.name}" in modules() else origin for a in node.names)


def executed(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from executed(child)


def is_open(name: str, imported: str) -> bool:
    """Whether there is a door from a module to what it imports."""
    top = imported.split(".")[0]
    if top in sys.stdlib_module_names:
        return top != "ctypes" or not is_in(name, "reference_runtime") or is_in(name, KERNEL)
    room = room_of(name)
    if is_in(imported, room) and room not in ("conformance", ENTRANCE):
        return room not in SECTIONS or is_in(imported, name)
    return any(leads_to(door, imported) for door in DOORS[room])


def leads_to(door: str, imported: str) -> bool:
    if door.endswith("."):
        return imported.startswith(door)
    return imported == door or (is_in(imported, door) and door != ENTRANCE)


def test_every_import_goes_through_a_door():
    walls = {
        f"{name} imports {imported}" for name in modules() for imported in imports(name) if not is_open(name, imported)
    }

    assert not walls, listed(walls)


def test_suite_and_reference_runtime_do_not_know_each_other():
    crossing = [
        f"{name} imports {imported}"
        for here, there in (("conformance", "reference_runtime"), ("reference_runtime", "conformance"))
        for name in below(here)
        for imported in imports(name)
        if is_in(imported, there)
    ]

    assert crossing == []


@pytest.mark.parametrize(
    "imported",
    ["conformance.harness.host", "reference_runtime.config.hooks", "reference_runtime.runtime.create", "ctypes"],
)
def test_a_section_that_breaks_through_a_wall_is_seen(imported):
    assert not is_open("reference_runtime.config.hostname", imported)


# --- the floor plan --------------------------------------------------------------------------------------------------


@cache
def demanded() -> set[str]:
    """Addresses of sections that demand something that can be tested."""
    return {each.address for each in catalogue.load().values() if each.testable and not each.beyond}


def unaddressed(names: list[str]) -> list[str]:
    """Sections that none of the modules is about; a document as a whole stands for all of its sections."""
    found = {address for name in names for address in addresses(name)}
    return sorted(address for address in demanded() if address not in found and address.split("#")[0] not in found)


def test_every_section_has_its_tests():
    assert not (found := unaddressed(chapters())), listed(found)


def test_every_section_is_carried_out_somewhere():
    carrying_out = [name for name in below("reference_runtime") if not is_in(name, "reference_runtime.mutants")]

    assert not (found := unaddressed(carrying_out)), listed(found)


@pytest.mark.parametrize("room", ["conformance.specification", "reference_runtime"])
def test_every_address_is_one_of_the_specification(room):
    anchors = drift.read_coverage(drift.HERE).indices[catalogue.RELEASES[-1]].anchors
    written = {(name, address) for name in below(room) for address in addresses(name)}

    lost = [each for each in written if not leads_somewhere(each[1], anchors)]

    assert not lost, listed(map(str, lost))


def leads_somewhere(address: str, anchors: Any) -> bool:
    document, _, anchor = address.partition("#")
    return document in anchors and (not anchor or anchor in anchors[document])


def test_a_test_module_begins_with_its_address_and_lies_in_its_document():
    misplaced = [name for name in chapters() if not is_in_its_place(name)]

    assert misplaced == []


def is_in_its_place(name: str) -> bool:
    first_line = (ast.get_docstring(tree(name)) or "").split("\n")[0]
    found = ADDRESS.match(first_line)
    document = found[0].split("#")[0].removesuffix(".md").replace("-", "_") if found else ""
    room = name.removeprefix("conformance.specification.")
    return room.startswith((f"{document}.", f"test_{document}")) and bool(document)


# --- requirements, tests, mutants ------------------------------------------------------------------------------------


@cache
def checked() -> dict[str, set[str]]:
    """Requirement → the functions that test it."""
    found: dict[str, set[str]] = {}
    for name in chapters():
        for function in vars(importlib.import_module(name)).values():
            for id in requirements(function):
                found.setdefault(id, set()).add(f"{name}.{function.__name__}")
    return found


def requirements(function: Any) -> set[str]:
    """The requirements of a test, in its own marks and in those of its parameters."""
    marks: list[Any] = list(getattr(function, "pytestmark", ())) if callable(function) else []
    for mark in tuple(marks):
        if mark.name == "parametrize":
            marks += [inner for value in mark.args[1] for inner in getattr(value, "marks", ())]
    return {mark.args[0] for mark in marks if mark.name == "requirement"}


def test_every_requirement_of_a_test_is_in_the_catalogue():
    assert sorted(checked().keys() - catalogue.load().keys()) == []


def test_every_testable_requirement_is_tested_and_no_other():
    testable = {each.id for each in catalogue.load().values() if each.testable}

    assert not (found := testable - checked().keys()), f"untested:{listed(found)}"
    assert not (found := checked().keys() - testable), f"said to be untested:{listed(found)}"


@pytest.fixture(scope="module")
def mutated() -> set[str]:
    """Requirements that the embedded runtime has a mutant of."""
    told = subprocess.run([*runtime.find(mutants.EMBEDDED), "--list"], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    return {matrix.requirement_of(line.split()[0]) for line in told.stdout.splitlines()}


def test_every_tested_requirement_has_a_mutant(mutated):
    assert not (found := checked().keys() - mutated), listed(found)


def test_every_mutant_breaks_a_requirement_that_is_tested(mutated):
    assert not (found := mutated - checked().keys()), listed(found)


# --- what no module may do -------------------------------------------------------------------------------------------


#: Modules that are long for a reason.
LONG = {
    "bundles.probe": "the program in the container is one file, which imports nothing of ours, "
    "and has a verb for each thing that some test does or looks at"
}


def test_no_module_is_longer_than_four_hundred_lines():
    lengths = {name: len(file.read_text().splitlines()) for name, file in modules().items()}

    assert {name: length for name, length in lengths.items() if length > 400 and name not in LONG} == {}


def test_nobody_catches_everything_without_a_word():
    bare = [name for name in modules() if any(map(is_bare, ast.walk(tree(name))))]

    assert bare == []


def is_bare(node: ast.AST) -> bool:
    """`except:`, and `except Exception:` that does nothing."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    everything = isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
    return node.type is None or (everything and all(isinstance(each, ast.Pass) for each in node.body))


def test_no_test_sleeps_and_hopes():
    asleep = [
        f"{name}.{function.name}"
        for name in modules()
        for function in ast.walk(tree(name))
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_") and sleeps(function)
    ]

    assert asleep == []


def sleeps(function: ast.FunctionDef) -> bool:
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any(ast.unparse(name).split(".")[-1] == "sleep" for name in called)


# --- linters ---------------------------------------------------------------------------------------------------------


def agrees(tool: str, *options: str) -> None:
    """Run a linter of this interpreter's environment; its words are the failure."""
    program = shutil.which(str(Path(sys.executable).with_name(tool))) or shutil.which(tool)
    if program is None:
        pytest.skip(f"{tool} is not installed: pip install oci-runtime-conformance[dev]")
    ran = subprocess.run([program, *options], cwd=ROOT, capture_output=True, text=True, timeout=1200)
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]


#: Or it would look for packages in another environment than this one.
OF_THIS = ("--pythonpath", sys.executable)
LINTERS: dict[str, Callable[[], None]] = {
    "ruff check": lambda: agrees("ruff", "check", "--no-cache", "."),
    "ruff format": lambda: agrees("ruff", "format", "--no-cache", "--check", "."),
    "pyright strict": lambda: agrees("pyright", *OF_THIS),
    "pyright of the tests": lambda: agrees(
        "pyright", *OF_THIS, "--project", "conformance/selfcheck/pyright-tests.json"
    ),
}


@pytest.mark.parametrize("linter", LINTERS)
def test_the_linters_agree(linter):
    LINTERS[linter]()
