"""config-linux.md#configLinuxUserNamespaceMappings"""

import os
from pathlib import Path

import pytest

from conformance import generates_an_error, or_an_error, requirement

#: What a kernel shows where an ID has none inside.
OVERFLOW = 65534
USERS = [(0, 100000, 1000), (1000, 300000, 5), (2000, 200007, 50)]
GROUPS = [(0, 400000, 800), (900, 500000, 7), (3000, 450000, 60)]
#: So many ranges Linux takes, since 4.15.
MOST = 340


def mappings(ranges):
    return [{"containerID": inside, "hostID": outside, "size": size} for inside, outside, size in ranges]


def maps(config, users, groups):
    """Give the container a user namespace with these ranges: (first inside, first outside, how many)."""
    if {"type": "user"} not in config["linux"]["namespaces"]:
        config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": mappings(users), "gidMappings": mappings(groups)}


def ranges(text):
    """What a uid_map or a gid_map says, in order."""
    return sorted(tuple(int(number) for number in line.split()) for line in (text or "").splitlines())


def both_maps(container):
    """Of users and of groups, as the program sees them."""
    looks = "read /proc/self/uid_map", "read /proc/self/gid_map"
    answers = container.run(*looks).answers
    return [ranges(answers[look]) for look in looks]


def owner(report, path):
    found = report.answers[f"stat {path}"] or {}
    return found.get("uid"), found.get("gid")


def file_of(rootfs, name, uid, gid):
    """A file on the host with this owner and group."""
    (rootfs / name).touch()
    os.chown(rootfs / name, uid, gid)
    return f"/{name}"


# --- the two maps ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("uid_map", USERS, marks=requirement("userns.uidMappings"), id="users"),
        pytest.param("gid_map", GROUPS, marks=requirement("userns.gidMappings"), id="groups"),
    ],
)
def test_all_ranges_are_mapped_as_seen_from_inside_and_from_outside(config, container, kind, expected, same_kernel):
    maps(config, USERS, GROUPS)
    look = f"read /proc/self/{kind}"
    container.create("listen")
    container.start()

    from_inside = ranges(container.ask(look)[1])
    from_outside = ranges((container.process / kind).read_text())

    assert (from_inside, from_outside) == (sorted(expected), sorted(expected))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("uid_map", "uidMappings", marks=requirement("userns.uidMappings"), id="users"),
        pytest.param("gid_map", "gidMappings", marks=requirement("userns.gidMappings"), id="groups"),
    ],
)
def test_the_order_of_ranges_does_not_matter(config, container, kind, expected):
    maps(config, USERS[::-1], GROUPS[::-1])
    look = f"read /proc/self/{kind}"

    seen = ranges(container.run(look).answers[look])

    assert seen == sorted(tuple(mapping.values()) for mapping in config["linux"][expected])


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(0, marks=requirement("userns.uidMappings"), id="users"),
        pytest.param(1, marks=requirement("userns.gidMappings"), id="groups"),
    ],
)
def test_the_program_has_the_mapped_ids_outside(config, container, kind, same_kernel):
    maps(config, USERS, GROUPS)
    config["process"]["user"] = {"uid": 1002, "gid": 903}
    container.create("listen")
    container.start()
    container.heard("ready")

    status = (container.process / "status").read_text().splitlines()

    outside = [[int(id) for id in line.split()[1:]] for line in status if line.startswith(("Uid:", "Gid:"))]
    assert outside[kind] == [[300002] * 4, [500003] * 4][kind]


@requirement("userns.containerID.first")
def test_a_range_begins_inside_at_its_first_id(config, container, rootfs):
    maps(config, USERS, GROUPS)
    files = {
        file_of(rootfs, "first", 300000, 500000): (1000, 900),
        file_of(rootfs, "second", 300001, 500001): (1001, 901),
        file_of(rootfs, "of-another-range", 200007, 450000): (2000, 3000),
    }

    report = container.run(*(f"stat {path}" for path in files))

    assert {path: owner(report, path) for path in files} == files


@requirement("userns.hostID.first")
def test_a_range_begins_outside_at_its_first_id(config, container, rootfs, place, same_kernel):
    maps(config, USERS, GROUPS)
    directory = place / "shelf"
    directory.mkdir(mode=0o777)
    directory.chmod(0o777)
    config["mounts"] += [{"destination": "/tmp", "type": "bind", "source": str(directory), "options": ["bind"]}]
    config["process"]["user"] = {"uid": 2003, "gid": 3004}

    attempts = container.run("create /tmp/letter").attempts

    assert attempts == {"create /tmp/letter": None}
    found = (directory / "letter").stat()
    assert (found.st_uid, found.st_gid) == (200010, 450004)


@requirement("userns.size.count")
def test_a_range_ends_where_it_is_told_to(config, container, rootfs):
    maps(config, USERS, GROUPS)
    files = {
        file_of(rootfs, "last", 300004, 500006): (1004, 906),
        file_of(rootfs, "one-too-far", 300005, 500007): (OVERFLOW, OVERFLOW),
        file_of(rootfs, "one-too-early", 299999, 499999): (OVERFLOW, OVERFLOW),
    }

    report = container.run(*(f"stat {path}" for path in files))

    assert {path: owner(report, path) for path in files} == files


@requirement("userns.size.count")
def test_a_program_cannot_become_who_is_not_mapped(config, container):
    maps(config, USERS, GROUPS)
    for granted in config["process"]["capabilities"].values():
        granted += ["CAP_SETUID", "CAP_SETGID"]

    attempts = container.run("setgid 907", "setgid 906", "setuid 1005", "setuid 1004").attempts

    assert attempts == {"setgid 907": "EINVAL", "setgid 906": None, "setuid 1005": "EINVAL", "setuid 1004": None}


