"""config-linux.md#configLinuxNamespaces: what each type is there for"""

import os
import socket
from pathlib import Path

from conformance import requirement


def is_without(config, type):
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != type]


@requirement("ns.pid.supported")
def test_a_pid_namespace_shows_its_own_processes_alone(container, same_kernel):
    container.create("listen")
    container.start()
    container.ask("spawn")

    listed = container.ask("list /proc")[1] or []
    shown = {container.ask(f"namespaces {name}")[1]["pid"] for name in listed if name.isdigit()}
    container.hangs_up()
    namespaces = container.report().facts.namespaces

    # A process that does not let itself be looked at has told nothing.
    assert shown - {None} == {namespaces["pid"]}
    assert os.readlink("/proc/self/ns/pid") not in shown


@requirement("ns.network.supported")
def test_a_network_namespace_has_a_stack_of_its_own(container, another, same_kernel):
    twin = another()
    is_without(twin.config, "network")
    look = "read /proc/net/unix"

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0{container.id}")
        from_inside = container.run(look).answers[look] or ""
        from_the_runtimes = twin.run(look).answers[look] or ""

    assert (container.id in from_inside, container.id in from_the_runtimes) == (False, True)


@requirement("ns.mount.supported")
def test_a_mount_in_a_mount_namespace_is_seen_there_alone(config, container):
    for granted in config["process"]["capabilities"].values():
        granted += ["CAP_SYS_ADMIN"]

    look = "read /proc/self/mountinfo"
    report = container.run(f"mount {container.id} /tmp tmpfs", look)

    seen_inside = container.id in (report.answers[look] or "")
    seen_outside = f"tmpfs {container.id}" in Path("/proc/self/mountinfo").read_text()
    assert (seen_inside, seen_outside) == (True, False)


@requirement("ns.ipc.supported")
def test_a_message_queue_is_not_found_from_another_ipc_namespace(container, another, message_queue, same_kernel):
    twin = another()
    is_without(twin.config, "ipc")
    look = f"msgget {message_queue}"

    from_inside = container.run(look).attempts
    from_the_runtimes = twin.run(look).attempts

    assert (from_inside, from_the_runtimes) == ({look: "ENOENT"}, {look: None})


@requirement("ns.uts.supported")
def test_a_hostname_in_a_uts_namespace_is_its_own(config, container):
    config["hostname"] = f"isle-{os.getpid()}"
    before = os.uname().nodename

    hostname = container.run().facts.hostname

    assert (hostname, os.uname().nodename) == (config["hostname"], before)
    assert before != config["hostname"]


@requirement("ns.user.supported")
def test_a_user_namespace_has_ids_of_its_own(config, container, rootfs):
    mapping = {"containerID": 0, "hostID": 100000, "size": 65536}
    config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}
    (rootfs / "letter").touch()
    os.chown(rootfs / "letter", 100007, 100008)

    report = container.run("stat /letter", "read /proc/self/uid_map")

    letter = report.answers["stat /letter"] or {}
    mapped = (report.answers["read /proc/self/uid_map"] or "").split()
    assert (letter.get("uid"), letter.get("gid"), mapped) == (7, 8, ["0", "100000", "65536"])


@requirement("ns.cgroup.supported")
def test_a_cgroup_namespace_has_a_view_of_its_own(config, container, another, same_kernel):
    twin = another()
    twin.config["linux"]["cgroupsPath"] = f"/isle-{twin.id}"
    config["linux"]["cgroupsPath"] = f"/isle-{container.id}"
    config["linux"]["namespaces"] += [{"type": "cgroup"}]

    from_inside = container.run().facts.cgroup or ["nothing"]
    from_the_runtimes = twin.run().facts.cgroup or ["nothing"]

    shown = [any("/isle-" in line for line in lines) for lines in (from_inside, from_the_runtimes)]
    assert shown == [False, True]


@requirement("ns.time.supported")
def test_a_time_namespace_has_clocks_of_its_own(config, container, same_kernel):
    config["linux"]["namespaces"] += [{"type": "time"}]
    config["linux"]["timeOffsets"] = {"boottime": {"secs": 5_000_000}}

    look = "read /proc/uptime"
    inside = float((container.run(look).answers[look] or "0").split()[0])

    ahead = inside - float(Path("/proc/uptime").read_text().split()[0])
    assert round(ahead, -2) == 5_000_000


@requirement("old.ns.types-supported")
def test_a_container_may_have_a_namespace_of_each_type(config, container, same_kernel):
    mapping = {"containerID": 0, "hostID": 0, "size": 65536}
    config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}
    names = {"pid": "pid", "network": "net", "mount": "mnt", "ipc": "ipc", "uts": "uts", "user": "user"}
    names["cgroup"] = "cgroup"
    config["linux"]["namespaces"] = [{"type": type} for type in names]

    namespaces = container.run().facts.namespaces

    of_the_runtime = {name: os.readlink(f"/proc/self/ns/{name}") for name in names.values()}
    assert {name for name in of_the_runtime if namespaces.get(name) not in (None, of_the_runtime[name])} == set(
        of_the_runtime
    )
