"""kernel/files: inside a root, nothing leads out of it, and what is made is remembered."""

from __future__ import annotations

import os

import pytest

from reference_runtime.kernel import files


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    top = os.open(tmp_path / "root", os.O_PATH)
    journal = os.open(tmp_path / "journal", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    yield files.Root(top, journal)
    os.close(top)
    os.close(journal)


@pytest.mark.parametrize("target", ["../outside", "/outside", "../../../../outside"])
def test_a_link_does_not_lead_out(root, tmp_path, target):
    (tmp_path / "root" / "link").symlink_to(target)

    os.close(root.make_directory("/link/room"))

    assert (list((tmp_path / "outside").iterdir()), (tmp_path / "root" / "outside" / "room").is_dir()) == ([], True)


def test_a_path_does_not_climb_out(root, tmp_path):
    os.close(root.make_directory("/../../outside/room"))

    assert (list((tmp_path / "outside").iterdir()), (tmp_path / "root" / "outside" / "room").is_dir()) == ([], True)


def test_a_file_is_made_with_the_directories_above_it(root, tmp_path):
    os.close(root.make_file("/a/b/c"))

    assert (tmp_path / "root" / "a" / "b" / "c").read_text() == ""


def test_what_was_made_is_removed_again_and_nothing_else(root, tmp_path):
    (tmp_path / "root" / "old").mkdir()
    os.close(root.make_directory("/old/new/newer"))
    os.close(root.make_file("/old/file"))

    files.remove_noted(str(tmp_path / "root"), (tmp_path / "journal").read_text())

    assert [path.name for path in (tmp_path / "root").rglob("*")] == ["old"]


def test_what_has_been_used_since_stays(root, tmp_path):
    os.close(root.make_directory("/made"))
    os.close(root.make_file("/file"))
    os.close(root.make_file("/replaced"))
    (tmp_path / "root" / "made" / "guest").touch()
    (tmp_path / "root" / "file").write_text("words")
    (tmp_path / "root" / "other").touch()
    os.rename(tmp_path / "root" / "other", tmp_path / "root" / "replaced")

    files.remove_noted(str(tmp_path / "root"), (tmp_path / "journal").read_text())

    assert sorted(path.name for path in (tmp_path / "root").rglob("*")) == ["file", "guest", "made", "replaced"]


def test_an_error_tells_the_call_and_the_path(root):
    with pytest.raises(FileNotFoundError) as caught:
        root.open("/nowhere")

    assert (caught.value.filename, str(caught.value.strerror).startswith("openat2")) == ("/nowhere", True)


def test_descriptors_close_on_exec(in_a_child):
    def check():
        descriptor = os.dup2(0, 100, inheritable=True)
        files.close_on_exec(3)
        assert not os.get_inheritable(descriptor)

    assert in_a_child(check) == 0


def test_octal_blanks_of_mountinfo_are_read():
    assert files.unescape("/a\\040b/ü") == "/a b/ü"


def test_what_is_written_only_in_part_is_not_written(monkeypatch, tmp_path):
    """As a parameter of the kernel's takes the first of two numbers."""
    (tmp_path / "file").touch()
    files.write(str(tmp_path / "file"), "12")
    monkeypatch.setattr(os, "write", lambda *_: 1)

    with pytest.raises(OSError, match="writing '12'"):
        files.write(str(tmp_path / "file"), "12")
