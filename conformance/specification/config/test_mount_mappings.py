"""config.md#configPOSIXMounts: uidMappings and gidMappings"""

import os
from pathlib import Path
from typing import Any

import pytest

from conformance import generates_an_error, or_an_error, requirement

#: Two extents for each kind, and none that both have: 5 ↔ 1005 and 20 to 29 ↔ 2020 to 2029 for users.
MAPPINGS = {
    "uid": [{"containerID": 5, "hostID": 1005, "size": 1}, {"containerID": 20, "hostID": 2020, "size": 10}],
    "gid": [{"containerID": 5, "hostID": 3005, "size": 1}, {"containerID": 20, "hostID": 4020, "size": 10}],
}
#: What 5 and 25 become by them.
SINGLE, TENTH = {"uid": 1005, "gid": 3005}, {"uid": 2025, "gid": 4025}
NOBODY = 65534
UID_AND_GID = ["uid", "gid"]


def mapped(shelf: Path) -> dict[str, Any]:
    """A mount of `shelf` on which user and group IDs are converted."""
    return {
        "destination": "/shelf",
        "source": str(shelf),
        "options": ["bind", "idmap"],
        "uidMappings": list(MAPPINGS["uid"]),
        "gidMappings": list(MAPPINGS["gid"]),
    }


@pytest.fixture
def shelf(place: Path) -> Path:
    """A directory with a book for each ID, which owns it as user and as group."""
    directory = place / "shelf"
    directory.mkdir()
    for number in (5, *SINGLE.values(), 25, *TENTH.values()):
        (directory / f"{number}").touch()
        os.chown(directory / f"{number}", number, number)
    return directory


def each(requirement_id: str) -> pytest.MarkDecorator:
    marks = [pytest.param(kind, marks=requirement(requirement_id.format(kind)), id=kind) for kind in UID_AND_GID]
    return pytest.mark.parametrize("kind", marks)


def owners(container: Any, kind: str, books: tuple[int, ...]) -> list[int | None]:
    answers = container.run(*[f"stat /shelf/{book}" for book in books]).answers
    return [(answers[f"stat /shelf/{book}"] or {}).get(kind) for book in books]


@each("mounts.{}Mappings.convert")
def test_the_ids_of_the_source_are_converted(config, container, shelf, kind):
    """The text does not say which of containerID and hostID stands for the source: both readings are accepted."""
    config["mounts"] += [mapped(shelf)]

    seen = owners(container, kind, (5, SINGLE[kind]))

    assert seen in ([SINGLE[kind], NOBODY], [NOBODY, 5])


@each("mounts.{}Mappings.convert")
def test_the_ids_are_not_left_as_they_are_where_the_option_is_missing(config, container, shelf, kind):
    """The author was advised to write it; the runtime converts all the same, or refuses."""
    config["mounts"] += [mapped(shelf) | {"options": ["bind"]}]

    seen = or_an_error(lambda: owners(container, kind, (5, SINGLE[kind])))

    assert seen in ([SINGLE[kind], NOBODY], [NOBODY, 5], "an error")


@each("mounts.{}Mappings.format")
def test_the_mappings_are_as_those_of_a_user_namespace(config, container, shelf, kind):
    """All the extents of a list, each of `size` IDs."""
    config["mounts"] += [mapped(shelf)]

    seen = owners(container, kind, (5, SINGLE[kind], 25, TENTH[kind]))

    assert seen in ([SINGLE[kind], NOBODY, TENTH[kind], NOBODY], [NOBODY, 5, NOBODY, 25])


@each("mounts.{}Mappings.mount_setattr")
def test_the_source_itself_keeps_its_owners(config, container, shelf, kind):
    config["mounts"] += [mapped(shelf), mapped(shelf) | {"destination": "/plain", "options": ["bind"]}]
    del config["mounts"][-1]["uidMappings"], config["mounts"][-1]["gidMappings"]

    answers = container.run("stat /shelf/5", "stat /plain/5").answers
    seen = [(answers[f"stat {path}"] or {}).get(kind) for path in ("/shelf/5", "/plain/5")]
    kept = getattr((shelf / "5").stat(), f"st_{kind}")

    assert (seen[0] != 5, seen[1], kept) == (True, 5, 5)


@each("mounts.{}Mappings.paired")
def test_mappings_of_one_kind_alone_are_an_error(config, container, another, shelf, kind):
    config["mounts"] += [mapped(shelf)]
    another().create()

    del config["mounts"][-1][{"uid": "gidMappings", "gid": "uidMappings"}[kind]]

    with generates_an_error():
        container.create()
