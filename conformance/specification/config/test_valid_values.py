"""config.md#valid-values"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bundles import contracts
from bundles.rootfs import INTERPRETER
from conformance import catalogue, generates_an_error, or_an_error, requirement
from conformance.harness import (
    apparmor,
    block_devices,
    cpus,
    faults,
    huge_pages,
    misfits,
    resctrl,
    seccomp,
    selinux,
)
from conformance.harness.container import Config, Container


@dataclass(frozen=True)
class Twin:
    """What is added to the ordinary config to have a sound value where another test puts one that does not fit.

    Objects are merged, arrays are appended to those that are there.
    """

    members: dict[str, Any]
    since: str = catalogue.RELEASES[0]
    #: Why this host cannot run it, beside what a config tells by itself.
    lack: Callable[[], str | None] = lambda: None


HOOK = {"path": INTERPRETER, "args": [INTERPRETER, "-I", "-S", "-c", "pass"], "env": ["SHELF=x"], "timeout": 9}
#: A directory of each bundle's, to be mounted: other than the bundle itself, it has no mount below it.
SHELF = "shelf"
#: What a row adds is what is swept by it, and with it alone: one more section is one more row.
TWINS = {
    "ordinary": Twin(
        {
            "mounts": [{"destination": "/shelf", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid"]}],
            "process": {
                "user": {"uid": 1000, "gid": 1001, "additionalGids": [4711]},
                "capabilities": {"inheritable": ["CAP_CHOWN"], "ambient": ["CAP_CHOWN"]},
                # With 0 for the one that is missing, either is a limit that the kernel takes.
                "rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 6}],
            },
            "annotations": {"example.shelf": "x"},
            "linux": {
                # The last entry, which a runtime may pass over, is none that keeps the host safe.
                "namespaces": [{"type": "cgroup"}],
                "sysctl": {"net.ipv4.ip_default_ttl": "77"},
                "rootfsPropagation": "private",
            },
            "hooks": {kind: [HOOK] for kind in ("prestart", "poststart", "poststop")},
        }
    ),
    "score": Twin({"process": {"oomScoreAdj": 700}}),
    "a joined namespace": Twin({"linux": {"namespaces": [{"type": "cgroup", "path": "/proc/self/ns/cgroup"}]}}),
    "a terminal": Twin({"process": {"terminal": True, "consoleSize": {"height": 33, "width": 101}}}),
    "a umask": Twin({"process": {"user": {"umask": 23}}}, "1.0.2"),
    "hooks": Twin({"hooks": {k: [HOOK] for k in ("createRuntime", "createContainer", "startContainer")}}, "1.0.2"),
    "a domain name": Twin({"domainname": "shelf.example"}, "1.1.0"),
    "a user namespace": Twin(
        {
            "linux": {
                "namespaces": [{"type": "user"}],
                "uidMappings": [{"containerID": 0, "hostID": 0, "size": 65536}],
                "gidMappings": [{"containerID": 0, "hostID": 0, "size": 65536}],
            }
        }
    ),
    "a mapped mount": Twin(
        {
            "mounts": [
                {
                    "destination": "/shelf",
                    "type": "bind",
                    "source": SHELF,
                    "options": ["bind", "idmap"],
                    "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}],
                    "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}],
                }
            ]
        },
        "1.1.0",
    ),
    "clocks": Twin(
        {
            "linux": {
                "namespaces": [{"type": "time"}],
                "timeOffsets": {"boottime": {"secs": 7, "nanosecs": 7}},
            }
        },
        "1.1.0",
    ),
    "a scheduler": Twin(
        {
            "process": {
                "scheduler": {
                    "policy": "SCHED_BATCH",
                    "nice": 3,
                    "flags": ["SCHED_FLAG_RESET_ON_FORK"],
                    **dict.fromkeys(("priority", "runtime", "deadline", "period"), 0),
                }
            }
        },
        "1.1.0",
    ),
    "a priority": Twin({"process": {"ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 7}}}, "1.1.0"),
    "an affinity": Twin({"process": {"execCPUAffinity": {"initial": "0", "final": "0"}}}, "1.2.1"),
    "a profile": Twin({"process": {"apparmorProfile": "unconfined"}}, lack=apparmor.lack),
    "a label": Twin({"process": {"selinuxLabel": selinux.CONTAINER}}, lack=selinux.lack),
    "a label of mounts": Twin({"linux": {"mountLabel": selinux.FILES}}, lack=selinux.lack),
    "a device": Twin(
        {
            "linux": {
                "devices": [
                    {"path": "/dev/shelf", "type": "c", "major": 60, "minor": 1, "fileMode": 432, "uid": 7, "gid": 8}
                ]
            }
        }
    ),
    "a rule for a device": Twin(
        {"linux": {"resources": {"devices": [{"allow": True, "type": "c", "major": 60, "minor": 1, "access": "rw"}]}}}
    ),
    "a personality": Twin({"linux": {"personality": {"domain": "LINUX", "flags": []}}}, "1.0.2"),
    "a class": Twin(
        {"linux": {"intelRdt": {"closID": "/", "schemata": [], "enableMonitoring": True}}}, "1.3.0", lack=resctrl.lack
    ),
    "a memory policy": Twin(
        {
            "linux": {
                # Relative nodes are counted round and round those that there are.
                "memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0-1", "flags": ["MPOL_F_RELATIVE_NODES"]}
            }
        },
        "1.3.0",
    ),
    "rates of a device": Twin(
        {
            "linux": {
                "resources": {
                    "blockIO": {
                        f"throttle{way}Device": [{**block_devices.some_numbers(), "rate": 1 << 20}]
                        for way in ("ReadBps", "WriteBps", "ReadIOPS", "WriteIOPS")
                    }
                }
            }
        },
        lack=block_devices.lack,
    ),
    "a weight": Twin({"linux": {"resources": {"blockIO": {"weight": 321}}}}, lack=block_devices.lack_of_weights),
    "huge pages": Twin(
        {"linux": {"resources": {"hugepageLimits": [{"pageSize": huge_pages.USUAL, "limit": 0}]}}},
        lack=huge_pages.lack,
    ),
    "a filter": Twin(
        {
            "linux": {
                "seccomp": {
                    "defaultAction": "SCMP_ACT_ALLOW",
                    "architectures": [f"SCMP_ARCH_{seccomp.NATIVE}"],
                    "syscalls": [
                        {
                            **seccomp.DENIED,
                            "args": [{"index": 1, "value": 3, "valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ"}],
                        }
                    ],
                }
            }
        }
    ),
    "flags": Twin({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "flags": []}}}, "1.0.2"),
    "numbers": Twin(
        {
            "linux": {
                "seccomp": {
                    "defaultAction": "SCMP_ACT_ERRNO",
                    "defaultErrnoRet": 38,
                    "syscalls": [seccomp.ALL_ALLOWED, {**seccomp.DENIED, "errnoRet": 1}],
                }
            }
        },
        "1.1.0",
    ),
    "a listener": Twin(
        {
            "linux": {
                "seccomp": {
                    "defaultAction": "SCMP_ACT_ALLOW",
                    "listenerPath": "/nobody",
                    "listenerMetadata": "for nobody",
                }
            }
        },
        "1.1.0",
    ),
    "limits of memory": Twin(
        {
            "linux": {
                "resources": {
                    # What no kernel limits any more can still be without limit.
                    "memory": {"limit": 1 << 28, "reservation": 1 << 27, "swap": 1 << 28, "kernel": -1, "kernelTCP": -1}
                }
            }
        }
    ),
    "swapping": Twin({"linux": {"resources": {"memory": {"swappiness": 37, "disableOOMKiller": True}}}}),
    "hierarchy": Twin({"linux": {"resources": {"memory": {"useHierarchy": True}}}}, "1.0.2"),
    "a check": Twin({"linux": {"resources": {"memory": {"limit": 1 << 28, "checkBeforeUpdate": True}}}}, "1.1.0"),
    "shares": Twin({"linux": {"resources": {"cpu": {"shares": 512, "quota": 90_000, "period": 80_000}}}}),
    "processors": Twin({"linux": {"resources": {"cpu": {"cpus": cpus.allowed("cpus"), "mems": cpus.allowed("mems")}}}}),
    "real-time policies": Twin({"linux": {"resources": {"cpu": {"realtimePeriod": 500_000, "realtimeRuntime": 0}}}}),
    "a burst": Twin({"linux": {"resources": {"cpu": {"quota": 90_000, "burst": 10_000, "idle": 0}}}}, "1.1.0"),
    # For each worker another one: a cgroup that is not empty may be refused.
    "a cgroup": Twin({"linux": {"cgroupsPath": f"/twin-{os.getpid()}"}}),
    "files of version 2": Twin({"linux": {"resources": {"unified": {"cgroup.max.depth": "9"}}}}, "1.1.0"),
    "tasks": Twin({"linux": {"resources": {"pids": {"limit": 100}}}}),
    "packets": Twin(
        {"linux": {"resources": {"network": {"classID": 1, "priorities": [{"name": "lo", "priority": 5}]}}}}
    ),
}
#: What no row brings in yet, and what stays outside: passing it over would let the container loose on the host.
LATER = (
    "/linux/netDevices",
    "/linux/resources/rdma",
)
DANGEROUS = ("/linux array", "/linux/namespaces alone")
#: What a runtime need not look at that passes the whole property over: whether it may is mem.kernel's question.
DISPUTED = ("/linux/resources/memory/kernel below", "/linux/resources/memory/kernelTCP below")


def with_twin(config: Any, twin: Twin) -> Config:
    """The config with what the twin adds; a fresh one."""
    return merged(json.loads(json.dumps(config)), json.loads(json.dumps(twin.members)))


def merged(there: Any, added: Any) -> Any:
    if isinstance(there, dict) and isinstance(added, dict):
        return there | {name: merged(there[name], value) if name in there else value for name, value in added.items()}
    return there + added if isinstance(there, list) and isinstance(added, list) else added


def found() -> Iterator[tuple[str, misfits.Misfit]]:
    """Each misfit once, with the first twin that has a sound value in its place."""
    names: set[str] = {*DANGEROUS, *DISPUTED}
    definitions: set[str] = set()
    for name, twin in TWINS.items():
        for misfit in misfits.misfits(with_twin(contracts.ordinary(), twin), definitions):
            if misfit.name not in names and not misfit.name.startswith(LATER):
                names.add(misfit.name)
                yield name, misfit


MISFITS = list(found())


def each(*, missing: bool) -> list[Any]:
    """One test's parameters, under the requirement that it breaks; without one of its own, a later row's business."""
    return [
        pytest.param(twin, misfit, marks=requirement(misfit.requirement), id=misfit.name)
        for twin, misfit in MISFITS
        if (misfit.value is misfits.MISSING) == missing and misfit.requirement in catalogue.load()
    ]


#: Runtime and twin → why it does not run that, once it has been tried in this process.
TRIED: dict[tuple[tuple[str, ...], str], faults.OperationFailed | faults.Unjudged | None] = {}


def put(config: Config, container: Container, another: Any, console: Any, twin: str, misfit: misfits.Misfit) -> Any:
    """Make the fault in the config, whose sound twin is known to run; the options of its create."""
    options = console.options if twin == "a terminal" else ()
    config |= with_twin(config, TWINS[twin])
    shelf = container.bundle / SHELF
    shelf.mkdir()
    for mount in config["mounts"]:
        # Whether a path may begin at the bundle is another requirement.
        if mount.get("source") == SHELF:
            mount["source"] = str(shelf)
    key = (container.runtime.command, twin)
    if key not in TRIED:
        TRIED[key] = why_not(another(), options)
    if problem := TRIED[key]:
        raise problem
    # Of args, too, the last element does not fit: a runtime that leaves it out has a program to run.
    container.program_obeys("linger", "linger")
    misfit.put(config)
    return options


def why_not(twin: Container, options: Any) -> faults.OperationFailed | faults.Unjudged | None:
    try:
        twin.create(options=options)
        twin.start()
    except (faults.OperationFailed, faults.Unjudged) as problem:
        return problem
    return None


@pytest.fixture
def can_be(request, spec_version):
    """Older releases do not know the member, and a runtime of theirs ignores it."""
    twin = TWINS[request.getfixturevalue("twin")]
    faults.needs_release(twin.since, spec_version, f"since {twin.since}")
    if lacking := twin.lack():
        raise faults.not_on_this_host(lacking)


@pytest.mark.parametrize(("twin", "misfit"), each(missing=False))
def test_a_value_that_does_not_fit_is_an_error(config, container, another, console, can_be, twin, misfit):
    options = put(config, container, another, console, twin, misfit)

    with generates_an_error():
        container.create(options=options)
        container.start()


@pytest.mark.parametrize(("twin", "misfit"), each(missing=True))
def test_a_required_member_that_is_missing_is_an_error(config, container, another, console, can_be, twin, misfit):
    options = put(config, container, another, console, twin, misfit)

    with generates_an_error():
        container.create(options=options)
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

    seen = or_an_error(lambda: container.run().facts.namespaces["cgroup"] != os.readlink("/proc/self/ns/cgroup"))

    assert seen in (True, "an error")
