"""python -m bundles unpack: layouts that are spoilt, or of no image that can be unpacked."""

import json
from typing import Any

import pytest

from bundles import unpack
from bundles.unpacking import faults

from .archives import INDEX, Images, archive, file, unpacked
from .test_unpack_images import BASE


def spoil(images: Images, name: str) -> None:
    """Break one thing of a whole layout with one image of two layers."""
    manifest = images.manifests[0]
    path = images.directory.joinpath("blobs", *manifest["digest"].split(":"))
    content = json.loads(path.read_bytes())
    layer = images.directory.joinpath("blobs", *content["layers"][0]["digest"].split(":"))
    match name:
        case "version":
            images.write("oci-layout", {"imageLayoutVersion": "2.0.0"})
        case "no index":
            (images.directory / "index.json").unlink()
        case "broken index":
            (images.directory / "index.json").write_text("{")
        case "a list":
            images.write("index.json", [])
        case "no manifests":
            images.write("index.json", {"manifests": []})
        case "changed":
            layer.write_bytes(layer.read_bytes()[:-1] + b"x")
        case "changed in the middle":
            middle = len(layer.read_bytes()) // 2
            layer.write_bytes(layer.read_bytes()[:middle] + b"!" + layer.read_bytes()[middle + 1 :])
        case "cut":
            layer.write_bytes(layer.read_bytes()[:-1])
        case "gone":
            layer.unlink()
        case "a directory":
            layer.unlink()
            layer.mkdir()
        case "changed manifest":
            path.write_bytes(path.read_bytes().replace(b"2", b"3", 1))
        case _:
            change(content, name)
            images.manifests.clear()
            images.name(images.document(content, manifest["mediaType"]))


def change(manifest: dict[str, Any], name: str) -> None:
    first = manifest["layers"][0]
    match name:
        case "size":
            first["size"] += 1
        case "no size":
            del first["size"]
        case "way out":
            first["digest"] = "sha256:../../../../etc/passwd"
        case "weak":
            first["digest"] = "md5:d41d8cd98f00b204e9800998ecf8427e"
        case "encrypted":
            first["mediaType"] += "+encrypted"
        case "one layer less":
            manifest["layers"].pop()
        case "exchanged":
            manifest["layers"].reverse()
        case "layers":
            manifest["layers"] = {}
        case "no layer":
            manifest["layers"][0] = None
        case "artifact":
            manifest["config"]["mediaType"] = "application/vnd.oci.empty.v1+json"
        case _:
            raise AssertionError(name)


SPOILT = """version, no index, broken index, a list, no manifests, changed, changed in the middle, cut, gone,
a directory, changed manifest, size, no size, way out, weak, encrypted, one layer less, exchanged, layers,
no layer, artifact"""


@pytest.mark.parametrize("name", SPOILT.replace("\n", " ").split(", "))
@pytest.mark.parametrize("packing", ["", "+gzip"])
def test_a_spoilt_layout_is_refused_and_nothing_is_left(tmp_path, images, name, packing):
    images.name(images.image(BASE, archive({"more": file()}), packing=packing))
    spoil(images, name)

    with pytest.raises(faults.Fault) as told:
        unpack.run(unpack.Wish(images.directory, tmp_path / "bundle", []))

    assert not (tmp_path / "bundle").exists()
    assert "\n" not in str(told.value)
    if name.startswith("changed"):
        assert "digest" in str(told.value)


def test_an_image_for_another_system_is_refused(tmp_path, images):
    images.name(images.image(BASE, about={"os": "windows", "architecture": "amd64"}))

    with pytest.raises(faults.Fault, match="windows"):
        unpacked(tmp_path, images.directory)


def test_indices_that_nest_forever_are_refused(tmp_path, images):
    nested = images.image(BASE)
    for _ in range(20):
        nested = images.document({"manifests": [nested]}, INDEX)
    images.name(nested)

    with pytest.raises(faults.Fault, match="indices in indices"):
        unpacked(tmp_path, images.directory)


def test_what_docker_saved_long_ago_is_named(tmp_path):
    packed = archive({"manifest.json": file(b"[]"), "repositories": file(b"{}"), "abc/layer.tar": file()})

    with pytest.raises(faults.Fault, match="version 25"):
        unpacked(tmp_path, packed)
