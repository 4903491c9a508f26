"""A config held against its schema and against the rules that no schema can say."""

import copy
import dataclasses
import functools
import inspect
import json
import pathlib
from collections.abc import Callable
from typing import Any, cast

import jsonschema
from jsonschema import protocols, validators

from . import contracts, document, rules
from .rules import bundle, config, config_linux, schema

#: Untyped where jsonschema's own annotations end.
_extended = cast("Callable[..., type[protocols.Validator]]", validators.extend)  # pyright: ignore[reportUnknownMemberType] - as above
#: Faults of an object that leave each of its values usable.
OF_THE_WHOLE = ("required", "dependencies", "anyOf", "oneOf", "minProperties")


def findings(document_: Any, directory: pathlib.Path | None = None) -> list[rules.Finding]:
    """All that is wrong with a config; with a bundle's directory, with its root file system too."""
    found = [
        rules.Finding(place, "the name stands twice in its object", "MUST NOT", "json.no-duplicate-names")
        for place in document.repeated(document_)
    ]
    errors = [error for error in _schema().iter_errors(document_) if not _is_annotation(error)]
    for error in errors:
        found += schema.translate(error)
    if document.is_object(document_):
        sound = _sound(document_, errors)
        found += [finding for rule in _rules() for finding in rule(sound)]
        found += bundle.root(sound, directory) if directory else []
    return list(dict.fromkeys(found))


@functools.cache
def _schema() -> protocols.Validator:
    """As strict as what reads a config: no 1.0 is an integer, and no text that the kernel takes holds a NUL."""
    draft = jsonschema.Draft7Validator
    checker = draft.TYPE_CHECKER.redefine("integer", _is_integer).redefine("string", _is_text)
    return _extended(draft, type_checker=checker)(contracts.schema("config"))


def _is_integer(_: Any, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(_: Any, value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_annotation(error: jsonschema.ValidationError) -> bool:
    """A text that no kernel is given, NUL or not."""
    path = list(error.absolute_path)
    return path[:-1] == ["annotations"] and error.validator == "type" and isinstance(error.instance, str)


@functools.cache
def _rules() -> list[Any]:
    return [
        rule
        for module in (config, config_linux)
        for _, rule in inspect.getmembers(module, inspect.isfunction)
        if rule.__module__ == module.__name__
    ]


def _sound(document_: dict[str, Any], errors: list[jsonschema.ValidationError]) -> dict[str, Any]:
    """The config without what has the wrong form, so that a rule need not ask."""
    sound = copy.deepcopy(document_)
    for error in errors:
        if error.validator not in OF_THE_WHOLE:
            _remove(sound, list(error.absolute_path))
    return sound


def _remove(value: Any, path: list[str | int]) -> None:
    """Take out the value at a path; of an array the whole, since the other elements would change their places."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    for part in path[:-1]:
        value = dict(document.children(value)).get(part)
    if path and document.is_object(value):
        value.pop(str(path[-1]), None)


def report(path: pathlib.Path, as_json: bool) -> int:
    """Print the findings on a config or a bundle; 0 if it complies, 1 if not. Raises DocumentError."""
    found = findings(document.read(document.locate(path)), path if path.is_dir() else None)
    for finding in found:
        print(json.dumps(dataclasses.asdict(finding)) if as_json else finding)
    return 0 if all(finding.advice for finding in found) else 1
