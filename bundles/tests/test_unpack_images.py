"""python -m bundles unpack: OCI image layouts, their layers and what their config becomes."""

import gzip
import json
import shutil
import subprocess
from typing import Any

import pytest

from bundles import contracts, validate
from bundles.unpacking import faults

from .archives import INDEX, LAYER, Entries, archive, config_of, file, folder, hard_link, link, tree, unpacked

BELOW: Entries = {
    "etc": folder(),
    "etc/passwd": file(b"root:x:0:0::/:/bin/sh\nbroken\nada:x:1815:100::/home:\nbad:x:y:z::\n"),
    "etc/group": file(b"root:x:0:\nusers:x:100:ada\nmath:x:1843:bob,ada\nengine:x:1837:ada\nbad:x:q:ada\n"),
}
BASE = archive(BELOW)


@pytest.mark.parametrize("packing", ["", "+gzip"])
@pytest.mark.parametrize("form", ["directory", "archive", "compressed archive"])
def test_an_image_is_unpacked_layer_by_layer(tmp_path, images, form, packing):
    above = archive({"etc/motd": file(b"new"), "etc/.wh.group": file()})
    images.name(images.image(archive({**BELOW, "etc/motd": file(b"old")}), above, packing=packing))
    source = {"directory": lambda: images.directory, "archive": images.archive}.get(
        form, lambda: gzip.compress(images.archive())
    )()

    rootfs = unpacked(tmp_path, source)

    assert tree(rootfs) == {"etc": None, "etc/motd": b"new", "etc/passwd": BELOW["etc/passwd"]["content"]}
    assert validate.findings(config_of(rootfs), rootfs.parent) == []
    assert sorted(each.name for each in rootfs.parent.iterdir()) == ["config.json", "rootfs"]


def test_digests_may_be_sha512(tmp_path, images):
    manifest = json.loads(images.directory.joinpath("blobs", *images.image(BASE)["digest"].split(":")).read_bytes())
    manifest["layers"] = [images.blob(BASE, LAYER, "sha512")]
    images.name(images.document(manifest, "application/vnd.oci.image.manifest.v1+json"))

    assert "etc/passwd" in tree(unpacked(tmp_path, images.directory))


@pytest.mark.skipif(not shutil.which("zstd"), reason="needs the program zstd (apt install zstd)")
def test_a_layer_may_be_zstd(tmp_path, images):
    whole = images.directory.joinpath("blobs", *images.image(BASE)["digest"].split(":"))
    manifest = json.loads(whole.read_bytes())
    packed = subprocess.run(["zstd", "--stdout"], input=BASE, capture_output=True, check=True).stdout
    manifest["layers"] = [images.blob(packed, f"{LAYER}+zstd")]
    images.name(images.document(manifest, "application/vnd.oci.image.manifest.v1+json"))

    assert "etc/passwd" in tree(unpacked(tmp_path, images.directory))


# --- whiteouts -------------------------------------------------------------------------------------------------------

LOWER = {"a": folder(), "a/b": folder(mode=0o700), "a/b/old": file(b"old"), "a/c": file(b"c"), "d": link("a")}

#: What a layer has, and what is there then; None: as it was.
CHANGESETS: dict[str, tuple[list[tuple[str, dict[str, Any]]], dict[str, Any] | None]] = {
    "a file": ([("a/.wh.c", file())], {"a": None, "a/b": None, "a/b/old": b"old", "d": "a"}),
    "a directory": ([("a/.wh.b", file())], {"a": None, "a/c": b"c", "d": "a"}),
    "a link, not where it leads": (
        [(".wh.d", file())],
        {"a": None, "a/b": None, "a/b/old": b"old", "a/c": b"c"},
    ),
    "nothing": ([("a/.wh.x", file()), ("no/.wh.x", file())], None),
    "nothing below a link": ([("d/.wh.c", file()), ("d/.wh..wh..opq", file())], None),
    "nothing below a file": ([("a/c/.wh..wh..opq", file())], None),
    "opaque first": (
        [("a/", folder()), ("a/.wh..wh..opq", file()), ("a/b/new", file(b"new"))],
        {"a": None, "a/b": None, "a/b/new": b"new", "d": "a"},
    ),
    "opaque last": (
        [("a/b/new", file(b"new")), ("a/c", file(b"mine")), ("a/.wh..wh..opq", file())],
        {"a": None, "a/b": None, "a/b/new": b"new", "a/c": b"mine", "d": "a"},
    ),
    "opaque root": ([("./.wh..wh..opq", file()), ("e", file())], {"e": b""}),
    "its own file stays": (
        [("a/c", file(b"mine")), ("a/.wh.c", file())],
        {"a": None, "a/b": None, "a/b/old": b"old", "a/c": b"mine", "d": "a"},
    ),
    "a directory made again": (
        [("a/b/new", file(b"new")), ("a/.wh.b", file())],
        {"a": None, "a/b": None, "a/b/new": b"new", "a/c": b"c", "d": "a"},
    ),
    "a directory for a link": (
        [("d/.wh..wh..opq", file()), ("d", folder()), ("d/e", file())],
        {"a": None, "a/b": None, "a/b/old": b"old", "a/c": b"c", "d": None, "d/e": b""},
    ),
    "a link to what is hidden": (
        [("e", hard_link("a/c")), ("a/.wh..wh..opq", file())],
        {"a": None, "d": "a", "e": b"c"},
    ),
    "what AUFS left": ([(".wh..wh.plnk/9.9", file()), (".wh..wh.aufs", file())], None),
}


