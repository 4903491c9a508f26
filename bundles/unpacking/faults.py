"""What is wrong with an archive or an image, said in one line."""

import os


class Fault(Exception):
    """The source cannot be made into a bundle."""


def shown(name: bytes) -> str:
    """A name out of an archive, for a line that a terminal shows: quoted, without control characters, not too long."""
    text = repr(os.fsdecode(name))
    return text if len(text) <= 200 else f"{text[:120]}…{text[-60:]}"
