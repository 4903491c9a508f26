"""Bundles to be made into containers, and a runtime root that is looked after."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bundles import contracts
from bundles import rootfs as root_file_system
from reference_runtime import launcher
from reference_runtime.kernel import cgroups

Config = dict[str, Any]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes containers")


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The runtime as engines start it."""
    path = tmp_path_factory.mktemp("bin") / "reference-runtime"
    launcher.write(str(path))
    return str(path)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("rootfs")
    root_file_system.build(directory)
    return directory


class Bundle:
    """One bundle on disk, with a runtime root beside it."""

    def __init__(self, place: Path, rootfs: Path, command: str) -> None:
        self.directory = place / "bundle"
        self.root = place / "root"
        self.rootfs = rootfs
        self.command = command
        self.id = f"unit-{os.getpid()}-{place.name}"[:60]
        self.directory.mkdir()
        self.config: Config = contracts.ordinary()
        self.config["root"]["path"] = str(rootfs)
        self.runs("linger")

    def runs(self, *words: str) -> None:
        self.config["process"]["args"] = [*root_file_system.PROBE_ARGS, "nonce", *words]

    def write(self) -> None:
        (self.directory / "config.json").write_text(json.dumps(self.config))

    def call(self, operation: str, *words: str, **how: Any) -> subprocess.CompletedProcess[str]:
        """One operation, with its words collected in files: a container that lives on may hold a pipe open."""
        self.write()
        bundle = ["--bundle", str(self.directory)] if operation in ("create", "run") else []
        argv = [self.command, "--root", str(self.root), operation, *bundle, self.id, *words]
        with open(self.directory / "out", "w+") as out, open(self.directory / "err", "w+") as err:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=60, **how)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(argv, done.returncode, out.read(), err.read())

    def status(self) -> str:
        return json.loads(self.call("state").stdout)["status"]

    def traces(self) -> list[str]:
        """What there is of the container on this host: records, cgroups, mounts, processes."""
        records = [str(path) for path in self.root.glob("*")] + [str(path) for path in self.root.glob(".*")]
        groups = [each.directory(self.id) for each in cgroups.hierarchies()]
        mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(self.rootfs) in line]
        return records + [path for path in groups if os.path.exists(path)] + mounts


@pytest.fixture
def bundle(tmp_path: Path, furnished: Path, command: str) -> Iterator[Bundle]:
    made = Bundle(tmp_path, furnished, command)
    yield made
    made.call("delete", "--force")


@pytest.fixture
def in_a_child() -> Callable[..., int]:
    """Run a function in a forked process, where it may change the process, or the runtime, for good."""

    def run(function: Callable[[], None]) -> int:
        pid = os.fork()
        if pid == 0:
            try:
                function()
            except BaseException as failure:
                print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
                os._exit(1)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    return run
