"""`reference-runtime install PATH`: a command that engines can be given.

A console script of pip's costs twenty milliseconds before its first line; this one starts a bare interpreter.
"""

from __future__ import annotations

import os
import sys

#: -I -S -E in one word: a `#!` line has room for one.
LAUNCHER = """#!{python} -ISE
import sys

sys.path.insert(0, {checkout!r})
from {module}.__main__ import main

sys.exit(main())
"""


def write(path: str, module: str = "reference_runtime") -> None:
    checkout = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    text = LAUNCHER.format(python=os.path.realpath(sys.executable), checkout=checkout, module=module)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)
