"""Nothing that the runtime holds leads a container out of its root file system."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from reference_runtime import errors
from reference_runtime.config import tmpcopyup
from reference_runtime.kernel import files, mounts, namespaces
from reference_runtime.kernel.mounts import Attribute, Mount
from reference_runtime.runtime import birth, check

from .conftest import needs_root

pytestmark = needs_root


def test_no_descriptor_of_the_runtime_s_is_a_directory_to_work_in(bundle):
    bundle.runs()
    assert bundle.call("run").returncode == 0

    exits = {}
    for number in range(3, 12):
        bundle.config["process"]["cwd"] = f"/proc/self/fd/{number}"
        exits[number] = bundle.call("run").returncode
        bundle.call("delete", "--force")

    assert [number for number, code in exits.items() if code == 0] == []


def test_descriptors_are_preserved_only_if_the_caller_has_opened_them():
    options = birth.Options()
    options.preserve_fds = 1000

    with pytest.raises(errors.Usage):
        check.refuse_missing_descriptors(options)


def test_all_descriptors_are_closed_but_one(in_a_child):
    def closed():
        for number in (100, 101, 102):
            os.dup2(0, number)
        files.close_all(50, 101)
        assert [number for number in (100, 101, 102) if os.path.exists(f"/proc/self/fd/{number}")] == [101]

    assert in_a_child(closed) == 0


def test_a_file_system_is_made_before_it_has_a_place(in_a_child, tmp_path):
    def made():
        namespaces.unshare(namespaces.Clone.NEWNS)
        mounts.set_propagation("/", Mount.PRIVATE | Mount.REC)
        tree = mounts.new_filesystem("tmpfs", "shelf", ["size=64k", "mode=0710"])
        mounts.set_attributes(tree, Attribute.NOSUID)
        mounts.attach(tree, os.open(tmp_path, os.O_PATH), str(tmp_path))
        line = next(line for line in files.read("/proc/self/mountinfo").splitlines() if f" {tmp_path} " in line)
        assert "nosuid" in line.split(" ")[5]
        assert {"size=64k", "mode=710"} <= set(line.split(" ")[-1].split(","))
        assert " tmpfs shelf " in line

    assert in_a_child(made) == 0


def test_an_option_that_the_file_system_does_not_know_is_refused():
    with pytest.raises(OSError, match="fsconfig"):
        mounts.new_filesystem("tmpfs", "shelf", ["bookends"])


def test_options_that_mount_would_cut_off_are_refused(tmp_path):
    with pytest.raises(OSError, match="one page") as caught:
        mounts.mount("shelf", str(tmp_path), "tmpfs", data=",".join(["size=64k"] * 1000))

    assert caught.value.errno == errno.E2BIG


def test_copying_follows_no_link(tmp_path):
    for name in ("from", "to", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (tmp_path / "from" / "link").symlink_to("../outside")
    (tmp_path / "from" / "file").write_text("words")
    source, target = (os.open(tmp_path / name, os.O_RDONLY) for name in ("from", "to"))

    tmpcopyup.copy_tree(source, target)

    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == ["file", "link"]
    assert os.readlink(tmp_path / "to" / "link") == "../outside"
    assert (tmp_path / "to" / "file").read_text() == "words"
    os.close(source)
    os.close(target)


def test_a_volume_that_is_all_of_dev_keeps_its_own_ptmx(bundle, tmp_path):
    """It may be the host's /dev."""
    devices = tmp_path / "dev"
    for name in ("pts", "shm", "mqueue"):
        (devices / name).mkdir(parents=True)
    os.mknod(devices / "ptmx", stat.S_IFCHR | 0o600, os.makedev(5, 2))
    bundle.config["mounts"][1] = {"destination": "/dev", "type": "bind", "source": str(devices), "options": ["bind"]}
    bundle.runs("stat /dev/ptmx")

    seen = bundle.call("run").stdout

    assert stat.S_IMODE(os.lstat(devices / "ptmx").st_mode) == 0o600
    assert '"mode": "0666"' in seen, seen
