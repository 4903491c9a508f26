"""Start-up is most of a container's latency: what an operation imports is counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

#: None of them is worth its milliseconds: see CONTRIBUTING.
SLOW = {
    "argparse", "asyncio", "dataclasses", "inspect", "jsonschema", "logging", "pathlib", "pyroute2", "shutil", "socket",
    "subprocess", "tempfile", "traceback", "typing", "unittest",
}  # fmt: skip
OPERATIONS = ["create", "start", "state", "kill", "delete"]
CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_imports_nothing_slow(operation):
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
        f"import reference_runtime.command_line, reference_runtime.runtime.{operation}\n"
        "print(*sys.modules)"
    )

    done = subprocess.run([sys.executable, "-I", "-S", "-E", "-c", program], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) & SLOW == set()


def test_config_types_are_for_the_type_checker_only():
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
        "import reference_runtime.runtime.create, reference_runtime.runtime.delete, reference_runtime.runtime.run\n"
        "print('reference_runtime.config_types' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-I", "-S", "-E", "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
