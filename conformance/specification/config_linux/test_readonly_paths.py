"""config-linux.md#configLinuxReadonlyPaths"""

import os

import pytest

from conformance import generates_an_error, requirement


@pytest.fixture
def shelf(rootfs):
    """Something to be made read-only, in the root file system."""
    (rootfs / "shelf" / "upper").mkdir(parents=True)
    (rootfs / "shelf" / "book").write_text("a classic")
    (rootfs / "note").write_text("a reminder")
    return rootfs


@requirement("readonly.set")
def test_a_readonly_file_and_directory_are_read_and_not_written(config, container, shelf):
    config["linux"]["readonlyPaths"] = ["/shelf", "/note"]

    report = container.run(
        "write /shelf/book",
        "create /shelf/upper/book",
        "unlink /shelf/book",
        "write /note",
        "write /table",
        "read /shelf/book",
        "read /note",
    )

    assert report.attempts == {
        "write /shelf/book": "EROFS",
        "create /shelf/upper/book": "EROFS",
        "unlink /shelf/book": "EROFS",
        "write /note": "EROFS",
        "write /table": None,
        "read /shelf/book": None,
        "read /note": None,
    }
    assert (report.answers["read /shelf/book"], report.answers["read /note"]) == ("a classic", "a reminder")


@pytest.mark.parametrize(
    "path",
    [pytest.param("/tmp/shelf", id="a path in the mount"), pytest.param("/tmp", id="its mount point")],
)
@requirement("readonly.set")
def test_a_path_in_a_mount_is_readonly(path, config, container, place):
    (place / "library" / "shelf").mkdir(parents=True)
    mount = {"type": "bind", "source": str(place / "library"), "options": ["bind", "rw"]}
    config["mounts"] += [mount | {"destination": "/tmp"}, mount | {"destination": "/run"}]
    config["linux"]["readonlyPaths"] = [path]

    attempts = container.run("create /tmp/shelf/book", "create /run/shelf/book").attempts

    assert attempts == {"create /tmp/shelf/book": "EROFS", "create /run/shelf/book": None}


@requirement("readonly.set")
def test_a_path_that_is_a_link_is_readonly(config, container, shelf):
    (shelf / "link").symlink_to("/shelf")
    config["linux"]["readonlyPaths"] = ["/link"]

    attempts = container.run("create /link/paper", "create /link/upper/paper", "write /table").attempts

    assert attempts == {"create /link/paper": "EROFS", "create /link/upper/paper": "EROFS", "write /table": None}


@requirement("readonly.set")
@pytest.mark.parametrize(
    "paths",
    [
        pytest.param(["/shelf", "/shelf"], id="twice"),
        pytest.param(["/shelf/upper", "/shelf"], id="inside first"),
        pytest.param(["/shelf", "/shelf/upper"], id="outside first"),
    ],
)
def test_paths_that_are_readonly_already_are_no_obstacle(paths, config, container, shelf):
    config["linux"]["readonlyPaths"] = paths

    attempts = container.run("create /shelf/paper", "create /shelf/upper/paper", "write /table").attempts

    assert attempts == {"create /shelf/paper": "EROFS", "create /shelf/upper/paper": "EROFS", "write /table": None}


@requirement("readonly.set")
def test_the_whole_root_may_be_a_readonly_path(config, container, another, shelf):
    twin = another()
    twin.config["linux"]["readonlyPaths"] = ["/shelf"]
    config["linux"]["readonlyPaths"] = ["/"]

    attempts = [each.run("write /table", "create /shelf/paper").attempts for each in (twin, container)]

    assert attempts == [
        {"write /table": None, "create /shelf/paper": "EROFS"},
        {"write /table": "EROFS", "create /shelf/paper": "EROFS"},
    ]


@requirement("readonly.set")
def test_a_path_is_readonly_in_a_user_namespace(config, container, shelf):
    mapping = {"containerID": 0, "hostID": 100000, "size": 65536}
    config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}
    for path in (shelf, shelf / "shelf", shelf / "shelf/upper", shelf / "tmp"):
        os.chown(path, 100000, 100000)
    config["linux"]["readonlyPaths"] = ["/shelf"]

    attempts = container.run("create /shelf/paper", "create /shelf/upper/paper", "create /tmp/paper").attempts

    assert attempts == {
        "create /shelf/paper": "EROFS",
        "create /shelf/upper/paper": "EROFS",
        "create /tmp/paper": None,
    }


@requirement("readonly.set")
def test_a_link_on_the_way_leads_to_a_path_inside(config, container, canary, rootfs):
    """On the host, too, there is something under the name that it has."""
    inside = rootfs / str(canary.path).lstrip("/")
    (inside / "cage").mkdir(parents=True)
    (rootfs / "link").symlink_to(canary.path)
    config["linux"]["readonlyPaths"] = ["/link/cage"]

    attempts = container.run(f"create {canary.path}/cage/egg", f"create {canary.path}/egg").attempts

    assert attempts == {f"create {canary.path}/cage/egg": "EROFS", f"create {canary.path}/egg": None}
    assert canary.harmed == []


@requirement("readonly.absolute")
def test_a_relative_path_is_an_error(config, container, another, shelf):
    config["linux"]["readonlyPaths"] = ["/shelf"]
    another().create()
    config["linux"]["readonlyPaths"] = ["shelf"]

    with generates_an_error():
        container.create()


@requirement("readonly.nonexistent")
def test_a_path_that_does_not_exist_is_no_obstacle(config, container, shelf):
    config["linux"]["readonlyPaths"] = ["/nowhere/book", "/nothing", "/shelf"]

    attempts = container.run("write /shelf/book", "write /table").attempts

    assert attempts == {"write /shelf/book": "EROFS", "write /table": None}
