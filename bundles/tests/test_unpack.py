"""python -m bundles unpack: what an honest archive becomes."""

import bz2
import contextlib
import gzip
import lzma
import os
import pathlib
import random
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
from typing import Any

import pytest

from bundles import contracts, unpack, validate
from bundles.unpacking import faults

from .archives import archive, config_of, device, file, folder, hard_link, link, tree, unpacked
from .test_command_line import ROOT, bundles, run

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device or give a file away")
SMALL = archive({"etc": folder(), "etc/motd": file(b"ahoy\n")})


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_kind_of_entry_is_unpacked(tmp_path, form):
    long = "/".join(["a-name-of-some-length"] * 4 if form == tarfile.USTAR_FORMAT else ["a-long-name" * 12] * 4)
    packed = archive(
        {
            "./": folder(mode=0o711, mtime=11),
            "./bin": folder(mode=0o755, mtime=1_000_000_001),
            "./bin/tool": file(b"\0tool", mode=0o4755, mtime=1_000_000_000),
            "./bin/again": hard_link("./bin/tool"),
            "./bin/alias": link("tool", mtime=5),
            "./queue": {"type": tarfile.FIFOTYPE, "mode": 0o622},
            f"./{long}": file(b"long"),
        },
        form,
    )

    rootfs = unpacked(tmp_path, packed)

    tool = (rootfs / "bin" / "tool").stat()
    assert (rootfs / "bin" / "tool").read_bytes() == b"\0tool"
    assert (stat.S_IMODE(tool.st_mode), tool.st_mtime, tool.st_nlink) == (0o4755, 1_000_000_000, 2)
    assert tool.st_ino == (rootfs / "bin" / "again").stat().st_ino
    assert os.readlink(rootfs / "bin" / "alias") == "tool"
    assert (rootfs / "bin" / "alias").lstat().st_mtime == 5
    assert (rootfs / "bin").stat().st_mtime == 1_000_000_001
    assert (rootfs / "queue").lstat().st_mode == stat.S_IFIFO | 0o622
    assert (rootfs / long).read_bytes() == b"long"
    assert (stat.S_IMODE(rootfs.stat().st_mode), rootfs.stat().st_mtime) == (0o711, 11)
    assert stat.S_IMODE(rootfs.parent.stat().st_mode) == 0o700


@only_root
def test_owners_devices_and_capabilities_are_kept(tmp_path):
    capability = b"\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    raw = {"SCHILY.xattr.security.capability": capability.decode("latin-1")}
    assert max(capability) < 128
    packed = archive({"ping": file(b"x", uid=7, gid=3_000_000, mode=0o755, pax_headers=raw), "null": device(1, 3)})

    rootfs = unpacked(tmp_path, packed)

    assert os.getxattr(rootfs / "ping", "security.capability") == capability
    assert ((rootfs / "ping").stat().st_uid, (rootfs / "ping").stat().st_gid) == (7, 3_000_000)
    assert (rootfs / "null").stat().st_rdev == os.makedev(1, 3)


def test_devices_are_left_out_if_they_are_not_wished(tmp_path):
    packed = archive({"null": device(1, 3), "here": file()})

    assert tree(unpacked(tmp_path, packed, devices=False)) == {"here": b""}


def test_a_link_is_followed_as_a_container_sees_it(tmp_path):
    packed = archive(
        {
            "usr/lib": folder(),
            "lib": link("/usr/lib"),
            "up": link("../../../../usr"),
            "lib/one": file(b"1"),
            "up/lib/two": file(b"2"),
            "late": link("not/yet"),
            "late/three": file(b"3"),
        }
    )

    found = tree(unpacked(tmp_path, packed))

    assert {name: found[name] for name in ("usr/lib/one", "usr/lib/two", "not/yet/three")} == {
        "usr/lib/one": b"1",
        "usr/lib/two": b"2",
        "not/yet/three": b"3",
    }


def test_what_comes_later_takes_the_place(tmp_path):
    packed = archive(
        [
            ("a", folder()),
            ("a/b", file(b"below")),
            ("a", file(b"a file")),
            ("a", folder(mode=0o700)),
            ("c", link("/etc")),
            ("c", file(b"no link")),
            ("d", file(b"first")),
            ("e", hard_link("d")),
            ("d", file(b"second")),
        ]
    )

    assert tree(unpacked(tmp_path, packed)) == {"a": None, "c": b"no link", "d": b"second", "e": b"first"}


