"""The few words a test uses."""

import pytest

from .harness.container import eventually, generates_an_error
from .harness.faults import or_an_error
from .harness.residue import leaves_no_trace

__all__ = ["eventually", "generates_an_error", "leaves_no_trace", "or_an_error", "requirement"]


def requirement(id: str) -> pytest.MarkDecorator:
    """Say which entry of the catalogue a test checks."""
    return pytest.mark.requirement(id)
