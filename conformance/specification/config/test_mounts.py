"""config.md#configMounts and config.md#configPOSIXMounts"""

from contextlib import suppress
from pathlib import Path

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import faults
from conformance.harness.faults import OperationFailed

#: Names that mean something elsewhere: to a shell, in mountinfo, in a list of options.
ODD = ["a blank", "a,comma", "ünïcödé", 'a"quote', "a\\slash", "a\nline", "$HOME", "%41", "~", "#", "--", "a=b", "a:b"]


def bind(source: object, destination: str, *options: str, **members: object) -> dict[str, object]:
    return {"destination": destination, "source": str(source), "options": ["bind", *options], **members}


def many_mounts(directory: str, letter: Path) -> list[dict[str, object]]:
    """Mount points that are all missing: directories and files."""
    directories: list[dict[str, object]] = [
        {"destination": f"{directory}/{n}", "type": "tmpfs", "source": "tmpfs"} for n in range(20)
    ]
    return [*directories, *(bind(letter, f"{directory}/letter{n}") for n in range(20))]


def library_in(parent: Path, content: str) -> Path:
    """A directory with one book in it."""
    (parent / "library").mkdir(parents=True)
    (parent / "library" / "book").write_text(content)
    return parent / "library"


@requirement("mounts.additional")
def test_a_mount_is_added_to_the_root_and_stays_inside(config, container, rootfs):
    (rootfs / "shelf").mkdir()
    (rootfs / "shelf" / "book").write_text("of the root")
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "tmpfs"}]

    seen = container.run("list /shelf", "write /shelf/note")

    assert seen.answers["list /shelf"] == []
    assert seen.attempts["write /shelf/note"] is None
    assert [entry.name for entry in (rootfs / "shelf").iterdir()] == ["book"]


@requirement("mounts.optional")
def test_mounts_may_be_missing(config, container):
    # Paths below mounts that are not there.
    del config["mounts"], config["linux"]["maskedPaths"], config["linux"]["readonlyPaths"]

    assert container.run("write /book").attempts == {"write /book": None}


@requirement("mounts.order")
@pytest.mark.parametrize("order", [("outer", "inner"), ("inner", "outer")], ids=["down", "up"])
def test_mounts_are_made_in_the_listed_order(config, container, place, rootfs, order):
    """The outer one hides the inner one, if it comes later."""
    (rootfs / "shelf" / "box").mkdir(parents=True)
    for name, book in (("outer", "outer/box/book"), ("inner", "inner/book")):
        (place / book).parent.mkdir(parents=True)
        (place / book).write_text(name)
    mounts = {"outer": bind(place / "outer", "/shelf"), "inner": bind(place / "inner", "/shelf/box")}
    config["mounts"] += [mounts[name] for name in order]

    assert container.run("read /shelf/box/book").answers == {"read /shelf/box/book": order[-1]}


@requirement("mounts.order")
def test_of_two_mounts_at_one_place_the_later_is_seen(config, container, place):
    config["mounts"] += [bind(library_in(place / name, name), "/library") for name in ("zebra", "mole", "ant")]

    assert container.run("read /library/book").answers == {"read /library/book": "ant"}


@requirement("mounts.order")
def test_a_mount_point_is_made_in_the_mount_that_came_before(config, container, place):
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "tmpfs"}]
    config["mounts"] += [bind(library_in(place, "inner"), "/shelf/box")]

    seen = container.run("list /shelf", "read /shelf/box/book").answers

    assert seen == {"list /shelf": ["box"], "read /shelf/box/book": "inner"}


@requirement("mounts.destination.required")
def test_a_mount_without_destination_is_an_error(config, container, another):
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "tmpfs"}]
    another().create()

    del config["mounts"][-1]["destination"]

    with generates_an_error():
        container.create()


@requirement("mounts.destination.inside")
def test_a_link_on_the_way_to_a_destination_leads_to_a_place_inside(config, container, place, rootfs):
    outside = place / "outside"
    outside.mkdir()
    (rootfs / str(outside).lstrip("/")).mkdir(parents=True)
    (rootfs / "link").symlink_to(outside)
    config["mounts"] += [bind(library_in(place, "inside"), "/link")]

    assert container.run(f"read {outside}/book").answers == {f"read {outside}/book": "inside"}


@requirement("mounts.destination.inside")
@pytest.mark.parametrize("target", ["/", "../../../../../../../.."], ids=["absolute", "relative"])
def test_no_link_on_the_way_to_a_destination_leads_out(config, container, canary, place, rootfs, target):
    """A missing destination is made: below the container's root, whatever the links say."""
    (rootfs / "link").symlink_to(target)
    config["mounts"] += [bind(library_in(place, "inside"), f"/link{place}/outside/made")]

    seen = container.run(f"read {place}/outside/made/book").answers

    assert seen == {f"read {place}/outside/made/book": "inside"}
    assert canary.harmed == []


