"""What start promises while it has not come to its end, and to whom."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from reference_runtime.runtime import lifecycle, record

from .conftest import needs_root
from .test_birth import within

pytestmark = needs_root


def is_waiting(command: subprocess.Popen[Any]) -> bool:
    """For init to answer: asleep, and with a connection."""
    process = Path(f"/proc/{command.pid}")
    try:
        connected = any(os.readlink(each).startswith("socket:") for each in (process / "fd").iterdir())
        return connected and "\nState:\tS" in (process / "status").read_text()
    except FileNotFoundError:  # a descriptor that it closed while we looked
        return False


def test_of_two_starts_at_once_only_one_succeeds(bundle):
    assert bundle.call("create").returncode == 0
    container = record.load(str(bundle.root), bundle.id)
    argv = [bundle.command, "--root", str(bundle.root), "start", bundle.id]
    os.kill(container.pid, signal.SIGSTOP)  # so that neither can be over before the other has begun
    both = [subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]

    waiting = within(10, lambda: all(is_waiting(each) for each in both))
    os.kill(container.pid, signal.SIGCONT)

    assert (waiting, sorted(each.wait(20) for each in both)) == (True, [0, 1])
    assert lifecycle.status(container) == "running"
