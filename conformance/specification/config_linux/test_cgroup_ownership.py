"""config-linux.md#cgroup-ownership"""

import pytest

from conformance import requirement
from conformance.harness import delegation

MOUNT = {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec"]}
#: What every cgroup has, and a host's list names.
USUAL = ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads")
USER, FIRST = 1000, 100_000


@pytest.fixture
def asks(config, cgroup):
    """All that the text has for a condition: the program's user gets the cgroup, whoever that is on the host."""
    config["process"]["user"] = {"uid": USER, "gid": USER}
    config["mounts"].append(dict(MOUNT))
    config["linux"]["namespaces"] += [{"type": "cgroup"}]


@pytest.fixture
def mapped(config):
    """And that is another number on the host."""
    mapping = {"containerID": 0, "hostID": FIRST, "size": 65536}
    config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}


def changed(cgroup, hierarchy):
    """The files, `.` being the directory, that do not belong to the runtime's user any more → whose they are."""
    return {name: owner for name, owner in cgroup.owners(hierarchy).items() if owner != 0}


# --- whose it becomes ------------------------------------------------------------------------------------------------


@requirement("cg.own.iff-rw")
def test_the_cgroup_belongs_to_the_programs_user(asks, container, cgroup, version_2):
    container.create()

    assert changed(cgroup, version_2).get(".") == USER


@requirement("cg.own.iff-rw")
def test_the_cgroup_belongs_to_whom_the_programs_user_is_on_the_host(asks, mapped, container, cgroup, version_2):
    container.create()

    assert changed(cgroup, version_2).get(".") == FIRST + USER


@requirement("cg.own.iff-rw")
def test_the_program_can_fill_its_cgroup(asks, mapped, container, version_2):
    cgroup = MOUNT["destination"]

    attempts = container.run(f"mkdir {cgroup}/shelf", "mkdir /sys/fs/shelf").attempts

    assert attempts[f"mkdir {cgroup}/shelf"] is None
    assert attempts["mkdir /sys/fs/shelf"] is not None


@requirement("cg.own.owner")
@pytest.mark.parametrize("user", [0, USER])
def test_nobody_else_gets_the_cgroup(user, asks, mapped, config, container, cgroup, version_2):
    config["process"]["user"]["uid"] = user

    container.create()

    assert set(changed(cgroup, version_2).values()) <= {FIRST + user}


# --- when it does not change hands -----------------------------------------------------------------------------------


@requirement("cg.own.v1")
def test_where_version_1_is_in_use_the_cgroups_do_not_change_hands(asks, container, cgroup, version_1):
    container.create()

    assert {str(each.mountpoint): changed(cgroup, each) for each in version_1 if changed(cgroup, each)} == {}


@requirement("cg.own.no-cgroupns")
def test_without_a_cgroup_namespace_it_does_not_change_hands(asks, mapped, config, container, cgroup, version_2):
    config["linux"]["namespaces"] = [each for each in config["linux"]["namespaces"] if each["type"] != "cgroup"]

    container.create()

    assert changed(cgroup, version_2) == {}


@requirement("cg.own.no-cgroupns")
def test_in_a_joined_cgroup_namespace_it_does_not_change_hands(
    asks, config, container, cgroup, version_2, namespace_of
):
    others = [each for each in config["linux"]["namespaces"] if each["type"] != "cgroup"]
    config["linux"]["namespaces"] = [*others, {"type": "cgroup", "path": namespace_of("cgroup").path}]

    container.create()

    assert changed(cgroup, version_2) == {}


@pytest.mark.parametrize(
    "difference",
    [
        pytest.param({"source": "cgroup2"}, marks=requirement("cg.own.cond.source"), id="source"),
        pytest.param({"destination": "/mnt"}, marks=requirement("cg.own.cond.destination"), id="destination"),
        pytest.param({"options": ["nosuid", "ro"]}, marks=requirement("cg.own.cond.ro"), id="ro"),
    ],
)
def test_with_another_mount_it_does_not_change_hands(
    difference, asks, mapped, config, container, cgroup, version_2, rootfs
):
    (rootfs / "mnt").mkdir(exist_ok=True)
    config["mounts"][-1] |= difference

    container.create()

    assert changed(cgroup, version_2) == {}


@requirement("cg.own.no-mount")
def test_without_a_mount_it_does_not_change_hands(asks, mapped, config, container, cgroup, version_2):
    config["mounts"].pop()

    container.create()

    assert changed(cgroup, version_2) == {}


# --- what changes hands with it --------------------------------------------------------------------------------------
# Where another list is in place of the kernel's there is no user namespace: none may mount what would reveal it.


@requirement("cg.own.only-delegate")
def test_files_go_with_the_cgroup_as_the_kernel_lists_them(asks, container, cgroup, version_2, delegate_list):
    """Whatever it lists, and however little of what is usual."""
    delegate_list(["cgroup.procs", "cgroup.max.depth"])

    container.create()

    assert set(changed(cgroup, version_2)) in (set(), {".", "cgroup.procs", "cgroup.max.depth"})


@requirement("cg.own.nothing-else")
def test_no_other_file_goes_with_the_cgroup(asks, mapped, container, cgroup, version_2):
    container.create()

    assert sorted(changed(cgroup, version_2).keys() - {".", *delegation.listed()}) == []


@requirement("cg.own.nothing-else")
def test_the_program_cannot_lift_its_limits(asks, mapped, config, container, version_2):
    """Nor is it let in to try: a kernel may have another reason to refuse what is written, the option nsdelegate."""
    config["linux"]["resources"] = {"pids": {"limit": 77}}
    file = f"{MOUNT['destination']}/pids.max"

    report = container.run(f"access {file} 4", f"access {file} 2", f"write {file} max", f"read {file}")

    assert [report.answers[f"access {file} {way}"] for way in (4, 2)] == [True, False]
    assert report.attempts[f"write {file} max"] is not None
    assert report.answers[f"read {file}"].strip() == "77"


@requirement("cg.own.missing-files")
def test_a_listed_file_that_is_not_there_is_no_error(asks, container, version_2, delegate_list):
    delegate_list(["cgroup.shelf", *USUAL])

    container.create()

    assert container.status == "created"


@requirement("cg.own.existing-files")
def test_the_listed_files_that_are_there_go_with_the_cgroup(asks, container, cgroup, version_2, delegate_list):
    delegate_list(["cgroup.shelf", *USUAL])

    container.create()

    assert set(changed(cgroup, version_2)) in (set(), {".", *USUAL})


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=requirement(f"cg.own.fallback.{name.removeprefix('cgroup.')}"), id=name)
        for name in USUAL
    ],
)
def test_without_a_list_a_usual_file_goes_with_the_cgroup(name, asks, container, cgroup, version_2, delegate_list):
    delegate_list(None)

    container.create()

    assert len({owner for file, owner in cgroup.owners(version_2).items() if file in (".", name)}) == 1