@requirement("mounts.destination.inside")
def test_dots_in_a_destination_do_not_lead_out(config, container, canary, place):
    config["mounts"] += [bind(library_in(place, "inside"), f"/../../../../../../..{place}/outside/made")]

    seen = container.run(f"read {place}/outside/made/book").answers

    assert seen == {f"read {place}/outside/made/book": "inside"}
    assert canary.harmed == []


@requirement("mounts.destination.inside")
@pytest.mark.parametrize("link", ["root", "cwd"])
def test_no_link_of_a_process_leads_out(config, container, canary, rootfs, monkeypatch, link):
    """Such a link is no path, but a jump to what the runtime has; to refuse it is as good as to stay inside."""
    monkeypatch.chdir(canary.path)
    (rootfs / "link").symlink_to(f"/proc/self/{link}")
    beyond = {"root": f"/link{canary.path}/made", "cwd": "/link/made"}[link]
    config["mounts"] += [{"destination": beyond, "type": "tmpfs", "source": "tmpfs"}]

    with suppress(OperationFailed):
        container.create()

    assert canary.harmed == []


@requirement("mounts.destination.inside.moving")
def test_no_link_that_takes_a_directorys_place_leads_out(config, container, another, canary, place, restless):
    """Between the look at a path and its use: create may fail of it, and nothing happens outside."""
    (place / "letter").write_text("dear reader")
    twin = another()
    twin.config["mounts"] += many_mounts("/calm", place / "letter")
    twin.create()
    config["mounts"] += many_mounts(restless(), place / "letter")

    with suppress(OperationFailed):
        container.create()

    assert canary.harmed == []


@requirement("mounts.destination.relative")
@pytest.mark.parametrize("destination", ["shelf/box", "./shelf/box"])
def test_a_relative_destination_begins_at_the_root(config, container, place, rootfs, destination):
    (rootfs / "desk" / "shelf" / "box").mkdir(parents=True)
    config["process"]["cwd"] = "/desk"
    config["mounts"] += [bind(library_in(place, "here"), destination)]

    seen = container.run("read /shelf/box/book", "list /desk/shelf/box").answers

    assert seen == {"read /shelf/box/book": "here", "list /desk/shelf/box": []}


@requirement("old.mounts.destination.absolute")
def test_a_relative_destination_is_an_error(config, container, another, rootfs):
    (rootfs / "shelf").mkdir()
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "tmpfs"}]
    another().create()

    config["mounts"][-1]["destination"] = "shelf"

    with generates_an_error():
        container.create()


@requirement("mounts.source.bind-absolute")
def test_an_absolute_source_is_a_path_of_the_runtimes(config, container, place, rootfs):
    library = library_in(place, "of the host")
    library_in(rootfs / str(place).lstrip("/"), "of the root")
    library_in(container.bundle / str(place).lstrip("/"), "of the bundle")
    config["mounts"] += [bind(library, "/shelf")]

    assert container.run("read /shelf/book").answers == {"read /shelf/book": "of the host"}


@requirement("mounts.source.bind-absolute")
def test_a_source_is_taken_by_its_very_name(config, container, place):
    names = dict(enumerate(ODD))
    config["mounts"] += [bind(library_in(place / name, name), f"/{number}") for number, name in names.items()]

    seen = container.run(*(f"read /{number}/book" for number in names)).answers

    assert seen == {f"read /{number}/book": name for number, name in names.items()}


@requirement("mounts.source.bind-relative")
@pytest.mark.parametrize("source", ["library", "./library", "rootfs/../library"])
def test_a_relative_source_begins_at_the_bundle(config, container, place, rootfs, monkeypatch, source):
    library_in(container.bundle, "of the bundle")
    library_in(rootfs, "of the root")
    library_in(place, "of the current directory")
    monkeypatch.chdir(place)
    config["mounts"] += [bind(source, "/shelf")]

    assert container.run("read /shelf/book").answers == {"read /shelf/book": "of the bundle"}


@requirement("mounts.source.bind-relative")
def test_a_relative_source_begins_at_the_bundle_where_it_is_mapped_too(config, container, rootfs, spec_version):
    faults.needs_release("1.1.0", spec_version, "mappings of mounts came with 1.1.0")
    library_in(container.bundle, "of the bundle")
    library_in(rootfs, "of the root")
    everyone = [{"containerID": 0, "hostID": 0, "size": 65536}]
    config["mounts"] += [bind("library", "/shelf", "idmap", uidMappings=everyone, gidMappings=everyone)]

    assert container.run("read /shelf/book").answers == {"read /shelf/book": "of the bundle"}