@pytest.mark.parametrize("hidden", CHANGESETS)
def test_a_whiteout_hides_of_lower_layers(tmp_path, images, hidden):
    changes, expected = CHANGESETS[hidden]
    images.name(images.image(archive(LOWER), archive(changes)))
    unchanged = {"a": None, "a/b": None, "a/b/old": b"old", "a/c": b"c", "d": "a"}

    assert tree(unpacked(tmp_path, images.directory)) == (unchanged if expected is None else expected)


def test_a_hidden_directory_leaves_its_mode_behind(tmp_path, images):
    images.name(images.image(archive(LOWER), archive([("a/b/new", file()), ("a/.wh.b", file())])))

    assert unpacked(tmp_path, images.directory).joinpath("a", "b").stat().st_mode & 0o7777 == 0o755


def test_a_whiteout_hides_what_a_later_layer_brings_back(tmp_path, images):
    again = archive({"a/c": file(b"again")})
    images.name(images.image(archive(LOWER), archive({".wh.a": file()}), again, archive({".wh.d": file()})))

    assert tree(unpacked(tmp_path, images.directory)) == {"a": None, "a/c": b"again"}


def test_a_directory_of_both_layers_has_the_attributes_of_the_upper(tmp_path, images):
    images.name(images.image(archive(LOWER), archive({"a": folder(mode=0o711, mtime=7)})))

    above = unpacked(tmp_path, images.directory) / "a"

    assert (above.stat().st_mode & 0o7777, above.stat().st_mtime) == (0o711, 7)
    assert (above / "c").exists()


@pytest.mark.parametrize("name", ["a/.wh.", "a/.wh..", "a/.wh...", ".wh.a/b"])
def test_a_whiteout_of_nothing_is_refused(tmp_path, images, name):
    images.name(images.image(archive(LOWER), archive({name: file()})))

    with pytest.raises(faults.Fault):
        unpacked(tmp_path, images.directory)
    assert not (tmp_path / "bundle").exists()


# --- which image -----------------------------------------------------------------------------------------------------


