"""config.md#configRoot"""

from pathlib import Path

import pytest

from conformance import generates_an_error, requirement


@requirement("root.required")
def test_a_config_without_root_is_an_error(config, container):
    del config["root"]

    with generates_an_error():
        container.create()


@requirement("root.path.required")
def test_a_root_without_path_is_an_error(config, container, another, rootfs):
    """Even where the bundle itself could be the root: it is then refused for no other reason."""
    config["root"] = {"path": "."}
    twin = another()
    make_a_root_of(container.bundle, rootfs)
    make_a_root_of(twin.bundle, rootfs)
    twin.run()

    config["root"] = {}

    with generates_an_error():
        container.create()


def make_a_root_of(bundle: Path, rootfs: Path) -> None:
    for entry in rootfs.iterdir():
        if entry.name in ("dev", "proc", "sys"):
            (bundle / entry.name).mkdir()
        else:
            (bundle / entry.name).symlink_to(f"rootfs/{entry.name}")


@requirement("root.path.is-root")
def test_the_root_is_what_the_program_finds_at_slash(container, rootfs):
    (rootfs / "marker").write_text("here")

    seen = container.run("read /marker", "stat /..", "stat /", f"stat {rootfs}")

    assert seen.answers["read /marker"] == "here"
    assert seen.answers["stat /.."] == seen.answers["stat /"]
    assert seen.attempts[f"stat {rootfs}"] == "ENOENT"


@requirement("root.path.relative")
def test_a_relative_path_begins_at_the_bundle(config, container, rootfs, place, monkeypatch):
    (rootfs / "marker").write_text("of the bundle")
    (place / "elsewhere" / "rootfs").mkdir(parents=True)
    (place / "elsewhere" / "rootfs" / "marker").write_text("of the current directory")
    monkeypatch.chdir(place / "elsewhere")
    config["root"]["path"] = "rootfs"

    assert container.run("read /marker").answers == {"read /marker": "of the bundle"}


@requirement("root.path.absolute")
def test_an_absolute_path_may_lie_outside_of_the_bundle(config, container, rootfs, place):
    (rootfs / "marker").write_text("outside")
    config["root"]["path"] = str(rootfs)
    container.bundle = place / "bundle without a root"
    container.bundle.mkdir()

    assert container.run("read /marker").answers == {"read /marker": "outside"}


@requirement("root.path.exists")
@pytest.mark.parametrize("kind", ["nothing", "file", "dangling link"])
def test_a_path_that_leads_to_no_directory_is_an_error(config, container, kind):
    path = container.bundle / "other"
    if kind == "file":
        path.write_text("no directory")
    elif kind == "dangling link":
        path.symlink_to("nowhere")
    config["root"]["path"] = "other"

    with generates_an_error():
        container.create()


@requirement("root.readonly.true")
def test_a_readonly_root_cannot_be_written(config, container, rootfs):
    config["root"]["readonly"] = True
    (rootfs / "shelf").mkdir()
    (rootfs / "shelf" / "book").write_text("old")

    attempts = container.run("write /table", "write /shelf/book", "unlink /shelf/book", "write /dev/shm/note").attempts

    assert attempts == {
        "write /table": "EROFS",
        "write /shelf/book": "EROFS",
        "unlink /shelf/book": "EROFS",
        "write /dev/shm/note": None,
    }


@requirement("root.readonly.default")
def test_a_root_can_be_written_unless_readonly_is_said(config, container):
    del config["root"]["readonly"]

    assert container.run("write /table", "mkdir /shelf").attempts == {"write /table": None, "mkdir /shelf": None}


@requirement("root.readonly.default")
def test_a_root_that_is_not_readonly_can_be_written(config, container):
    config["root"]["readonly"] = False

    assert container.run("write /table", "mkdir /shelf").attempts == {"write /table": None, "mkdir /shelf": None}
