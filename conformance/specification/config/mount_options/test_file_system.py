"""config.md#configLinuxMountOptions: what concerns a file system as a whole, and options that show nowhere"""

import pytest

from conformance import requirement
from conformance.harness.mount_flags import FLAGS, leave_it_to_the_flags

pytestmark = pytest.mark.usefixtures("program")


def new(destination: str, *options: str) -> dict[str, object]:
    return {"destination": destination, "type": "tmpfs", "source": "shelf", "options": list(options)}


def words(report, mountpoint: str) -> set[str] | None:
    """All that mountinfo says of a mount's and its file system's options; None where there is none."""
    mount = report.facts.mount_at(mountpoint)
    return mount and set(mount.options | mount.super_options)


def of(option: str, *others: str):
    return pytest.param(option, *others, marks=requirement(f"mntopt.{option}"), id=option)


@pytest.mark.parametrize("option", [of("sync"), of("dirsync"), of("lazytime")])
def test_the_file_system_has_the_flag(config, container, option):
    config["mounts"] += [new("/marked", option), new("/plain")]

    report = container.run()

    seen = {name: (words(report, name) or set()) & {"sync", "dirsync", "lazytime"} for name in ("/marked", "/plain")}
    assert seen == {"/marked": {option}, "/plain": set()}


@pytest.mark.parametrize(("option", "before"), [of("sync", "async"), of("lazytime", "nolazytime")])
def test_it_holds_when_it_comes_after_its_opposite(config, container, option, before):
    config["mounts"] += [new("/marked", before, option), new("/plain", option, before)]

    report = container.run()

    seen = {name: option in (words(report, name) or ()) for name in ("/marked", "/plain")}
    assert seen == {"/marked": True, "/plain": False}


@pytest.mark.parametrize(("option", "undone"), [of("async", "sync"), of("nolazytime", "lazytime")])
def test_it_undoes_an_option_before_it_and_does_no_harm_alone(config, container, option, undone):
    config["mounts"] += [new("/undone", undone, option), new("/alone", option), new("/marked", undone)]

    report = container.run()

    seen = {name: undone in (words(report, name) or ()) for name in ("/undone", "/alone", "/marked")}
    assert seen == {"/undone": False, "/alone": False, "/marked": True}


@pytest.mark.parametrize(
    ("option", "undone"),
    [
        of("silent", "loud"),
        of("loud", "silent"),
        of("iversion", "noiversion"),
        of("noiversion", "iversion"),
        of("nomand", "mand"),
    ],
)
def test_a_flag_that_shows_nowhere_is_no_word_for_the_file_system(config, container, option, undone):
    """Tmpfs would refuse it as an unknown one. That the flag is set, nobody but the kernel's log and disks can see."""
    config["mounts"] += [new("/marked", option), new("/later", undone, option), new("/plain")]

    report = container.run()

    seen = (words(report, "/marked"), words(report, "/later"))
    assert None not in seen
    assert seen == (words(report, "/plain"), words(report, "/plain"))


@requirement("mntopt.mand")
def test_mand_is_taken_though_it_has_no_effect_since_linux_5_15(config, container):
    config["mounts"] += [new("/marked", "mand"), new("/plain")]

    report = container.run("write /marked/book")

    assert report.attempts == {"write /marked/book": None}
    assert (words(report, "/marked") or set()) - {"mand"} == words(report, "/plain")


@requirement("mntopt.defaults")
def test_by_default_everything_is_allowed(config, container):
    """And the word is no word for the file system, which would refuse it."""
    leave_it_to_the_flags(config)
    config["mounts"] += [new("/shelf", "defaults")]
    flags = [flag for name, flag in FLAGS.items() if name != "nosymfollow"]

    report = container.run(*(command for flag in flags for command in flag.ask("/shelf")))

    seen = [flag.seen(report, "/shelf")["/shelf"] for flag in flags]
    assert seen == [flag.allowed for flag in flags]
    assert "sync" not in (words(report, "/shelf") or {"sync"})


@requirement("mntopt.defaults")
def test_a_default_gives_way_to_what_comes_after_it(config, container):
    config["mounts"] += [new("/shelf", "defaults", "ro", "noexec", "sync")]

    seen = words(container.run(), "/shelf") or set()

    assert seen & {"ro", "noexec", "nosuid", "nodev", "sync", "defaults"} == {"ro", "noexec", "sync"}


@requirement("mntopt.remount")
def test_a_remount_changes_what_is_mounted_there(config, container):
    config["mounts"] += [new("/shelf", "size=64k", "nosuid"), new("/shelf", "remount", "ro", "nosuid"), new("/plain")]

    report = container.run("write /shelf/book", "write /plain/book")

    assert [mount.mountpoint for mount in report.facts.mounts].count("/shelf") == 1
    assert report.attempts == {"write /shelf/book": "EROFS", "write /plain/book": None}
    assert "size=64k" in (words(report, "/shelf") or ())


@requirement("mntopt.remount")
def test_a_remount_can_give_another_size(config, container):
    config["mounts"] += [new("/shelf", "size=64k"), new("/shelf", "remount", "size=128k")]

    report = container.run("write /shelf/book")

    assert [mount.mountpoint for mount in report.facts.mounts].count("/shelf") == 1
    assert report.attempts == {"write /shelf/book": None}
    assert (words(report, "/shelf") or set()) & {"size=64k", "size=128k"} == {"size=128k"}


@requirement("mntopt.remount")
def test_a_remount_of_a_bind_mount_changes_that_mount_alone(config, container, tree):
    entry = {"source": str(tree.path), "options": ["bind"]}
    config["mounts"] += [entry | {"destination": "/shelf"}, entry | {"destination": "/plain"}]
    config["mounts"] += [entry | {"destination": "/shelf", "options": ["bind", "remount", "ro"]}]

    report = container.run("write /shelf/book", "write /plain/book")

    assert [mount.mountpoint for mount in report.facts.mounts].count("/shelf") == 1
    assert report.attempts == {"write /shelf/book": "EROFS", "write /plain/book": None}
    assert "ro" not in tree.mountpoints[""]


@requirement("mntopt.bind")
def test_a_bind_mount_shows_the_source_and_not_what_is_mounted_below_it(config, container, tree):
    (tree.path / "book").write_text("of the host")
    (tree.box / "hidden").touch()
    config["mounts"] += [{"destination": "/shelf", "source": str(tree.path), "options": ["bind"]}]

    report = container.run("read /shelf/book", "list /shelf/box", "write /shelf/note hello")

    assert report.answers["read /shelf/book"] == "of the host"
    assert report.answers["list /shelf/box"] == []
    assert (tree.path / "note").exists()


@requirement("mntopt.rbind")
def test_a_recursive_bind_mount_shows_what_is_mounted_below_the_source(config, container, tree):
    (tree.path / "book").write_text("of the host")
    (tree.box / "letter").write_text("of the box")
    config["mounts"] += [{"destination": "/shelf", "source": str(tree.path), "options": ["rbind"]}]

    report = container.run("read /shelf/book", "read /shelf/box/letter", "write /shelf/box/note hello")

    assert report.answers["read /shelf/book"] == "of the host"
    assert report.answers["read /shelf/box/letter"] == "of the box"
    assert (tree.box / "note").exists()
