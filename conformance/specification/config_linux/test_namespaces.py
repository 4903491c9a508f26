"""config-linux.md#configLinuxNamespaces"""

import os

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import host
from conformance.harness.elsewhere import bind_within

#: Type → its name in /proc/PID/ns.
NAMES = host.NAMESPACES


def each_type(demand: str, *, but: str = "") -> pytest.MarkDecorator:
    """One test for each type, of the requirement `ns.TYPE.demand`."""
    types = [type for type in NAMES if type != but]
    return pytest.mark.parametrize(
        "type", [pytest.param(type, marks=requirement(f"ns.{type}.{demand}"), id=type) for type in types]
    )


def is_without(config, type):
    """Take the entries of a type out, and what cannot be without them."""
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != type]
    if type == "uts":
        config.pop("hostname", None)


def has_only(config, *entries):
    """Make these the only entries of their types. A new user namespace maps all that the bundle's files need."""
    hostname = config.get("hostname")
    for entry in entries:
        is_without(config, entry["type"])
    config["linux"]["namespaces"] += entries
    if hostname is not None:
        config["hostname"] = hostname
    if {"type": "user"} in entries:
        mapping = {"containerID": 0, "hostID": 0, "size": 65536}
        config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}


def of_the_runtime(type):
    """The runtime's own namespace: the runtime is a child of this process."""
    return os.readlink(f"/proc/self/ns/{NAMES[type]}")


def of_the_program(report, type):
    return report.facts.namespaces.get(NAMES[type])


@each_type("new")
def test_an_entry_without_a_path_gets_a_namespace_that_nobody_else_is_in(type, config, container, another, same_kernel):
    has_only(config, {"type": type})
    twin = another()
    container.create("listen")
    container.start()

    of_the_twin = of_the_program(twin.run(), type)
    container.hangs_up()
    of_its_own = of_the_program(container.report(), type)

    assert len({of_its_own, of_the_twin, of_the_runtime(type), None}) == 4


@each_type("join")
def test_an_entry_with_a_path_puts_the_program_into_that_namespace(type, config, container, namespace_of, same_kernel):
    given = namespace_of(type)
    has_only(config, {"type": type, "path": given.path})

    report = container.run()

    assert of_the_program(report, type) == given.identity


@pytest.mark.parametrize(
    "type",
    [
        pytest.param("network", marks=requirement("ns.network.join"), id="network"),
        pytest.param("ipc", marks=requirement("ns.ipc.join"), id="ipc"),
        pytest.param("uts", marks=requirement("ns.uts.join"), id="uts"),
        pytest.param("user", marks=requirement("ns.user.join"), id="user"),
        pytest.param("cgroup", marks=requirement("ns.cgroup.join"), id="cgroup"),
        pytest.param("time", marks=requirement("ns.time.join"), id="time"),
    ],
)
def test_the_path_of_a_namespace_need_not_lie_in_proc(type, config, container, namespace_of, file_of, same_kernel):
    given = namespace_of(type)
    has_only(config, {"type": type, "path": file_of(given)})

    report = container.run()

    assert of_the_program(report, type) == given.identity


@pytest.mark.parametrize(
    "type",
    [pytest.param(type, marks=requirement(f"ns.{type}.join"), id=type) for type in ("network", "ipc", "uts")],
)
def test_a_namespace_is_joined_that_the_containers_own_users_have_no_say_in(
    type, config, container, namespace_of, same_kernel
):
    """A new user namespace does not own it: only a process outside of the one may enter the other."""
    given = namespace_of(type)
    has_only(config, {"type": type, "path": given.path}, {"type": "user"})
    mounts_little(config)
    config.pop("hostname", None)

    report = container.run()

    assert (of_the_program(report, type), of_the_program(report, "user") != of_the_runtime("user")) == (
        given.identity,
        True,
    )


@each_type("inherit", but="mount")
def test_without_an_entry_the_program_is_in_the_runtimes_namespace(type, config, container, same_kernel):
    is_without(config, type)

    report = container.run()

    assert of_the_program(report, type) == of_the_runtime(type)


@pytest.mark.parametrize(
    "type",
    [
        pytest.param(type, marks=requirement(f"ns.{type}.inherit"), id=type)
        for type in NAMES
        # A runtime needs the processes that it sees in /proc, and may need the IDs of its caller.
        if type not in ("pid", "user")
    ],
)
def test_it_is_the_runtimes_namespace_and_not_that_of_others(type, config, container, common_mounts, runtime_in):
    is_without(config, type)
    given = runtime_in(type)
    if type == "mount":
        mounts_little(config)

    container.create()

    assert os.readlink(container.process / "ns" / NAMES[type]) == given.identity


