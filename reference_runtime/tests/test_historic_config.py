"""A config of 2016: `docker-runc spec` of 1.0.0-rc2 wrote it, with a terminal, and a cgroup mount.

The runtime refuses it and says what to do; done that, it runs it, through a console socket.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bundles import rootfs as root_file_system

from .conftest import Bundle, needs_root

ROOT = Path(__file__).parents[2]
HISTORIC = ROOT / "bundles" / "tests" / "docker-runc-1.0.0-rc2.json"
#: The config's program is `sh`: this one says whether it has a terminal, and repeats a line.
SHELL = f"#!{root_file_system.INTERPRETER} -ISE\nimport os\nprint('terminal', os.isatty(0))\nprint('heard', input())\n"


@pytest.fixture
def historic(bundle: Bundle, furnished: Path) -> Bundle:
    rootfs = bundle.directory / "rootfs"
    shutil.copytree(furnished, rootfs, symlinks=True)
    shell = rootfs / "usr" / "bin" / "sh"
    shell.parent.mkdir(parents=True, exist_ok=True)
    shell.write_text(SHELL)
    shell.chmod(0o755)
    bundle.config = json.loads(HISTORIC.read_text())
    return bundle


@needs_root
def test_it_is_refused_by_a_line_that_says_what_to_do(historic: Bundle) -> None:
    refused = historic.call("create", "--console-socket", "/nowhere")

    (line,) = refused.stderr.splitlines()
    assert refused.returncode != 0
    assert "python -m bundles upgrade" in line


@needs_root
def test_it_runs_once_it_is_upgraded(historic: Bundle, tmp_path: Path) -> None:
    upgraded = tmp_path / "upgraded.json"
    subprocess.run([sys.executable, "-m", "bundles", "upgrade", HISTORIC, "-o", upgraded], check=True, cwd=ROOT)
    historic.config = json.loads(upgraded.read_text())
    with socket.socket(socket.AF_UNIX) as console:
        console.bind(str(tmp_path / "console"))
        console.listen(1)
        console.settimeout(30)

        created = historic.call("create", "--console-socket", str(tmp_path / "console"))
        assert created.returncode == 0, created.stderr
        terminal = receive(console)

    assert historic.call("start").returncode == 0
    assert read_until(terminal, "terminal True")
    os.write(terminal, b"good morning\n")
    assert read_until(terminal, "heard good morning")
    os.close(terminal)


def receive(console: socket.socket) -> int:
    connection, _ = console.accept()
    with connection:
        return socket.recv_fds(connection, 4096, 1)[1][0]


def read_until(terminal: int, words: str) -> bool:
    said = ""
    while words not in said:
        said += os.read(terminal, 4096).decode()
    return True