def test_a_root_file_system_has_no_whiteouts(tmp_path):
    packed = archive({"here": file(), ".wh.here": file(b"a name like another")})

    assert tree(unpacked(tmp_path, packed)) == {".wh.here": b"a name like another", "here": b""}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_an_archive_may_be_compressed(tmp_path, pack):
    assert tree(unpacked(tmp_path, pack(SMALL))) == {"etc": None, "etc/motd": b"ahoy\n"}


def test_parts_of_gzip_are_one(tmp_path):
    packed = gzip.compress(SMALL[:700]) + gzip.compress(SMALL[700:])

    assert tree(unpacked(tmp_path, packed)) == {"etc": None, "etc/motd": b"ahoy\n"}


@pytest.mark.skipif(not shutil.which("zstd"), reason="needs the program zstd (apt install zstd)")
def test_zstd_is_read_by_its_program(tmp_path):
    packed = subprocess.run(["zstd", "--stdout"], input=SMALL, capture_output=True, check=True).stdout

    assert tree(unpacked(tmp_path, packed)) == {"etc": None, "etc/motd": b"ahoy\n"}
    (tmp_path / "source").write_bytes(packed[:-3])
    with pytest.raises(faults.Fault, match="is broken zstd"):
        unpack.run(unpack.Wish(tmp_path / "source", tmp_path / "cut", []))
    assert not (tmp_path / "cut").exists()


def test_without_a_program_zstd_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    if sys.version_info < (3, 14):
        with pytest.raises(faults.Fault, match="install the program zstd"):
            unpacked(tmp_path, b"\x28\xb5\x2f\xfd" + bytes(100))


