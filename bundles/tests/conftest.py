"""What several modules of tests stand on."""

import pathlib

import pytest

from . import archives


@pytest.fixture
def images(tmp_path: pathlib.Path) -> archives.Images:
    """An image layout that is still empty."""
    return archives.Images(tmp_path / "images")
