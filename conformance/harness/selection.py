"""Which tests are run: by requirement, section, level, and the release of the specification."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pytest

from conformance import catalogue
from conformance.catalogue import Requirement

ROOT = Path(__file__).parents[2]
#: What `--runtime=…` judges when no path is named.
CHAPTERS = ("conformance/specification", "conformance/beyond/command_line", "conformance/beyond/security")


class Unknown(Exception):
    """A selection that names nothing; one line."""


def add_options(group: pytest.OptionGroup) -> None:
    group.addoption("--requirement", action="append", default=[], metavar="ID", help="only tests of this requirement")
    group.addoption("--section", action="append", default=[], metavar="ANCHOR", help="only tests of this section")
    group.addoption("--level", action="append", default=[], metavar="LEVEL", help="only tests of this level (MUST, …)")
    group.addoption("--list-requirements", action="store_true", help="print the catalogue; needs no runtime")


def requirement_of(item: pytest.Item) -> Requirement | None:
    """The requirement that a test checks; broken, if the catalogue does not know it."""
    mark = item.get_closest_marker("requirement")
    if mark is None:
        return None
    try:
        return catalogue.load()[mark.args[0]]
    except KeyError:
        raise pytest.UsageError(f"{item.nodeid}: the catalogue has no requirement {mark.args[0]}") from None


def check(config: pytest.Config) -> None:
    """Raise Unknown for a name that selects nothing."""
    known = catalogue.load().values()
    for option, names in (
        ("requirement", {requirement.id for requirement in known}),
        ("section", {requirement.section for requirement in known}),
        ("level", {requirement.level for requirement in known}),
    ):
        for name in cast("list[str]", config.getoption(option)):
            if name not in names:
                raise Unknown(f"--{option}={name}: the catalogue has no such {option}{nearest(name, names)}")


def nearest(name: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(names), 1)
    return f"; did you mean {close[0]}?" if close else ""


def wanted(requirement: Requirement | None, config: pytest.Config) -> bool:
    ids, sections, levels = (config.getoption(name) for name in ("requirement", "section", "level"))
    if requirement is None:
        return not (ids or sections or levels)
    return (
        (not ids or requirement.id in ids)
        and (not sections or requirement.section in sections)
        and (not levels or requirement.level in levels)
    )


def select(items: list[pytest.Item], config: pytest.Config, release: str | None) -> None:
    """Deselect what was not asked for, and what the judged release does not say."""
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        requirement = requirement_of(item)
        in_force = requirement is None or release is None or requirement.in_version(release)
        (kept if in_force and wanted(requirement, config) else dropped).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def list_requirements(config: pytest.Config) -> None:
    """One line each: id, level, releases, section, and what is demanded."""
    for requirement in catalogue.load().values():
        if wanted(requirement, config):
            releases = f"{requirement.since}–{requirement.until or ''}"
            place = f"{requirement.document}#{requirement.section}"
            print(f"{requirement.id:44} {requirement.level:10} {releases:12} {place:44} {requirement.what}")


def choose_paths(config: pytest.Config) -> None:
    """Without a path on the command line, a named runtime is judged by the chapters that concern it."""
    if config.option.runtime and config.args_source != pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(ROOT / chapter) for chapter in CHAPTERS if (ROOT / chapter).exists()]


def is_partial(config: pytest.Config) -> bool:
    """Whether tests were left out by name, path, requirement, section or level: not because of the release."""
    options = ("requirement", "section", "level", "keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf")
    named = [path(argument) for argument in config.args]
    chapters = [ROOT / chapter for chapter in CHAPTERS if (ROOT / chapter).exists()]
    covered = all(any(chapter.is_relative_to(each) for each in named) for chapter in chapters)
    return not covered or any(config.getoption(name, None) for name in options)


def concerns_a_runtime(arguments: list[str]) -> bool:
    """Whether any of the paths on the command line may hold tests of a runtime."""
    apart = ("bundles", "reports", "reference_runtime", "conformance/selfcheck", "conformance/catalogue")
    return any(not relative(argument).startswith(apart) for argument in arguments)


def relative(argument: str) -> str:
    named = path(argument)
    return str(named.relative_to(ROOT)) if named.is_relative_to(ROOT) else str(named)


def path(argument: str) -> Path:
    """Of a test's id, or of a file or folder."""
    return Path(re.split("::", argument, maxsplit=1)[0]).resolve()
