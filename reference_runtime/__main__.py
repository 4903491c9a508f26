"""`python -m reference_runtime`, and the console script `reference-runtime`."""

from __future__ import annotations

import gc
import os
import sys


def main(arguments: list[str] | None = None) -> int:
    # An operation is over before a collection would pay: two milliseconds of thirty.
    gc.disable()
    fill_standard_streams()
    # Imported after that: a file opened for an import must not become standard input.
    from . import command_line

    return command_line.main(sys.argv[1:] if arguments is None else arguments)


def fill_standard_streams() -> None:
    """A caller may have closed 0, 1 or 2; the next file that is opened would get the number, and be read or written."""
    while (descriptor := os.open("/dev/null", os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