def test_an_archive_comes_through_a_pipe(tmp_path):
    command = [sys.executable, "-m", "bundles", "unpack", "-", str(tmp_path / "ship")]
    done = subprocess.run(command, input=gzip.compress(SMALL), cwd=ROOT, capture_output=True, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert tree(tmp_path / "ship" / "rootfs") == {"etc": None, "etc/motd": b"ahoy\n"}


@pytest.mark.skipif(not shutil.which("tar"), reason="needs GNU tar")
@pytest.mark.parametrize(
    "options",
    [
        ["--format=gnu"],
        ["--format=oldgnu"],
        ["--format=posix", "--xattrs", "--xattrs-include=*"],
        *(["--format=posix", f"--sparse-version={version}"] for version in ("0.0", "0.1", "1.0")),
    ],
    ids=" ".join,
)
def test_sparse_files_of_gnu_tar_keep_their_holes(tmp_path, options):
    (tmp_path / "given").mkdir()
    with (tmp_path / "given" / "holes").open("wb") as sparse:
        for place in range(0, 30 << 20, 1 << 20):
            sparse.seek(place)
            sparse.write(b"land %d" % place)
        sparse.truncate(32 << 20)
    with contextlib.suppress(OSError):
        os.setxattr(tmp_path / "given" / "holes", "user.tide=", b"high\n\0")
    pack = ["tar", "--create", "--sparse", *options, "--directory", str(tmp_path / "given"), "."]

    rootfs = unpacked(tmp_path, subprocess.run(pack, capture_output=True, check=True).stdout)

    assert (rootfs / "holes").read_bytes() == (tmp_path / "given" / "holes").read_bytes()
    assert (rootfs / "holes").stat().st_blocks * 512 < 4 << 20
    if "--xattrs" in options:
        there = [(name, os.getxattr(rootfs / "holes", name)) for name in os.listxattr(rootfs / "holes")]
        assert there == [
            (name, os.getxattr(tmp_path / "given" / "holes", name))
            for name in os.listxattr(tmp_path / "given" / "holes")
        ]


@pytest.mark.parametrize("seed", range(25))
def test_any_tree_comes_out_as_it_went_in(tmp_path, seed):
    """Trees by chance, packed by Python's tarfile in one of its formats, names that are no UTF-8 among them."""
    dice = random.Random(seed)
    given = tmp_path / "given"
    given.mkdir()
    directories = [given]
    for number in range(dice.randint(1, 40)):
        name = dice.choice(["a", "ünï", "-", "x" * dice.randint(1, 200), "new\nline", os.fsdecode(b"\xff\xfe")])
        path = dice.choice(directories) / f"{name}{number}"
        match dice.choice(["directory", "file", "file", "link", "hard link", "fifo"]):
            case "directory":
                path.mkdir()
                directories.append(path)
            case "link":
                path.symlink_to(dice.choice(["/etc", "..", "nowhere", "a/" * 60]))
            case "hard link" if files := [each for each in sorted(given.rglob("*")) if each.is_file()]:
                os.link(dice.choice(files), path, follow_symlinks=False)
            case "fifo":
                os.mkfifo(path, 0o640)
            case _:
                path.write_bytes(dice.randbytes(dice.choice([0, 1, 511, 512, 513, 70_000])))
                path.chmod(dice.choice([0o644, 0o4711, 0o700]))
        if not path.is_symlink():
            os.utime(path, ns=(0, dice.randint(0, 2**31) * 1_000_000_000))
    form = dice.choice([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    with tarfile.open(tmp_path / "packed", "w", format=form) as tar:
        tar.add(given, arcname=".")

    rootfs = unpacked(tmp_path, tmp_path / "packed")

    assert described(rootfs) == described(given)


def described(root: pathlib.Path) -> dict[str, Any]:
    """All about each name; what one inode is, is named after its first name."""
    first: dict[int, str] = {}
    found: dict[str, Any] = {}
    for path in sorted(root.rglob("*")):
        status, name = path.lstat(), str(path.relative_to(root))
        found[name] = (
            status.st_mode,
            status.st_uid,
            status.st_gid,
            int(status.st_mtime),
            first.setdefault(status.st_ino, name),
        )
    return found | {f"{name} holds": content for name, content in tree(root).items()}


# --- the config ------------------------------------------------------------------------------------------------------


def test_the_config_is_the_ordinary_one_with_the_args(tmp_path):
    rootfs = unpacked(tmp_path, SMALL, "/bin/ls", "--", "-l")

    ordinary = contracts.ordinary()
    ordinary["process"]["args"] = ["/bin/ls", "--", "-l"]
    assert config_of(rootfs) == ordinary


def test_without_args_it_is_a_shell_and_the_bundle_validates(tmp_path):
    rootfs = unpacked(tmp_path, SMALL)

    assert config_of(rootfs)["process"]["args"] == ["/bin/sh"]
    assert validate.findings(config_of(rootfs), rootfs.parent) == []


def test_the_command_line_takes_args_after_options(tmp_path):
    (tmp_path / "source").write_bytes(SMALL)

    done = bundles("unpack", "--max-size=1M", "source", "ship", "--no-devices", "--", "ls", "--help", cwd=tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert config_of(tmp_path / "ship" / "rootfs")["process"]["args"] == ["ls", "--help"]


#: All is imported before: the interpreter itself may lie where only root can read.
AS_NOBODY = """
import os, sys
from bundles import __main__
import encodings.idna
os.setgroups([]); os.setgid(65534); os.setuid(65534)
sys.exit(__main__.main(sys.argv[1:]))
"""


@only_root
def test_without_root_it_is_told_what_was_left_out(tmp_path):
    capability = {"SCHILY.xattr.trusted.tide": "high"}
    packed = archive(
        {
            "mine": file(b"m", uid=65534, gid=65534),
            "closed": folder(mode=0o0, uid=65534, gid=65534),
            "closed/inside": file(b"i", uid=0, pax_headers=capability),
            "null": device(1, 3),
        }
    )
    with open_to_nobody(tmp_path) as directory:
        (directory / "source").write_bytes(packed)
        done = run(sys.executable, "-c", AS_NOBODY, "unpack", directory / "source", directory / "ship")

        assert done.returncode == 0, done
        told = "left out: 1 attributes, 1 devices, 1 owners: only root may make them"
        assert done.stderr == f"python -m bundles: {told}\n"
        assert tree(directory / "ship" / "rootfs") == {"mine": b"m", "closed": None, "closed/inside": b"i"}
        assert stat.S_IMODE((directory / "ship" / "rootfs" / "closed").stat().st_mode) == 0


@contextlib.contextmanager
def open_to_nobody(directory: pathlib.Path):
    """A directory that nobody owns, in a path that nobody may pass: pytest's own are closed."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        os.chown(name, 65534, 65534)
        yield pathlib.Path(name)


@only_root
@pytest.mark.skipif(not shutil.which("busybox"), reason="needs a busybox that is linked statically")
def test_a_bundle_of_a_real_root_file_system_runs(tmp_path):
    busybox = pathlib.Path(shutil.which("busybox") or "").read_bytes()
    if b"/ld-" in busybox[:4096]:
        pytest.skip("busybox is linked dynamically: apt install busybox-static")
    packed = archive({"bin/busybox": file(busybox, mode=0o755), "bin/cat": link("busybox"), "etc/motd": file(b"ahoy")})
    rootfs = unpacked(tmp_path, gzip.compress(packed, 1), "/bin/cat", "/etc/motd")

    reference = [sys.executable, "-m", "reference_runtime", "--root", tmp_path / "state"]
    done = run(*map(str, reference), "run", "--bundle", rootfs.parent, f"unpacked-{os.getpid()}")

    assert (done.returncode, done.stdout) == (0, "ahoy"), done
