"""What the tests of mount options have on the host, and in the container."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.harness import mount_flags, programs
from conformance.harness.container import Container
from conformance.harness.trees import Tree


@pytest.fixture
def tree(place: Path, container: Container) -> Iterator[Tree]:
    """Two file systems of the host, one below the other; it depends on the container so as to go before its removal."""
    grown = Tree(place / "tree")
    yield grown
    grown.fell()


@pytest.fixture
def program(rootfs: Path) -> None:
    """A program in the root file system that a test can copy onto a mount."""
    programs.write(rootfs / mount_flags.PROGRAM.lstrip("/"))
