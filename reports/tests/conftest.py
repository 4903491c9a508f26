from pathlib import Path
from typing import Any

import pytest

from reports import results

from . import sample


@pytest.fixture
def read(tmp_path: Path) -> sample.Reader:
    """Results with these tests in them, read back from a file."""

    def read(*tests: dict[str, Any], **end: Any) -> results.Results:
        return results.read(sample.write(tmp_path / "results.jsonl", sample.run(*tests, **end)))

    return read


@pytest.fixture
def whole(tmp_path: Path) -> results.Results:
    """The whole sample."""
    return results.read(sample.write(tmp_path / "whole.jsonl", sample.run(*sample.TESTS)))
