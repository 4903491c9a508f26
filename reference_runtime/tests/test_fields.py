"""The table of fields is the contract's."""

from __future__ import annotations

from reference_runtime.config import valid_values

from . import field_table


def test_the_table_is_current():
    assert field_table.TARGET.read_text() == field_table.text()


def test_every_row_says_something_that_is_understood():
    kinds = {kind.rstrip("!") for kind in valid_values.fields.FIELDS.values()}

    assert {kind for kind in kinds if not valid_values.matches(kind, example(kind))} == set()


def example(kind: str):
    return (
        {"string": "", "text": "x", "boolean": False, "object": {}, "array": []}.get(kind)
        if kind in SIMPLE
        else (
            0 if kind in valid_values.BITS or kind.startswith(("0", "-")) else 1 if ".." in kind else kind.split("|")[0]
        )
    )


SIMPLE = {"string", "text", "boolean", "object", "array"}
