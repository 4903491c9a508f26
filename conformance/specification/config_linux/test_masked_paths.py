"""config-linux.md#configLinuxMaskedPaths"""

import os

import pytest

from conformance import generates_an_error, requirement

SECRET = "nobody shall read this"


@pytest.fixture
def vault(rootfs):
    """Things to be masked, in the root file system, and some beside them."""
    (rootfs / "vault").mkdir()
    (rootfs / "vault" / "letter").write_text(SECRET)
    (rootfs / "diary").write_text(SECRET)
    (rootfs / "poster").write_text("for everybody")
    return rootfs


def secrets(report):
    """The commands that brought a secret to light, or the name of one."""
    return {command for command, answer in report.answers.items() if any(s in str(answer) for s in (SECRET, "letter"))}


@pytest.mark.parametrize("readonly", [False, True], ids=["writable root", "read-only root"])
@requirement("masked.unreadable")
def test_a_masked_file_and_a_masked_directory_cannot_be_read(readonly, config, container, vault):
    config["root"]["readonly"] = readonly
    config["linux"]["maskedPaths"] = ["/diary", "/vault"]

    report = container.run("read /diary", "read /vault/letter", "list /vault", "read /poster")

    assert (secrets(report), report.answers["read /poster"]) == (set(), "for everybody")


@requirement("masked.unreadable")
def test_a_path_in_a_mount_is_masked(config, container, place):
    library = place / "library"
    library.mkdir()
    (library / "diary").write_text(SECRET)
    (library / "poster").write_text("for everybody")
    config["mounts"] += [{"destination": "/tmp", "type": "bind", "source": str(library), "options": ["bind"]}]
    config["linux"]["maskedPaths"] = ["/tmp/diary"]

    report = container.run("read /tmp/diary", "read /tmp/poster")

    assert (secrets(report), report.answers["read /tmp/poster"]) == (set(), "for everybody")


@requirement("masked.unreadable")
def test_a_path_is_masked_by_whatever_name_it_is_read(config, container, vault):
    (vault / "link").symlink_to("/vault")
    config["linux"]["maskedPaths"] = ["/vault/letter"]

    report = container.run("read /link/letter", "read /tmp/../vault/letter", "read /poster")

    assert (secrets(report), report.answers["read /poster"]) == (set(), "for everybody")


@requirement("masked.unreadable")
@pytest.mark.parametrize("target", ["/diary", "/vault"])
def test_a_path_that_is_a_link_is_masked(target, config, container, vault):
    (vault / "link").symlink_to(target)
    config["linux"]["maskedPaths"] = ["/link"]

    report = container.run("read /link", "read /link/letter", "list /link", "read /poster")

    assert (secrets(report), report.answers["read /poster"]) == (set(), "for everybody")


@requirement("masked.unreadable")
@pytest.mark.parametrize(
    "paths",
    [
        pytest.param(["/vault", "/vault", "/diary", "/diary"], id="twice"),
        pytest.param(["/vault/letter", "/vault", "/diary"], id="inside first"),
        pytest.param(["/vault", "/vault/letter", "/diary"], id="outside first"),
    ],
)
def test_paths_that_are_masked_already_are_no_obstacle(paths, config, container, vault):
    config["linux"]["maskedPaths"] = paths

    report = container.run("read /diary", "read /vault/letter", "list /vault", "read /poster")

    assert (secrets(report), report.answers["read /poster"]) == (set(), "for everybody")


@requirement("masked.unreadable")
def test_a_mount_below_a_masked_directory_cannot_be_read(config, container, vault, place):
    (vault / "vault" / "safe").mkdir()
    (place / "safe").mkdir()
    (place / "safe" / "letter").write_text(SECRET)
    config["mounts"] += [
        {"destination": "/vault/safe", "type": "bind", "source": str(place / "safe"), "options": ["bind"]}
    ]
    config["linux"]["maskedPaths"] = ["/vault"]

    report = container.run("read /vault/safe/letter", "list /vault/safe", "read /poster")

    assert (secrets(report), report.answers["read /poster"]) == (set(), "for everybody")


@requirement("masked.unreadable")
def test_a_path_is_masked_in_a_user_namespace(config, container, vault):
    mapping = {"containerID": 0, "hostID": 100000, "size": 65536}
    config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": [mapping], "gidMappings": [mapping]}
    os.chown(vault, 100000, 100000)
    config["linux"]["maskedPaths"] = ["/diary", "/vault"]

    report = container.run("read /diary", "read /vault/letter", "list /vault", "read /poster")

    assert (secrets(report), report.answers["read /poster"]) == (set(), "for everybody")


@requirement("masked.unreadable")
@pytest.mark.parametrize("target", ["note", "cage"])
def test_a_link_on_the_way_leads_to_a_path_inside(target, config, container, canary, rootfs):
    """On the host, too, there is something under the name that it has."""
    inside = rootfs / str(canary.path).lstrip("/")
    (inside / "cage").mkdir(parents=True)
    for name in ("note", "cage/letter"):
        (inside / name).write_text(SECRET)
    (inside / "poster").write_text("for everybody")
    (rootfs / "link").symlink_to(canary.path)
    config["linux"]["maskedPaths"] = [f"/link/{target}"]
    file = {"note": "note", "cage": "cage/letter"}[target]

    poster = f"read {canary.path}/poster"
    report = container.run(f"read /link/{file}", f"read {canary.path}/{file}", poster)

    assert (secrets(report), report.answers[poster], canary.harmed) == (set(), "for everybody", [])


@requirement("masked.no-write-through")
def test_what_is_written_to_a_masked_path_does_not_arrive(config, container, shelf):
    """Seen from the host, to which a bind mount is a way in any case."""
    for name in ("diary", "poster", "vault/letter"):
        (shelf / name).parent.mkdir(exist_ok=True)
        (shelf / name).write_text(SECRET)
    config["mounts"] += [{"destination": "/tmp", "type": "bind", "source": str(shelf), "options": ["bind", "rw"]}]
    config["linux"]["maskedPaths"] = ["/tmp/diary", "/tmp/vault"]

    container.run("write /tmp/diary lies", "create /tmp/vault/lies", "write /tmp/poster NO")

    found = {name: (shelf / name).read_text() for name in ("diary", "poster")}
    assert found == {"diary": SECRET, "poster": "NO" + SECRET[2:]}
    assert [path.name for path in (shelf / "vault").iterdir()] == ["letter"]


@requirement("masked.absolute")
def test_a_relative_path_is_an_error(config, container, another, vault):
    config["linux"]["maskedPaths"] = ["/diary"]
    another().create()
    config["linux"]["maskedPaths"] = ["diary"]

    with generates_an_error():
        container.create()


@requirement("masked.nonexistent")
def test_a_path_that_does_not_exist_is_no_obstacle(config, container, vault):
    config["linux"]["maskedPaths"] = ["/nowhere/letter", "/nothing", "/diary"]

    report = container.run("read /nowhere/letter", "read /nothing", "read /diary", "read /poster")

    assert (secrets(report), report.answers["read /poster"]) == (set(), "for everybody")