@pytest.fixture
def several(images):
    """An index with a name, with an image for each of two machines and what is attested; another image beside it."""
    made = {
        machine: images.image(archive({machine: file()}), about={"os": "linux", "architecture": machine})
        for machine in ("s390x", "riscv64", "ppc64le")
    }
    nested = [
        {**made[name], "platform": {"os": "linux", "architecture": name, "variant": "v1"}}
        for name in ("s390x", "riscv64")
    ]
    attested = {**images.image(BASE), "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    index = images.document({"schemaVersion": 2, "manifests": [*nested, attested]}, INDEX)
    images.name(index, "ship")
    images.name(made["ppc64le"], "boat")
    return images


@pytest.mark.parametrize(
    ("wish", "machine"),
    [
        ({"reference": "boat"}, "ppc64le"),
        ({"reference": "ship", "platform": "linux/riscv64"}, "riscv64"),
        ({"platform": "linux/s390x/v1"}, "s390x"),
        ({"platform": "linux/ppc64le"}, "ppc64le"),
    ],
)
def test_one_image_of_several_is_chosen(tmp_path, several, wish, machine):
    assert tree(unpacked(tmp_path, several.directory, **wish)) == {machine: b""}


@pytest.mark.parametrize("wish", [{}, {"reference": "ship"}, {"reference": "no"}, {"platform": "linux/s390x/v2"}])
def test_no_image_is_guessed(tmp_path, several, wish):
    with pytest.raises(faults.Fault, match="riscv64"):
        unpacked(tmp_path, several.directory, **wish)


def test_two_names_of_one_image_are_one(tmp_path, images):
    made = images.image(BASE)
    images.name(made, "one")
    images.name(made, "two")

    assert "etc" in tree(unpacked(tmp_path, images.directory))


# --- the config ------------------------------------------------------------------------------------------------------


def converted(tmp_path, images, *args: str, about: Any = None, volumes: bool = False, **config: Any):
    whole = {"os": "linux", "architecture": "amd64", **(about or {})}
    images.name(images.image(BASE, about=whole, **config))
    return config_of(unpacked(tmp_path, images.directory, *args, volumes=volumes))


def test_the_config_becomes_the_process(tmp_path, images):
    config = converted(
        tmp_path,
        images,
        Entrypoint=["/bin/sail"],
        Cmd=["--fast"],
        Env=["PATH=/sail", "TIDE=high"],
        WorkingDir="/sea",
        User="ada",
    )

    process = contracts.ordinary()["process"]
    assert config["process"] == {
        **process,
        "args": ["/bin/sail", "--fast"],
        "env": ["PATH=/sail", "TIDE=high", "TERM=xterm"],
        "cwd": "/sea",
        "user": {"uid": 1815, "gid": 100, "additionalGids": [1837, 1843]},
    }
    assert {**config, "process": process, "annotations": {}} == {**contracts.ordinary(), "annotations": {}}
    assert validate.findings(config) == []


def test_args_stand_in_for_cmd(tmp_path, images):
    assert converted(tmp_path, images, "-l", Entrypoint=["ls"], Cmd=["-a"])["process"]["args"] == ["ls", "-l"]


def test_the_image_tells_about_itself_unless_a_label_does(tmp_path, images):
    about = {"author": "ada", "created": "1843-10-01T00:00:00Z", "variant": "v3", "os.features": ["x", "y"]}
    labels = {"org.opencontainers.image.author": "babbage", "tide": "high", "blank": ""}
    ports = {"80/tcp": {}, "53/udp": {}}

    config = converted(tmp_path, images, about=about, Labels=labels, ExposedPorts=ports, StopSignal="SIGQUIT")

    assert config["annotations"] == {
        "org.opencontainers.image.os": "linux",
        "org.opencontainers.image.architecture": "amd64",
        "org.opencontainers.image.variant": "v3",
        "org.opencontainers.image.os.features": "x,y",
        "org.opencontainers.image.created": "1843-10-01T00:00:00Z",
        "org.opencontainers.image.author": "babbage",
        "org.opencontainers.image.stopSignal": "SIGQUIT",
        "org.opencontainers.image.exposedPorts": "53/udp,80/tcp",
        "tide": "high",
        "blank": "",
    }


def test_annotations_that_a_runtime_obeys_are_left_out_and_told(tmp_path, images, capsys):
    labels = {"run.oci.handler": "other", "org.systemd.property.ExecStop": "x", "": "y"}

    assert not labels.keys() & converted(tmp_path, images, Labels=labels)["annotations"].keys()
    assert capsys.readouterr().err.count(" is left out\n") == 3


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("", {"uid": 0, "gid": 0}),
        ("0", {"uid": 0, "gid": 0}),
        ("1815", {"uid": 1815, "gid": 100}),
        ("4000", {"uid": 4000, "gid": 0}),
        ("1:2", {"uid": 1, "gid": 2}),
        ("ada:math", {"uid": 1815, "gid": 1843}),
        ("ada:5", {"uid": 1815, "gid": 5}),
        ("9:users", {"uid": 9, "gid": 100}),
        ("root", {"uid": 0, "gid": 0}),
    ],
)
def test_a_user_is_looked_up(tmp_path, images, user, expected):
    assert converted(tmp_path, images, User=user)["process"]["user"] == expected


@pytest.mark.parametrize(
    "config",
    [
        {"User": "babbage"},
        {"User": "bad"},
        {"User": "ada:nobody"},
        {"User": ":"},
        {"User": "4294967295"},
        {"User": 7},
        {"Cmd": []},
        {"Cmd": "ls"},
        {"Cmd": ["a\0b"]},
        {"Cmd": ["\ud800"]},
        {"Env": {"PATH": "/"}},
        {"WorkingDir": "sea"},
        {"Labels": ["x"]},
        {"Labels": {"x": 1}},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_converted_is_refused(tmp_path, images, config):
    with pytest.raises(faults.Fault):
        converted(tmp_path, images, **config)
    assert not (tmp_path / "bundle").exists()


def test_users_are_read_in_the_image_and_nowhere_else(tmp_path, images):
    out = archive({"etc/passwd": link("../../../../../../etc/passwd"), "etc/group": link("/etc/group")})
    images.name(images.image(out, User="daemon"))

    with pytest.raises(faults.Fault):
        unpacked(tmp_path, images.directory)


def test_a_pipe_for_passwd_is_not_waited_for(tmp_path, images):
    images.name(images.image(archive({"etc/passwd": {"type": b"6"}}), User="daemon"))

    with pytest.raises(faults.Fault, match="no user 'daemon'"):
        unpacked(tmp_path, images.directory)


def test_volumes_are_mounted_if_they_are_wished(tmp_path, images):
    mounts = converted(tmp_path, images, volumes=True, Volumes={"/data": {}, "/a/../b": {}})["mounts"]

    assert [each["destination"] for each in mounts if each not in contracts.ordinary()["mounts"]] == ["/b", "/data"]
