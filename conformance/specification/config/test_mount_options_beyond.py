"""config.md#configLinuxMountOptions: tmpcopyup, options as mount(8) has them, and options of file systems"""

import os
from typing import Any

import pytest

from conformance import generates_an_error, or_an_error, requirement
from conformance.harness.faults import OperationFailed

#: Options of which each undoes the other; the first of a pair is shown in mountinfo.
PAIRS = {
    "ro": "rw",
    "nosuid": "suid",
    "nodev": "dev",
    "noexec": "exec",
    "noatime": "atime",
    "nodiratime": "diratime",
    "sync": "async",
}


def tmpfs(destination: str, *options: str) -> dict[str, Any]:
    return {"destination": destination, "type": "tmpfs", "source": "tmpfs", "options": list(options)}


def shown_at(facts: Any, path: str) -> set[str]:
    """The words in mountinfo on a mount, those of its file system included."""
    found = facts.mount_at(path)
    return set(found.options | found.super_options) if found else set()


@requirement("mntopt.tmpcopyup")
def test_what_lay_at_the_destination_is_copied_into_the_new_tmpfs(config, container, rootfs):
    shelf = rootfs / "shelf"
    (shelf / "box").mkdir(parents=True)
    (shelf / "box" / "note").write_text("a reminder")
    (shelf / "book").write_text("a classic")
    (shelf / "link").symlink_to("book")
    os.chown(shelf / "book", 5, 6)
    (shelf / "book").chmod(0o640)
    config["mounts"] += [tmpfs("/shelf", "tmpcopyup", "nosuid")]

    report = container.run(
        "list /shelf",
        "stat /shelf/book",
        "readlink /shelf/link",
        "read /shelf/box/note",
        "read /shelf/link",
        "write /shelf/book lies",
        "write /shelf/new",
    )

    book = report.answers["stat /shelf/book"] or {}
    mount = report.facts.mount_at("/shelf")
    seen = [report.answers[look] for look in ("list /shelf", "readlink /shelf/link", "read /shelf/box/note")]
    assert (mount and mount.type, seen) == ("tmpfs", [["book", "box", "link"], "book", "a reminder"])
    assert (book.get("uid"), book.get("gid"), book.get("mode")) == (5, 6, "0640")
    assert report.answers["read /shelf/link"] == "a classic"
    assert sorted(path.name for path in shelf.iterdir()) == ["book", "box", "link"]
    assert (shelf / "book").read_text() == "a classic"


@requirement("mntopt.must-as-mount8")
def test_the_later_of_two_options_that_undo_each_other_counts(config, container):
    for number, (option, opposite) in enumerate(PAIRS.items()):
        config["mounts"] += [tmpfs(f"/off{number}", option, opposite), tmpfs(f"/on{number}", opposite, option)]

    facts = container.run().facts

    words = set(PAIRS)
    seen = {
        option: (shown_at(facts, f"/off{number}") & words, shown_at(facts, f"/on{number}") & words)
        for number, option in enumerate(PAIRS)
    }
    assert seen == {option: (set(), {option}) for option in PAIRS}


@requirement("mntopt.custom-as-mount8")
@pytest.mark.parametrize(
    ("option", "meant"),
    [("noauto", set()), ("nofail", set()), ("users", {"nosuid", "nodev", "noexec"})],
    ids=["noauto", "nofail", "users"],
)
def test_a_further_option_of_mount_8_does_what_it_does_there(config, container, another, option, meant):
    """A runtime need not know it; the file system does not."""
    config["mounts"] += [tmpfs("/shelf", "size=68k")]
    another().create()
    config["mounts"][-1]["options"] += [option]

    seen = or_an_error(lambda: shown_at(container.run().facts, "/shelf") & {"size=68k", "nosuid", "nodev", "noexec"})

    assert seen in ({"size=68k", *meant}, "an error")


@requirement("mntopt.unknown-as-data")
@pytest.mark.parametrize(
    "options",
    [
        ["nr_inodes=123", "nosuid", "mode=0710", "uid=7", "noexec", "size=68k"],
        ["nr_inodes=123,mode=0710", "nosuid", "uid=7,size=68k", "noexec"],
    ],
    ids=["one by one", "with commas"],
)
def test_all_options_of_the_file_system_reach_it(config, container, options):
    config["mounts"] += [tmpfs("/shelf", *options)]

    report = container.run("stat /shelf")

    top = report.answers["stat /shelf"] or {}
    wanted = {"nr_inodes=123", "size=68k", "nosuid", "noexec"}
    assert (top.get("mode"), top.get("uid"), shown_at(report.facts, "/shelf") & wanted) == ("0710", 7, wanted)


@requirement("mntopt.unknown-as-data")
def test_an_option_that_the_file_system_does_not_know_is_an_error(config, container, another):
    """The kernel refuses it, once it has been handed over."""
    config["mounts"] += [tmpfs("/shelf", "size=68k")]
    another().create()

    config["mounts"][-1]["options"] += ["bookends"]

    with generates_an_error():
        container.create()


@requirement("mounts.options.whole")
def test_options_that_are_too_many_for_the_kernel_are_not_cut_off(config, container):
    """More than the page that mount(2) reads: an error, or all of them; the last of each kind counts."""
    config["mounts"] += [tmpfs("/shelf", *["mode=0755", "size=64k"] * 300, "mode=0710", "size=68k")]

    try:
        report = container.run("stat /shelf")
        top = report.answers["stat /shelf"] or {}
        seen: Any = (top.get("mode"), "size=68k" in shown_at(report.facts, "/shelf"))
    except OperationFailed:
        seen = "refused"

    assert seen in (("0710", True), "refused")
