"""config.md#configLinuxMountOptions: idmap and ridmap"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import generates_an_error, or_an_error, requirement
from conformance.harness import libc

#: Two extents: 5 ↔ 1005, and 20 to 29 ↔ 2020 to 2029.
MAPPINGS = [{"containerID": 5, "hostID": 1005, "size": 1}, {"containerID": 20, "hostID": 2020, "size": 10}]
#: The same whichever of containerID and hostID stands for the source, on which the text is silent.
SWAP = [{"containerID": 5, "hostID": 1005, "size": 1}, {"containerID": 1005, "hostID": 5, "size": 1}]
USER_NAMESPACE = [{"containerID": 0, "hostID": 100000, "size": 65536}]
NOBODY = 65534
IDS = (5, 1005, 25, 2025, 100005, 101005)
BOOKS = (5, 1005, 25, 2025)
#: How they look by MAPPINGS, in both readings.
MAPPED = ([1005, NOBODY, 2025, NOBODY], [NOBODY, 5, NOBODY, 25])
PLAIN = [*BOOKS]
BIND = {"idmap": "bind", "ridmap": "rbind"}


def each_option(requirement_id: str) -> pytest.MarkDecorator:
    marks = [pytest.param(name, marks=requirement(requirement_id.format(name)), id=name) for name in BIND]
    return pytest.mark.parametrize("option", marks)


def bound(shelf: Path, option: str, mappings: list[dict[str, int]] | None = None) -> dict[str, Any]:
    """A bind mount of `shelf` with the option, by these mappings or by none of its own."""
    entry = {"destination": "/shelf", "source": str(shelf), "options": [BIND[option], option]}
    return entry | ({"uidMappings": mappings, "gidMappings": mappings} if mappings else {})


def put_books(directory: Path) -> None:
    """A book for each ID, which owns it as user and as group."""
    # Where the owner of a directory is mapped to nobody, the kernel lets no one write.
    os.chown(directory, 5, 5)
    for number in IDS:
        (directory / f"{number}").touch()
        os.chown(directory / f"{number}", number, number)


@pytest.fixture(params=["tmpfs"])
def shelf(request: pytest.FixtureRequest, place: Path) -> Iterator[Path]:
    """A file system with books."""
    directory = place / "shelf"
    directory.mkdir()
    libc.mount("shelf", str(directory), request.param)
    put_books(directory)
    yield directory
    libc.umount(str(directory))


@pytest.fixture
def box(shelf: Path) -> Iterator[Path]:
    """A further file system with books, below the other one."""
    directory = shelf / "box"
    directory.mkdir()
    libc.mount("box", str(directory), "tmpfs")
    put_books(directory)
    yield directory
    libc.umount(str(directory))


def owners(container: Any, directory: str, books: tuple[int, ...] = BOOKS) -> list[int | str | None]:
    """Of each book as the container sees it, the owner if user and group are the same."""
    return owners_in(container.run(*looks(directory, books)).answers, directory, books)


def looks(directory: str, books: tuple[int, ...] = BOOKS) -> list[str]:
    return [f"stat {directory}/{book}" for book in books]


def owners_in(answers: dict[str, Any], directory: str, books: tuple[int, ...] = BOOKS) -> list[int | str | None]:
    found = [answers.get(look) or {} for look in looks(directory, books)]
    return [book.get("uid") if book.get("uid") == book.get("gid") else "at odds" for book in found]


def give_user_namespace(config: dict[str, Any], rootfs: Path) -> None:
    """Its root owns nothing in the root file system, so that the mount point has to be there."""
    (rootfs / "shelf").mkdir()
    config["linux"]["namespaces"] += [{"type": "user"}]
    config["linux"] |= {"uidMappings": USER_NAMESPACE, "gidMappings": USER_NAMESPACE}


@each_option("mntopt.{}")
def test_the_owners_on_the_mount_are_mapped_and_below_it_by_ridmap_alone(config, container, shelf, box, option):
    config["mounts"] += [bound(shelf, option, MAPPINGS) | {"options": ["rbind", option]}]

    answers = container.run(*looks("/shelf"), *looks("/shelf/box")).answers
    seen = [owners_in(answers, "/shelf"), owners_in(answers, "/shelf/box")]

    assert seen in [[reading, {"idmap": PLAIN, "ridmap": reading}[option]] for reading in MAPPED]


@each_option("mntopt.{}")
def test_a_new_file_system_is_mapped_like_a_bound_one(config, container, option):
    """Its top belongs to 5, and nothing in the text is about bind mounts only."""
    entry = {"destination": "/shelf", "type": "tmpfs", "source": "shelf", "options": ["uid=5", "gid=5"]}
    config["mounts"] += [entry | {"destination": "/plain"}]
    config["mounts"] += [
        entry | {"options": ["uid=5", "gid=5", "nosuid", option], "uidMappings": SWAP, "gidMappings": SWAP}
    ]

    report = container.run("stat /plain", "stat /shelf", "list /shelf")

    found = [report.answers[f"stat /{name}"] or {} for name in ("plain", "shelf")]
    mount = report.facts.mount_at("/shelf")
    assert [(top.get("uid"), top.get("gid")) for top in found] == [(5, 5), (1005, 1005)]
    assert mount is not None
    assert (mount.type, "nosuid" in mount.options) == ("tmpfs", True)


@each_option("mntopt.{}.must-map")
@pytest.mark.parametrize("shelf", ["ramfs"], indirect=True)
def test_what_cannot_be_mapped_is_not_mounted_as_it_is(config, container, another, shelf, option):
    """Ramfs does not take part, up to now; should it ever, the owners are mapped."""
    twin = another()
    twin.config["mounts"] += [{"destination": "/shelf", "source": str(shelf), "options": ["bind"]}]
    config["mounts"] += [bound(shelf, option, MAPPINGS)]

    as_they_are = owners(twin, "/shelf")
    seen = or_an_error(lambda: owners(container, "/shelf"))

    assert (as_they_are, seen) in [(PLAIN, fine) for fine in (*MAPPED, "an error")]


@each_option("mntopt.{}.own-mappings")
def test_the_mounts_own_mappings_go_before_those_of_the_user_namespace(config, container, rootfs, shelf, option):
    """What the container's own mappings make of them: the first two to be seen as 5 and as nobody.

    The text does not say which side stands for the source, nor from where the other side is looked at: a host's ID is
    seen as what it is in the container, a container's ID as itself.
    """
    own = [{"containerID": 25, "hostID": 107777, "size": 1}, {"containerID": 5, "hostID": 101005, "size": 1}]
    give_user_namespace(config, rootfs)
    config["mounts"] += [bound(shelf, option, own)]

    seen = owners(container, "/shelf", (5, 101005, 1005))

    assert seen in ([1005, NOBODY, NOBODY], [NOBODY, 5, NOBODY])


@each_option("mntopt.{}.inherit-userns")
def test_without_mappings_those_of_the_user_namespace_are_used_or_none_at_all(config, container, rootfs, shelf, option):
    """An error is fine as well; the mount as it is would show the first book as nobody's and the second as 5's."""
    give_user_namespace(config, rootfs)
    config["mounts"] += [bound(shelf, option)]

    seen = or_an_error(lambda: owners(container, "/shelf", (5, 100005)))

    assert seen in ([5, NOBODY], "an error")


@each_option("mntopt.{}.inherit-userns")
def test_without_mappings_those_of_a_user_namespace_to_join_are_used_or_none_at_all(
    config, container, rootfs, shelf, namespace_of, option
):
    (rootfs / "shelf").mkdir()
    joined = namespace_of("user", ids="0 100000 65536")
    config["linux"]["namespaces"] += [{"type": "user", "path": joined.path}]
    config["mounts"] += [bound(shelf, option)]

    seen = or_an_error(lambda: owners(container, "/shelf", (5, 100005)))

    assert seen in ([5, NOBODY], "an error")


@each_option("mntopt.{}.no-userns-error")
def test_without_mappings_and_without_a_user_namespace_it_is_an_error(config, container, another, shelf, option):
    config["mounts"] += [bound(shelf, option, MAPPINGS)]
    another().create()

    config["mounts"][-1] = bound(shelf, option)

    with generates_an_error():
        container.create()


@each_option("mntopt.{}.mount_setattr")
def test_files_keep_their_owners_and_new_ones_get_the_owner_of_the_other_side(config, container, shelf, box, option):
    """What is asked of the kernel is a look at the files: all others see them as before."""
    config["process"]["user"] = {"uid": 1005, "gid": 1005}
    config["mounts"] += [bound(shelf, option, SWAP)]
    config["mounts"] += [{"destination": "/plain", "source": str(shelf), "options": ["bind"]}]
    new = {"idmap": "new", "ridmap": "box/new"}[option]

    report = container.run("stat /shelf/5", "stat /plain/5", f"create /shelf/{new}", f"stat /shelf/{new}")

    seen = [
        (report.answers[look] or {}).get("uid") for look in ("stat /shelf/5", "stat /plain/5", f"stat /shelf/{new}")
    ]
    stored = [(shelf / name).stat().st_uid if (shelf / name).exists() else None for name in ("5", "box/5", new)]
    assert (seen, stored) == ([1005, 5, 1005], [5, 5, 5])
