"""Archives and image layouts, written here by Python's tarfile, and what became of them."""

import gzip
import hashlib
import io
import json
import os
import pathlib
import stat
import tarfile
from typing import Any

from bundles import unpack

#: An entry: a name and what of a TarInfo is not as usual; `content` is the file's.
Entries = dict[str, dict[str, Any]]
AMD64 = {"os": "linux", "architecture": "amd64"}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def file(content: bytes = b"", **more: Any) -> dict[str, Any]:
    return {"content": content, **more}


def folder(**more: Any) -> dict[str, Any]:
    return {"type": tarfile.DIRTYPE, "mode": 0o755, **more}


def link(target: str, **more: Any) -> dict[str, Any]:
    return {"type": tarfile.SYMTYPE, "linkname": target, **more}


def hard_link(target: str) -> dict[str, Any]:
    return {"type": tarfile.LNKTYPE, "linkname": target}


def device(major: int, minor: int) -> dict[str, Any]:
    return {"type": tarfile.CHRTYPE, "devmajor": major, "devminor": minor}


def archive(entries: Entries | list[tuple[str, dict[str, Any]]], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive of these entries, in this order; owners are whoever runs the tests."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as tar:
        for name, given in entries.items() if isinstance(entries, dict) else entries:
            info = tarfile.TarInfo(name)
            info.uid, info.gid = os.geteuid(), os.getegid()
            for key, value in given.items():
                if key != "content":
                    setattr(info, key, value)
            content = given.get("content", b"")
            info.size = given.get("size", len(content))
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def unpacked(directory: pathlib.Path, source: bytes | pathlib.Path, *args: str, **wish: Any) -> pathlib.Path:
    """The root file system that becomes of an archive."""
    if isinstance(source, bytes):
        (directory / "source").write_bytes(source)
        source = directory / "source"
    unpack.run(unpack.Wish(source, directory / "bundle", list(args), **wish))
    return directory / "bundle" / "rootfs"


def config_of(rootfs: pathlib.Path) -> dict[str, Any]:
    return json.loads((rootfs.parent / "config.json").read_text())


def tree(rootfs: pathlib.Path) -> dict[str, Any]:
    """All that is in a root file system: content or link of each name, a directory as None."""
    found: dict[str, Any] = {}
    for path in sorted(rootfs.rglob("*")):
        mode = path.lstat().st_mode
        name = str(path.relative_to(rootfs))
        if stat.S_ISLNK(mode):
            found[name] = os.readlink(path)
        else:
            found[name] = path.read_bytes() if stat.S_ISREG(mode) else None
    return found


class Images:
    """An image layout in the making."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        self.manifests: list[dict[str, Any]] = []
        (directory / "blobs").mkdir(parents=True)
        self.write("oci-layout", {"imageLayoutVersion": "1.0.0"})

    def write(self, name: str, document: Any) -> None:
        (self.directory / name).write_text(json.dumps(document))

    def blob(self, content: bytes, kind: str, algorithm: str = "sha256") -> dict[str, Any]:
        digest = hashlib.new(algorithm, content).hexdigest()
        (self.directory / "blobs" / algorithm).mkdir(exist_ok=True)
        (self.directory / "blobs" / algorithm / digest).write_bytes(content)
        return {"mediaType": kind, "digest": f"{algorithm}:{digest}", "size": len(content)}

    def document(self, content: Any, kind: str) -> dict[str, Any]:
        return self.blob(json.dumps(content).encode(), kind)

    def image(self, *layers: bytes, packing: str = "", about: Any = AMD64, **config: Any) -> dict[str, Any]:
        """An image's manifest among the blobs, its layers given as they are before they are packed."""
        whole = {
            **about,
            "config": {"Cmd": ["/bin/sh"], **config},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in layers]},
        }
        packed = [gzip.compress(each) if packing == "+gzip" else each for each in layers]
        manifest = {
            "schemaVersion": 2,
            "config": self.document(whole, CONFIG),
            "layers": [self.blob(each, LAYER + packing) for each in packed],
        }
        return self.document(manifest, MANIFEST)

    def name(self, manifest: dict[str, Any], reference: str = "", **more: Any) -> None:
        """Put a manifest into the index."""
        annotations = {"org.opencontainers.image.ref.name": reference} if reference else {}
        self.manifests.append({**manifest, "annotations": annotations, **more})
        self.write("index.json", {"schemaVersion": 2, "manifests": self.manifests})

    def archive(self) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            tar.add(self.directory, arcname=".")
        return packed.getvalue()