@requirement("mounts.source.kinds")
def test_a_file_can_be_bound(config, container, place, rootfs):
    (place / "letter").write_text("dear reader")
    config["mounts"] += [bind(place / "letter", "/post/box")]

    assert container.run("read /post/box").answers == {"read /post/box": "dear reader"}


@requirement("mounts.source.kinds")
def test_a_source_that_does_not_exist_is_an_error(config, container, another, place):
    library = library_in(place, "here")
    config["mounts"] += [bind(library, "/shelf")]
    another().create()

    library.rename(place / "elsewhere")

    with generates_an_error():
        container.create()


@requirement("mounts.source.kinds")
@pytest.mark.parametrize("source", [{}, {"source": "a dummy"}], ids=["none", "dummy"])
def test_a_file_system_without_a_device_needs_no_source(config, container, source):
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "options": ["size=64k"], **source}]

    assert container.run("write /shelf/book", "list /shelf").answers["list /shelf"] == ["book"]


@requirement("mounts.bind-by-option")
@pytest.mark.parametrize("option", ["bind", "rbind"])
def test_the_option_alone_makes_a_bind_mount(config, container, place, option):
    """Though the type is one that the kernel would mount."""
    library = library_in(place, "bound")
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": str(library), "options": [option]}]

    assert container.run("read /shelf/book").answers == {"read /shelf/book": "bound"}


@requirement("mounts.type.bind-dummy")
@pytest.mark.parametrize("type", [{}, {"type": "none"}, {"type": "bind"}, {"type": "no such file system"}], ids=str)
def test_the_type_of_a_bind_mount_is_not_looked_at(config, container, place, type):
    config["mounts"] += [bind(library_in(place, "bound"), "/shelf", **type)]

    assert container.run("read /shelf/book").answers == {"read /shelf/book": "bound"}


@requirement("mounts.options.applied")
def test_the_options_are_those_of_the_mount(config, container):
    """Both kinds: flags of the mount, and words for the file system."""
    options = ["noexec", "nosuid", "size=68k", "mode=0710", "nr_inodes=123"]
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "tmpfs", "options": options}]

    found = container.run().facts.mount_at("/shelf")

    assert found is not None
    assert found.options & {"noexec", "nosuid", "nodev", "ro"} == {"noexec", "nosuid"}
    assert found.super_options & {"size=68k", "mode=710", "nr_inodes=123"} == {"size=68k", "mode=710", "nr_inodes=123"}


@requirement("mounts.options.applied")
def test_the_options_of_a_bind_mount_are_applied(config, container, place):
    library = library_in(place, "bound")
    config["mounts"] += [bind(library, "/closed", "ro"), bind(library, "/open")]

    attempts = container.run("write /closed/note", "write /open/note").attempts

    assert attempts == {"write /closed/note": "EROFS", "write /open/note": None}


@requirement("old.mountopt.manpage")
def test_the_options_of_mount_8_are_known(config, container):
    """Those that stand for a flag of the kernel, one mount each; and a word that only tmpfs knows."""
    shown = {
        "ro": "ro",
        "noexec": "noexec",
        "nosuid": "nosuid",
        "nodev": "nodev",
        "noatime": "noatime",
        "nodiratime": "nodiratime",
        "sync": "sync",
        "size=68k": "size=68k",
    }
    config["mounts"] += [
        {"destination": f"/{number}", "type": "tmpfs", "source": "tmpfs", "options": [option]}
        for number, option in enumerate(shown)
    ]

    facts = container.run().facts
    found = [facts.mount_at(f"/{number}") for number in range(len(shown))]
    words = set(shown.values())

    assert [mount and words & (mount.options | mount.super_options) for mount in found] == [
        {word} for word in shown.values()
    ]


@requirement("mounts.type")
def test_the_type_is_the_kernels_file_system(config, container):
    """At places where no runtime has them by default."""
    types = {"/first": "ramfs", "/second": "tmpfs", "/third": "proc"}
    config["mounts"] += [{"destination": place, "type": type, "source": "none"} for place, type in types.items()]

    facts = container.run().facts

    assert {place: (mount := facts.mount_at(place)) and mount.type for place in types} == types


@requirement("mounts.type")
def test_a_type_that_the_kernel_does_not_know_is_an_error(config, container, another):
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "shelf"}]
    another().create()

    config["mounts"][-1]["type"] = "bookshelf"

    with generates_an_error():
        container.create()
