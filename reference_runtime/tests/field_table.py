"""Writes `config/valid_values/fields.py` from the contract: `python -m reference_runtime.tests.field_table`."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

from bundles import contracts

TARGET = pathlib.Path(__file__).parents[1] / "config" / "valid_values" / "fields.py"
#: Sections for other platforms are none of this runtime's business.
FOREIGN = {"freebsd", "solaris", "vm", "windows", "zos"}
INTEGERS = {
    (0, 2**16 - 1): "uint16",
    (-(2**31), 2**31 - 1): "int32",
    (0, 2**32 - 1): "uint32",
    (-(2**63), 2**63 - 1): "int64",
    (0, 2**64 - 1): "uint64",
}
HEADER = '''# ruff: noqa: E501 - one field a line
"""The fields of config.json: what type each has, and (`!`) whether its object cannot be without it.

Generated from the contract by `python -m reference_runtime.tests.field_table`; a test holds it current.
"""

FIELDS = {
'''


def text() -> str:
    lines = [f'    "{path}": "{kind}",\n' for path, kind in rows("", contracts.schema("config"), False)]
    return HEADER + "".join(lines) + "}\n"


def rows(path: str, schema: dict[str, Any], required: bool) -> Iterator[tuple[str, str]]:
    schema = resolve(schema)
    yield path, kind(schema) + ("!" if required else "")
    for name, field in schema.get("properties", {}).items():
        if path or name not in FOREIGN:
            yield from rows(f"{path}.{name}" if path else name, field, name in schema.get("required", []))
    if "items" in schema:
        yield from rows(f"{path}[]", schema["items"], False)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from rows(f"{path}.*", schema["additionalProperties"], False)


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    return contracts.schema("config")["definitions"][schema["$ref"].rpartition("/")[2]]


def kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "|".join(schema["enum"])
    if schema["type"] == "integer":
        limits = (schema.get("minimum", ""), schema.get("maximum", ""))
        return INTEGERS.get(limits, f"{limits[0]}..{limits[1]}")
    return "text" if schema.get("minLength") else schema["type"]


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
