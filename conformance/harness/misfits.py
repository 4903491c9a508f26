"""Values that do not fit: for each member of a config, by what the contract says of it, one that must be an error.

What a decoder may take in good faith is not among them: null, which many read as if the member were not there; a whole
number written as 1.0; a name in other letters. The text has no word on these.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bundles import contracts, pointer
from bundles.rules import schema as rules

Place = tuple[str | int, ...]
Schema = dict[str, Any]

#: Definitions that stand in many places, to be looked into at the first; behind the others stands the same reader.
ONCE = {"hooks", "idMappings"}
#: Numbers of which one of a kind is tried as a fraction, and above what it can hold.
NUMBERS = {"int32", "int64", "uint32", "uint64"}
ONE_OF_A_KIND = {"fraction", "above"}
MISSING: Any = object()


@dataclass(frozen=True)
class Misfit:
    """One fault of a config: a value that is wrong, or MISSING, at a place; of an array always the last element."""

    place: Place
    label: str
    value: Any
    requirement: str | None

    @property
    def name(self) -> str:
        place = pointer.join("*" if isinstance(step, int) else step for step in self.place)
        return f"{place} {self.label}"

    def put(self, config: Any) -> None:
        """Make this fault in a config, in place."""
        *way, last = (-1 if isinstance(step, int) else step for step in self.place)
        owner = config
        for step in way:
            owner = owner[step]
        if self.value is MISSING:
            del owner[last]
        else:
            owner[last] = self.value


def misfits(config: Any, seen: set[str]) -> Iterator[Misfit]:
    """All faults of one kind each that a Linux config can have where this one, which is sound, has a member.

    `seen` are the definitions that need not be looked into again; those that are met are added.
    """
    yield from _inside((), config, [_contract(), _contract()["else"]], seen)


@functools.cache
def _contract() -> Schema:
    return contracts.schema("config")


def _of(place: Place, value: Any, schemas: Sequence[Schema], seen: set[str]) -> Iterator[Misfit]:
    named = {schema["$ref"].rpartition("/")[2] for schema in schemas if "$ref" in schema}
    schemas = [_resolved(schema) for schema in schemas]
    for label, wrong in _wrong(value, {name: rule for schema in schemas for name, rule in schema.items()}):
        if not (label in ONE_OF_A_KIND and named & seen):
            yield Misfit(place, label, wrong, "valid.error")
    if not named & seen:
        yield from _inside(place, value, schemas, seen)
    seen |= named & (ONCE | NUMBERS)


def _inside(place: Place, value: Any, schemas: Sequence[Schema], seen: set[str]) -> Iterator[Misfit]:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        required = {name for schema in schemas for name in schema.get("required", [])}
        for name, member in members.items():
            own = (*place, name)
            if name in required:
                yield Misfit(own, "missing", MISSING, rules.requirement("required", own))
            yield from _of(own, member, _below(schemas, name), seen)
    elif isinstance(value, list) and value:
        elements = cast("list[Any]", value)
        items = [schema["items"] for schema in schemas if "items" in schema]
        yield from _of((*place, len(elements) - 1), elements[-1], items, seen)


def _below(schemas: Sequence[Schema], name: str) -> list[Schema]:
    """What is said of a member, by name or as one of many."""
    found = [schema["properties"][name] for schema in schemas if name in schema.get("properties", {})]
    others = [schema.get("additionalProperties") for schema in schemas]
    return found or [cast(Schema, schema) for schema in others if isinstance(schema, dict)]


def _resolved(schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    return _contract()["definitions"][schema["$ref"].rpartition("/")[2]]


def _wrong(value: Any, rule: Schema) -> Iterator[tuple[str, Any]]:
    """What the value is, and the value."""
    kind = "enum" if "enum" in rule else rule.get("type")
    if kind == "enum":
        yield "unknown", "shelved"
    elif kind == "string":
        yield "number", 7
    elif kind == "boolean":
        yield "string", "no"
    elif kind == "object":
        yield "array", [value]
    elif kind == "array":
        yield "alone", value[0] if value else "x"
    elif kind == "integer":
        yield from _wrong_numbers(rule)


def _wrong_numbers(rule: Schema) -> Iterator[tuple[str, Any]]:
    yield "string", "7"
    yield "fraction", 7.5
    if "minimum" in rule:
        yield "below", rule["minimum"] - 1
    if "maximum" in rule:
        yield "above", rule["maximum"] + 1
