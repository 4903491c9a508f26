"""python -m bundles unpack: archives made to do harm, or broken. Nothing outside is touched, and nothing is left."""

import gzip
import io
import os
import pathlib
import resource
import signal
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator

import pytest

from bundles.unpacking import faults, streams, tar

from .archives import Images, archive, device, file, folder, hard_link, link, tree, unpacked
from .test_command_line import ROOT, assert_refused, bundles
from .test_unpack import SMALL, only_root


@pytest.fixture
def canary(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A directory beside the bundle that is afterwards as it was before."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "canary").write_text("sings")
    before = looks(outside)
    yield outside
    assert tree(outside) == {"canary": b"sings"}
    assert looks(outside) == before


def looks(directory: pathlib.Path) -> list[tuple[int, ...]]:
    each = [directory.stat(), (directory / "canary").stat()]
    return [(one.st_mode, one.st_uid, one.st_ino, one.st_nlink, one.st_mtime_ns, one.st_ctime_ns) for one in each]


#: OUT is where the canary is, UP leads there from the root file system.
ESCAPES = {
    "a name with ..": [("../../outside/canary", file(b"dead"))],
    "a name with .. behind": [("a/../../../outside/canary", file(b"dead"))],
    "an absolute name": [("OUT/canary", file(b"dead"))],
    "through a link": [("way", link("OUT")), ("way/canary", file(b"dead"))],
    "through a link upwards": [("way", link("UP")), ("way/canary", file(b"dead"))],
    "through links in turn": [
        ("a", link("..")),
        ("b", link("a/..")),
        ("b/c", link("../..")),
        ("b/c/outside/x", file()),
    ],
    "onto a link": [("way", link("OUT/canary")), ("way", file(b"dead"))],
    "a directory onto a link": [("way", link("OUT")), ("way", folder(mode=0o777)), ("way/canary", file(b"dead"))],
    "a hard link": [("mine", hard_link("OUT/canary")), ("mine", file(b"dead"))],
    "a hard link upwards": [("mine", hard_link("../../outside/canary"))],
    "a hard link through a link": [("way", link("OUT")), ("mine", hard_link("way/canary"))],
    "a hard link to a link": [("way", link("OUT/canary")), ("mine", hard_link("way")), ("mine", file(b"dead"))],
    "a device behind a link": [("way", link("UP")), ("way/null", device(1, 3))],
    "a pipe behind a link": [("way", link("UP")), ("way/pipe", {"type": tarfile.FIFOTYPE})],
    "the mode of a link": [("way", link("OUT", mode=0o777, mtime=1))],
    "a whiteout upwards": [("../../outside/.wh.canary", file())],
    "a whiteout of ..": [(".wh...", file())],
    "a whiteout behind a link": [("way", link("UP")), ("way/.wh.canary", file()), ("way/.wh..wh..opq", file())],
}


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("form", ["root file system", "layer", "layer above"])
def test_nothing_gets_out(tmp_path, canary, escape, form):
    def pointed(text: str) -> str:
        return text.replace("OUT", str(canary)).replace("UP", "../../outside")

    entries = [
        (pointed(name), {**given, **({"linkname": pointed(given["linkname"])} if "linkname" in given else {})})
        for name, given in ESCAPES[escape]
    ]
    source: bytes | pathlib.Path = archive(entries)
    if form != "root file system":
        images = Images(tmp_path / "images")
        split = 1 if form == "layer above" else len(entries)
        images.name(images.image(archive(entries[:split]), archive(entries[split:])))
        source = images.directory

    try:
        unpacked(tmp_path, source)
    except faults.Fault:
        assert not (tmp_path / "bundle").exists()


def test_a_root_that_is_a_link_is_refused(tmp_path):
    for entry in (link("/"), file(b"x"), hard_link("x"), device(1, 3)):
        with pytest.raises(faults.Fault):
            unpacked(tmp_path, archive([("x", file()), (".", entry)]))


def test_attributes_that_an_overlay_obeys_are_left_out(tmp_path, capsys):
    given = folder(pax_headers={"SCHILY.xattr.trusted.overlay.redirect": "/", "SCHILY.xattr.user.overlay.opaque": "y"})

    rootfs = unpacked(tmp_path, archive({"a": given}))

    assert os.listxattr(rootfs / "a") == []
    assert "2 attributes" in capsys.readouterr().err


def raw(**fields: bytes) -> bytes:
    """An entry's header with fields as they are given, and the right checksum."""
    info = tarfile.TarInfo("a")
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    places = {
        "mode": 100,
        "uid": 108,
        "size": 124,
        "mtime": 136,
        "type": 156,
        "linkname": 157,
        "major": 329,
        "map": 386,
    }
    for name, value in fields.items():
        place = places[name]
        header[place : place + len(value)] = value
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def pax(text: bytes, size: int | None = None) -> bytes:
    return raw(type=b"x", size=b"%011o\0" % (len(text) if size is None else size)) + text + bytes(-len(text) % 512)


def record(key: bytes, value: bytes) -> bytes:
    length = len(key) + len(value) + 3
    length += len(str(length + len(str(length))))
    return b"%d %s=%s\n" % (length, key, value)


NEGATIVE = b"\xff" * 12
END = bytes(1024)
BROKEN = {
    "empty": b"",
    "no archive": b"ahoy\n" * 500,
    "only an end": END,
    "cut in a header": SMALL[:700],
    "cut in a file": archive({"a": file(b"x" * 5000)})[:3000],
    "cut at an entry": archive({"a": file(b"x" * 512), "b": file()})[:1024],
    "a header changed": SMALL[:512] + SMALL[512:600] + b"\xff" + SMALL[601:],
    "gzip cut": gzip.compress(SMALL)[:-9],
    "gzip changed": gzip.compress(SMALL)[:-6] + b"xxxxxx",
    "gzip and something": gzip.compress(SMALL) + b"something",
    "xz of nothing": b"\xfd7zXZ\0" + bytes(50),
    "bzip2 of nothing": b"BZh9" + bytes(50),
    "a negative size": raw(size=NEGATIVE) + END,
    "a negative size of attributes": raw(type=b"x", size=NEGATIVE) + END,
    "a size that is no number": raw(size=b"9" * 11) + END,
    "the largest size": raw(size=b"\x80\0\0\0\x7f" + b"\xff" * 7) + END,
    "a uid that means none": raw(uid=b"\x80\0\0\0\xff\xff\xff\xff") + END,
    "a major number": raw(type=b"3", major=b"7777777\0") + END,
    "a type that is none": raw(type=b"M") + END,
    "long attributes": pax(b"", 2 << 20) + bytes(3 << 20),
    "attributes without an entry": pax(record(b"path", b"b")) + END,
    "attributes without a length": pax(b"path=b\n") + raw() + END,
    "attributes too long": pax(b"99 path=b\n") + raw() + END,
    "attributes of no length": pax(b"0 path=b\n") + raw() + END,
    "a name with NUL": pax(record(b"path", b"a\0b")) + raw() + END,
    "a link with NUL": pax(record(b"linkpath", b"a\0b")) + raw(type=b"2") + END,
    "a size in words": pax(record(b"size", b"many")) + raw() + END,
    "a size of many digits": pax(record(b"size", b"9" * 30)) + raw() + END,
    "a time in words": pax(record(b"mtime", b"nan")) + raw() + END,
    "a long name part": archive({"x" * 256: file()}),
    "a long name": archive({"/".join(["x" * 200] * 30): file()}),
    "a deep name": archive({"/".join(["x"] * 300): file()}),
    "a deep name by links": archive(
        [("/".join(["d"] * 200), folder()), ("s", link("/".join(["d"] * 200))), ("s/" + "/".join(["e"] * 200), file())]
    ),
    "links in a ring": archive({"a": link("b"), "b": link("a"), "a/c": file()}),
    "a file below a file": archive({"a": file(), "a/b": file()}),
    "a hard link to nothing": archive({"a": hard_link("b")}),
    "a hard link to itself": archive({"a": hard_link("a")}),
    "a hard link to a directory": archive({"b": folder(), "a": hard_link("b")}),
    "an attribute nobody knows": archive({"a": file(pax_headers={"SCHILY.xattr.security.capability": "x"})}),
    "8 EiB of a hole": pax(
        record(b"GNU.sparse.major", b"1")
        + record(b"GNU.sparse.minor", b"0")
        + record(b"GNU.sparse.realsize", str(2**63 - 1).encode())
    )
    + raw(size=b"00000001000\0")
    + b"0\n".ljust(512, b"\0")
    + END,
    "a map that overlaps": pax(record(b"GNU.sparse.size", b"100") + record(b"GNU.sparse.map", b"0,10,5,10"))
    + raw(size=b"00000000024\0")
    + bytes(512)
    + END,
    "a map beyond the file": pax(record(b"GNU.sparse.size", b"5") + record(b"GNU.sparse.map", b"0,10"))
    + raw(size=b"00000000012\0")
    + bytes(512)
    + END,
    "a map of an odd number": pax(record(b"GNU.sparse.size", b"5") + record(b"GNU.sparse.map", b"0,1,2")) + raw() + END,
    "a map of many holes": pax(record(b"GNU.sparse.major", b"1") + record(b"GNU.sparse.realsize", b"5"))
    + raw(size=b"00000001000\0")
    + b"99999999\n".ljust(512, b"\0")
    + END,
    "a map of words": pax(record(b"GNU.sparse.major", b"1") + record(b"GNU.sparse.realsize", b"5"))
    + raw(size=b"00000001000\0")
    + b"x" * 512
    + END,
    "an old map that is broken": raw(type=b"S", map=b"x" * 24) + END,
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_archive_is_refused_in_one_line(tmp_path, canary, broken):
    with pytest.raises(faults.Fault) as told:
        unpacked(tmp_path, BROKEN[broken])

    assert not (tmp_path / "bundle").exists()
    assert str(told.value).isprintable()
    assert str(tmp_path / "source") in str(told.value)


def test_any_byte_may_be_wrong():
    """Refused, or read as something: never anything else."""
    packed = archive({"a": folder(), "a/b": file(b"x", pax_headers={"comment": "c", "mtime": "1.5"}), "c": link("a")})
    changed = [packed[:place] + bytes([packed[place] ^ 0x55]) + packed[place + 1 :] for place in range(len(packed))]

    assert {type(outcome) for outcome in map(read, changed)} == {int, str}


def read(packed: bytes) -> int | str:
    """How many entries an archive has, or why it has none."""
    reader = tar.Reader(streams.buffered(io.BytesIO(packed)))  # pyright: ignore[reportArgumentType] - BytesIO is all that is read of it
    try:
        return sum(len(reader.read(entry.size)) >= 0 for entry in reader.entries())
    except faults.Fault as fault:
        return str(fault)


@pytest.mark.parametrize(
    ("packed", "wish"),
    [
        (gzip.compress(archive({"zeros": file(bytes(20 << 20))})), {"size": 10 << 20}),
        (archive({"a": file(bytes(3000)), "b": file(bytes(3000))}), {"size": 6000}),
        (gzip.compress(SMALL + bytes(20 << 20)), {"size": 1 << 20}),
        (archive({f"{number}": file() for number in range(11)}), {"entries": 10}),
        (archive({"/".join("abcdefghijklmnop"): file()}), {"entries": 10}),
    ],
    ids=["a bomb", "two files", "a tail", "many entries", "many directories"],
)
def test_what_grows_too_large_is_refused(tmp_path, packed, wish):
    with pytest.raises(faults.Fault, match="--max-"):
        unpacked(tmp_path, packed, **wish)

    assert not (tmp_path / "bundle").exists()


def test_a_layer_that_grows_too_large_is_refused(tmp_path):
    images = Images(tmp_path / "images")
    images.name(images.image(*[archive({"zeros": file(bytes(4 << 20))})] * 3, packing="+gzip"))

    with pytest.raises(faults.Fault, match="--max-size"):
        unpacked(tmp_path, images.directory, size=10 << 20)


def test_memory_does_not_grow_with_the_archive(tmp_path):
    (tmp_path / "source").write_bytes(gzip.compress(archive({"zeros": file(bytes(300 << 20))}), 1))

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (220 << 20, 220 << 20))

    command = [sys.executable, "-m", "bundles", "unpack", str(tmp_path / "source"), str(tmp_path / "ship")]
    done = subprocess.run(command, cwd=ROOT, preexec_fn=limited, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")


# --- the bundle's place ----------------------------------------------------------------------------------------------


def test_a_bundle_that_is_there_is_not_touched(tmp_path):
    (tmp_path / "source").write_bytes(SMALL)
    (tmp_path / "ship").mkdir()
    (tmp_path / "ship" / "cargo").write_text("tea")

    assert_refused(bundles("unpack", "source", "ship", cwd=tmp_path))
    assert_refused(bundles("unpack", "source", "source", cwd=tmp_path))
    assert_refused(bundles("unpack", "source", "source/below", cwd=tmp_path))
    assert tree(tmp_path) == {"ship": None, "ship/cargo": b"tea", "source": SMALL}


def test_an_empty_directory_becomes_the_bundle(tmp_path):
    (tmp_path / "source").write_bytes(SMALL)
    (tmp_path / "ship").mkdir(mode=0o750)

    assert bundles("unpack", "../source", ".", cwd=tmp_path / "ship").returncode == 0
    assert sorted(os.listdir(tmp_path / "ship")) == ["config.json", "rootfs"]
    assert stat.S_IMODE((tmp_path / "ship").stat().st_mode) == 0o750


@pytest.mark.parametrize(
    "arguments",
    [
        ["unpack"],
        ["unpack", "source"],
        ["unpack", "nowhere", "ship"],
        ["unpack", "empty", "ship"],
        ["unpack", "/dev/null", "ship"],
        ["unpack", "source", "ship", "--max-size=some"],
        ["unpack", "source", "ship", "--max-entries=-1"],
        ["unpack", "source", "ship", "--reference=x"],
        ["unpack", "source", "ship", "ls"],
        ["unpack", "source", "/proc/ship"],
    ],
)
def test_misuse_is_one_line_and_leaves_nothing(tmp_path, arguments):
    (tmp_path / "source").write_bytes(SMALL)
    (tmp_path / "empty").mkdir()

    assert_refused(bundles(*arguments, cwd=tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["empty", "source"]


@only_root
def test_a_full_disk_leaves_nothing(tmp_path):
    (tmp_path / "source").write_bytes(archive({"a": file(b"x"), "large": file(bytes(4 << 20))}))
    (tmp_path / "disk").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", tmp_path / "disk"], check=True)
    try:
        for place in ("disk/ship", "disk"):
            done = bundles("unpack", "source", place, cwd=tmp_path)

            assert_refused(done)
            assert "'large': No space left on device" in done.stderr
            assert os.listdir(tmp_path / "disk") == []
    finally:
        subprocess.run(["umount", tmp_path / "disk"], check=True)


@pytest.fixture
def signals_are_heard() -> Iterator[None]:
    """A background job is begun with some signals ignored, and would hand that on to the program."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_nothing(tmp_path, number, signals_are_heard):
    """The archive comes through a pipe that stays open: the program is in the middle of it for certain."""
    packed = archive({"a": file(bytes(3 << 20))})
    images = tmp_path / "parts" / "ship"
    command = [sys.executable, "-m", "bundles", "unpack", "-", str(images)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(packed[: 2 << 20])
    process.stdin.flush()
    deadline = time.monotonic() + 30
    while not images.exists() and time.monotonic() < deadline:
        os.sched_yield()
    process.send_signal(number)
    told = process.communicate(timeout=30)

    assert (process.returncode, told) == (2, (b"", b""))
    assert list(tmp_path.iterdir()) == []