# --- what cannot be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["uidMappings", "gidMappings"])
@pytest.mark.parametrize(
    "member",
    [pytest.param(name, marks=requirement(f"userns.{name}"), id=name) for name in ("containerID", "hostID", "size")],
)
def test_a_range_without_a_member_is_an_error(config, container, another, kind, member):
    """With 0 in its place it would be sound, but for the size."""
    maps(config, [(1, 100001, 999), (0, 100000, 1)], [(1, 100001, 999), (0, 100000, 1)])
    if member == "hostID":
        maps(config, [(1, 100001, 999), (0, 0, 1)], [(1, 100001, 999), (0, 0, 1)])
    another().create()
    del config["linux"][kind][1][member]

    with generates_an_error():
        container.create()


@pytest.mark.parametrize("kind", ["uidMappings", "gidMappings"])
@requirement("userns.size.zero")
def test_a_range_of_no_ids_is_an_error(config, container, another, kind):
    maps(config, USERS, GROUPS)
    another().create()
    config["linux"][kind][1]["size"] = 0

    with generates_an_error():
        container.create()


@pytest.mark.parametrize("kind", ["uidMappings", "gidMappings"])
@pytest.mark.parametrize(
    "second", [pytest.param((999, 300000, 5), id="inside"), pytest.param((1000, 100999, 5), id="outside")]
)
@requirement("userns.overlap")
def test_ranges_that_overlap_are_an_error(config, container, another, kind, second):
    maps(config, [(0, 100000, 1000), (1000, 300000, 5)], [(0, 100000, 1000), (1000, 300000, 5)])
    another().create()
    config["linux"][kind] = mappings([(0, 100000, 1000), second])

    with generates_an_error():
        container.create()


@pytest.mark.parametrize("kinds", [["uidMappings"], ["gidMappings"], ["uidMappings", "gidMappings"]], ids="+".join)
@requirement("userns.without-ns")
def test_mappings_without_a_user_namespace_are_an_error(config, container, another, kinds):
    maps(config, USERS, GROUPS)
    another().create()
    config["linux"]["namespaces"].remove({"type": "user"})
    for kind in {"uidMappings", "gidMappings"} - set(kinds):
        del config["linux"][kind]

    with generates_an_error():
        container.create()


@pytest.mark.parametrize("kind", ["uidMappings", "gidMappings"])
@requirement("userns.joined")
def test_other_mappings_than_those_of_a_namespace_that_is_joined_are_an_error(
    config, container, another, namespace_of, kind
):
    held = namespace_of("user", ids="0 100000 1000")
    config["linux"]["namespaces"] += [{"type": "user", "path": held.path}]
    another().create()
    config["linux"] |= dict.fromkeys(("uidMappings", "gidMappings"), mappings([(0, 100000, 1000)]))
    config["linux"][kind] = mappings([(0, 300000, 1000)])

    with generates_an_error():
        container.create()


@requirement("userns.joined")
def test_a_namespace_that_is_joined_keeps_its_mappings(config, container, namespace_of):
    """The config tells them once more: that changes nothing, if it is not an error."""
    held = namespace_of("user", ids="0 100000 1000")
    config["linux"]["namespaces"] += [{"type": "user", "path": held.path}]
    config["linux"] |= dict.fromkeys(("uidMappings", "gidMappings"), mappings([(0, 100000, 1000)]))

    seen = or_an_error(lambda: both_maps(container))

    assert seen in ([[(0, 100000, 1000)]] * 2, "an error")


# --- how much, and how -----------------------------------------------------------------------------------------------


def single(count):
    """So many ranges of one ID, none of which continues another; written down they fill less than 4096 bytes."""
    return [(number, 1000 + 2 * number, 1) for number in range(count)]


@requirement("userns.uidMappings")
def test_as_many_ranges_as_the_kernel_takes_are_mapped(config, container):
    maps(config, single(MOST), single(MOST))

    assert both_maps(container) == [single(MOST)] * 2


@requirement("userns.kernel-limit")
def test_more_ranges_than_the_kernel_takes_are_all_mapped_or_an_error(config, container):
    """By another kernel than this one."""
    maps(config, single(MOST + 1), single(MOST + 1))

    seen = or_an_error(lambda: both_maps(container))

    assert seen in ([single(MOST + 1)] * 2, "an error")


@requirement("userns.no-chown")
def test_files_keep_their_owners(config, container, rootfs, place, same_kernel):
    maps(config, USERS, GROUPS)
    (place / "shelf" / "upper").mkdir(parents=True)
    (place / "shelf" / "upper" / "book").touch()
    file_of(rootfs, "letter", 1234, 5678)
    config["mounts"] += [
        {"destination": "/tmp", "type": "bind", "source": str(place / "shelf"), "options": ["bind"]},
    ]
    before = owners(rootfs) | owners(place / "shelf")

    container.create()
    container.start()
    while_it_runs = owners(rootfs) | owners(place / "shelf")

    assert {path: ids for path, ids in while_it_runs.items() if before.get(path, ids) != ids} == {}


def owners(top: Path):
    paths = [top, *(Path(folder, name) for folder, below, files in os.walk(top) for name in (*below, *files))]
    return {str(path): (path.lstat().st_uid, path.lstat().st_gid) for path in paths}
