"""Configs that no runtime can carry out, each with a twin that every runtime can."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from . import cpus
from .container import Config

Put = Callable[[Config, Any], object]


class Impossible:
    """One part of a config that cannot be carried out, and its like that can."""

    def __init__(self, config: Config, put: Put, wrong: Any, right: Any) -> None:
        self._config, self._put, self._right = config, put, right
        put(config, wrong)

    def mend(self) -> None:
        """Make the config one that can be carried out; nothing but the fault is different."""
        self._put(self._config, self._right)


def put_root(config: Config, path: str) -> None:
    config["root"]["path"] = path


def put_mount(config: Config, mount: Config) -> None:
    others = [entry for entry in config["mounts"] if entry["destination"] != "/shelf"]
    config["mounts"] = [*others, {"destination": "/shelf", **mount}]


def put_namespace(config: Config, path: str) -> None:
    others = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "ipc"]
    config["linux"]["namespaces"] = [*others, {"type": "ipc", "path": path}]


def put_sysctl(config: Config, key: str) -> None:
    config["linux"]["sysctl"] = {key: "1"}


def put_processors(config: Config, processors: str) -> None:
    config["linux"].setdefault("resources", {})["cpu"] = {"cpus": processors}


#: kind → how it is put into a config, the impossible value, the possible one
KINDS: dict[str, tuple[Put, Any, Any]] = {
    "root": (put_root, "nowhere", "rootfs"),
    "file system": (put_mount, {"type": "noodles", "source": "none"}, {"type": "tmpfs", "source": "none"}),
    "bind source": (
        put_mount,
        {"type": "bind", "source": "/no/such/place", "options": ["bind"]},
        {"type": "bind", "source": "/usr", "options": ["bind"]},
    ),
    "namespace": (put_namespace, "/no/such/namespace", "/proc/self/ns/ipc"),
    "sysctl": (put_sysctl, "net.ipv4.no_such_key", "net.ipv4.ip_forward"),
    "processors": (put_processors, "70000", cpus.allowed("cpus")),
}


@pytest.fixture(params=KINDS)
def impossible(request: pytest.FixtureRequest, config: Config, rootfs: Path) -> Impossible:
    """The config, made impossible in one of several ways: at each step of a container's birth."""
    (rootfs / "shelf").mkdir()
    return Impossible(config, *KINDS[request.param])