def mounts_little(config):
    """What is mounted without a mount namespace is mounted for everybody: no more than a program needs."""
    config["mounts"] = [mount for mount in config["mounts"] if mount["type"] == "proc"]
    del config["linux"]["maskedPaths"], config["linux"]["readonlyPaths"]


@requirement("ns.mount.inherit")
def test_without_a_mount_entry_the_program_is_in_the_runtimes_namespace(config, container, common_mounts):
    is_without(config, "mount")
    mounts_little(config)

    container.create()

    assert os.readlink(container.process / "ns" / "mnt") == of_the_runtime("mount")


@each_type("wrong-type")
def test_a_path_to_a_namespace_of_another_type_is_an_error(type, config, container, another, namespace_of):
    twin = another()  # before a mount namespace is made, which then has the twin's files too
    has_only(twin.config, {"type": type, "path": namespace_of(type).path})
    twin.create()
    has_only(config, {"type": type, "path": namespace_of("uts" if type != "uts" else "ipc").path})

    with generates_an_error():
        container.create()


@each_type("wrong-type")
def test_a_path_to_an_ordinary_file_is_an_error(type, config, container, place):
    (place / "file").write_text("no namespace")
    has_only(config, {"type": type, "path": str(place / "file")})

    with generates_an_error():
        container.create()


@each_type("duplicate")
def test_a_second_entry_of_a_type_is_an_error(type, config, container, another):
    has_only(config, {"type": type})
    another().create()
    config["linux"]["namespaces"] += [{"type": type}]

    with generates_an_error():
        container.create()


@each_type("duplicate")
def test_a_second_entry_that_differs_in_its_path_is_an_error(type, config, container, namespace_of):
    has_only(config, {"type": type}, {"type": type, "path": namespace_of(type).path})

    with generates_an_error():
        container.create()


# --- the array and its entries ---------------------------------------------------------------------------------------


@requirement("ns.array")
def test_the_entries_alone_decide_which_namespaces_are_new(config, container, same_kernel):
    config["linux"]["namespaces"] = [{"type": "mount"}, {"type": "cgroup"}, {"type": "uts"}]

    report = container.run()

    there = [type for type in NAMES if os.path.exists(f"/proc/self/ns/{NAMES[type]}")]
    of_its_own = {type for type in there if of_the_program(report, type) != of_the_runtime(type)}
    assert of_its_own == {"mount", "cgroup", "uts"}


@requirement("ns.type.required")
def test_an_entry_without_a_type_is_an_error(config, container, another, namespace_of):
    entry = {"type": "uts", "path": namespace_of("uts").path}
    has_only(config, entry)
    another().create()
    del entry["type"]

    with generates_an_error():
        container.create()


@requirement("ns.type.unknown")
def test_an_entry_of_an_unknown_type_is_an_error(config, container):
    config["linux"]["namespaces"] += [{"type": "weather"}]

    with generates_an_error():
        container.create()


@requirement("ns.path.absolute")
def test_a_relative_path_is_an_error_though_it_leads_to_a_namespace(config, container, another, namespace_of):
    path = namespace_of("uts").path
    has_only(config, {"type": "uts", "path": path})
    another().create()
    # From whatever directory, this leads to the same file.
    has_only(config, {"type": "uts", "path": "../" * 40 + path.lstrip("/")})

    with generates_an_error():
        container.create()


@requirement("ns.path.runtime-namespace")
def test_a_path_is_one_in_the_runtimes_own_mount_namespace(config, container, place, runtime_in, namespace_of):
    """Outside of it there is an ordinary file."""
    given, table = namespace_of("uts"), runtime_in("mount")
    bind_within(table, given, place / "name")
    has_only(config, {"type": "uts", "path": str(place / "name")})

    container.create()

    assert os.readlink(container.process / "ns" / "uts") == given.identity


@requirement("ns.path.nonexistent")
def test_a_path_that_does_not_exist_is_an_error(config, container, another, namespace_of, file_of):
    path = file_of(namespace_of("uts"))
    has_only(config, {"type": "uts", "path": path})
    another().create()
    has_only(config, {"type": "uts", "path": f"{path}-of-nobody"})

    with generates_an_error():
        container.create()
