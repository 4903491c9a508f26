"""A bundle made of an archive: a root file system (docker export), or an OCI image (docker save).

All is made in a directory that nobody else can enter, and moved to its place at the end: config.json last, so that a
bundle that has one is whole. What goes wrong, an interrupt too, leaves nothing behind.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator
from typing import Any

from . import document
from .unpacking import choice, faults, image, layers, layout, limits, members, source, streams, tar, tree

LAYERS = (
    *(f"application/vnd.oci.image.layer.{kind}v1.tar" for kind in ("", "nondistributable.")),
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.image.rootfs.foreign.diff.tar",
)
PACKINGS = ("", "+gzip", "+zstd", ".gzip", ".zstd")
CONFIGS = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")


@dataclasses.dataclass
class Wish:
    """What was asked for."""

    source: pathlib.Path
    bundle: pathlib.Path
    args: list[str]
    reference: str | None = None
    platform: str | None = None
    devices: bool = True
    volumes: bool = False
    size: int = limits.SIZE
    entries: int = limits.ENTRIES

    def budget(self) -> limits.Budget:
        return limits.Budget(self.size, self.entries)


def run(wish: Wish) -> int:
    """Make the bundle. Raises Fault and OSError, and leaves nothing then."""
    with source.opened(wish.source) as file, _work(wish.bundle) as work:
        rootfs = work / "rootfs"
        rootfs.mkdir(mode=0o700)
        root = tree.Tree(rootfs, wish.budget(), wish.devices)
        with contextlib.closing(root):
            try:
                config, told = _fill(wish, file, root, work)
                root.settle()
            except (faults.Fault, document.DocumentError) as fault:
                raise faults.Fault(f"{wish.source}: {fault}") from fault
            _publish(wish.bundle, work, config)
            root.settle_root()
        for line in [*told, *_left_out(root)]:
            print(f"python -m bundles: {line}", file=sys.stderr)
    return 0


def _fill(wish: Wish, file: int | None, root: tree.Tree, work: pathlib.Path) -> tuple[dict[str, Any], list[str]]:
    """Unpack into the tree; the config, and what there is to tell."""
    if file is None:
        return _image(wish, layout.Directory(wish.source), root)
    with source.seekable(file, work, wish.budget()) as archive:
        with source.layout_in(archive, work, wish.budget()) as found:
            if found:
                return _image(wish, found, root)
        if wish.reference or wish.platform:
            raise faults.Fault("is a root file system, and no image that --reference and --platform could choose")
        with source.content(archive, root.budget) as stream:
            if not layers.extract(root, tar.Reader(stream)):
                raise faults.Fault("holds no entry")
        return image.plain(wish.args), []


def _image(wish: Wish, images: layout.Layout, root: tree.Tree) -> tuple[dict[str, Any], list[str]]:
    manifest = images.document(choice.choose(images, wish.reference, wish.platform), "manifest")
    kind = members.optional_text(members.object_(manifest, "config", "manifest"), "mediaType", "manifest: /config")
    if kind not in CONFIGS:
        raise faults.Fault(f"the manifest is of no image that can run: its config is {kind!r}")
    about = images.document(manifest["config"], "config")
    if (system := members.text(about, "os", "config")) != "linux":
        raise faults.Fault(f"the image is for {system!r}, not for linux")
    listed = members.array(manifest, "layers", "manifest")
    expected = members.texts(members.object_(about, "rootfs", "config"), "diff_ids", "config: /rootfs")
    if len(listed) != len(expected):
        raise faults.Fault(f"the manifest has {len(listed)} layers and the config {len(expected)}")
    for number, (descriptor, diff_id) in enumerate(zip(listed, expected, strict=True)):
        _layer(images, descriptor, diff_id, f"layer {number}", root)
    config, dropped = image.convert(about, root, wish.args, wish.volumes)
    return config, [f"annotation {name!r} of the image is left out" for name in dropped]


def _layer(images: layout.Layout, descriptor: Any, diff_id: str, what: str, root: tree.Tree) -> None:
    kind = members.text(members.whole(descriptor, what), "mediaType", what)
    if not any(kind == name + packing for name in LAYERS for packing in PACKINGS):
        raise faults.Fault(f"{what} is of a type that is not known: {kind!r}")
    match = layout.DIGEST.fullmatch(diff_id)
    if not match:
        raise faults.Fault(f"{what} has the diff id {diff_id[:100]!r}: it is neither sha256 nor sha512")
    hashed = hashlib.new(match[1] or match[3])
    with images.blob(descriptor, what) as stream:
        try:
            with streams.decompressed(stream) as plain:
                seen = streams.Measured(plain, hashed.update, lambda passed: root.budget.spend(len(passed)))
                content = streams.buffered(seen)
                layers.apply(root, tar.Reader(content, needs_end=False))
                streams.drain(content)
        except faults.Fault as fault:
            raise faults.Fault(f"{what}: {fault}") from fault
    if hashed.hexdigest() != (match[2] or match[4]):
        raise faults.Fault(f"{what} holds something else than the config's diff id says: {diff_id}")


@contextlib.contextmanager
def _work(bundle: pathlib.Path) -> Generator[pathlib.Path, None, None]:
    """A directory of our own in the bundle's; what is made for it is removed again if it does not become one."""
    if bundle.is_dir() and any(bundle.iterdir()):
        raise faults.Fault(f"{bundle}: is there already, and not empty")
    missing = [each for each in (bundle, *bundle.parents) if not each.exists() and not each.is_symlink()]
    with contextlib.ExitStack() as undo:
        for each in reversed(missing):
            undo.callback(_remove_empty, each)
            # Programs in it may be set-user-ID: only who made the bundle shall reach them.
            each.mkdir(mode=0o700 if each == bundle else 0o777)
        work = pathlib.Path(tempfile.mkdtemp(prefix=".unpacking-", dir=bundle))
        undo.callback(_take_back, bundle, work)
        yield work
        undo.pop_all()
        work.rmdir()


def _publish(bundle: pathlib.Path, work: pathlib.Path, config: dict[str, Any]) -> None:
    written = work / "config.json"
    written.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (work / "rootfs").rename(bundle / "rootfs")
    written.rename(bundle / "config.json")


def _left_out(root: tree.Tree) -> list[str]:
    counted = [f"{count} {what}" for what, count in sorted(root.clothes.left_out.items()) if count]
    reason = "" if root.clothes.is_root else ": only root may make them"
    return [f"left out: {', '.join(counted)}{reason}"] if counted else []


def _take_back(bundle: pathlib.Path, work: pathlib.Path) -> None:
    """Remove what was made, whoever loses patience meanwhile."""
    before = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        (bundle / "config.json").unlink(missing_ok=True)
        for each in (work, bundle / "rootfs"):
            if each.exists():
                _remove(each)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _remove(directory: pathlib.Path) -> None:
    directory.chmod(0o700)
    for place, names, _ in os.walk(directory):
        for name in names:
            if not (path := pathlib.Path(place, name)).is_symlink():
                path.chmod(0o700)
    shutil.rmtree(directory)


def _remove_empty(directory: pathlib.Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        directory.rmdir()
