"""config.md#valid-values"""

import os
from typing import Any

import pytest

from conformance import generates_an_error, requirement
from conformance.harness.faults import OperationFailed

#: Values of a wrong type, out of range, or outside of a list of words.
INVALID: dict[str, tuple[tuple[str, ...], Any]] = {
    "root": (("root",), "rootfs"),
    "root.path": (("root", "path"), 7),
    "root.readonly": (("root", "readonly"), "no"),
    "mounts": (("mounts",), {"destination": "/shelf", "type": "tmpfs"}),
    "mounts[]": (("mounts",), ["/shelf"]),
    "mounts[].options": (("mounts",), [{"destination": "/shelf", "type": "tmpfs", "options": "ro"}]),
    "process": (("process",), ["/probe"]),
    "process.terminal": (("process", "terminal"), "no"),
    "process.cwd": (("process", "cwd"), 7),
    "process.args": (("process", "args"), "/probe"),
    "process.args[]": (("process", "args"), ["/probe", 7]),
    "process.env": (("process", "env"), "PATH=/bin"),
    "process.env[]": (("process", "env"), [{"PATH": "/bin"}]),
    "process.user": (("process", "user"), "root"),
    "process.user.uid negative": (("process", "user", "uid"), -1),
    "process.user.uid too large": (("process", "user", "uid"), 2**32),
    "process.user.uid name": (("process", "user", "uid"), "root"),
    "process.user.gid fraction": (("process", "user", "gid"), 0.5),
    "process.user.umask": (("process", "user", "umask"), "022"),
    "process.user.additionalGids": (("process", "user", "additionalGids"), 5),
    "process.capabilities": (("process", "capabilities"), ["CAP_CHOWN"]),
    "process.capabilities.bounding": (("process", "capabilities", "bounding"), "CAP_CHOWN"),
    "process.rlimits": (("process", "rlimits"), {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}),
    "process.rlimits[].soft": (("process", "rlimits"), [{"type": "RLIMIT_CORE", "soft": -5, "hard": 0}]),
    "process.noNewPrivileges": (("process", "noNewPrivileges"), "true"),
    "hostname": (("hostname",), 7),
    "linux.maskedPaths": (("linux", "maskedPaths"), "/proc/kcore"),
    "linux.sysctl": (("linux", "sysctl"), {"net.ipv4.ip_default_ttl": 77}),
    "linux.rootfsPropagation": (("linux", "rootfsPropagation"), "shelved"),
}


@requirement("valid.error")
@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_value_is_an_error(config, container, name):
    way, value = INVALID[name]
    parent = config
    for step in way[:-1]:
        parent = parent[step]
    parent[way[-1]] = value

    with generates_an_error():
        container.create()
        container.start()


@requirement("valid.error")
@pytest.mark.parametrize("entry", [{"type": "shelf"}, {"type": 7}, "cgroup"], ids=str)
def test_a_namespace_that_is_none_is_an_error(config, container, entry):
    """Beside the ordinary ones: a runtime that passes it over is not let loose on the host."""
    config["linux"]["namespaces"] += [entry]

    with generates_an_error():
        container.create()


@requirement("valid.subset")
def test_a_value_that_need_not_be_supported_works_or_is_an_error(config, container):
    """No text demands cgroup namespaces; passing them over in silence is no choice."""
    config["linux"]["namespaces"] += [{"type": "cgroup"}]

    try:
        seen = container.run().facts.namespaces["cgroup"] != os.readlink("/proc/self/ns/cgroup")
    except OperationFailed:
        seen = "an error"

    assert seen in (True, "an error")
