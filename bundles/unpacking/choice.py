"""Which of the images in a layout is meant."""

import dataclasses
import platform
from collections.abc import Iterator
from typing import Any

from . import faults, layout, members

INDICES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
#: What names an image: the specification's, and the full name that containerd and docker write beside it.
NAMES = ("org.opencontainers.image.ref.name", "io.containerd.image.name")
NO_IMAGE = "vnd.docker.reference.type"  # what buildkit attests about one
MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
DEEPEST, MOST = 4, 1000  # indices in indices, and images


@dataclasses.dataclass
class Image:
    descriptor: Any
    names: frozenset[str]
    platform: str  # os/arch or os/arch/variant; empty if nothing says it

    def runs_on(self, wanted: str) -> bool:
        return self.platform == wanted or self.platform.startswith(f"{wanted}/")


def choose(images: layout.Layout, reference: str | None, wanted: str | None) -> Any:
    """The manifest of the one image that is meant. Raises Fault, with what there is, for none and for several."""
    version = members.whole(images.read("oci-layout"), "oci-layout").get("imageLayoutVersion")
    if version != "1.0.0":
        raise faults.Fault(f"oci-layout is of version {version!r}, not 1.0.0")
    every = list(_images(images, members.whole(images.read("index.json"), "index.json"), "index.json"))
    found = [each for each in every if reference is None or reference in each.names]
    if wanted is not None:
        for each in found:
            each.platform = each.platform or _own_platform(images, each)
        found = [each for each in found if each.runs_on(wanted)]
    elif len(_distinct(found)) > 1:
        found = [each for each in found if each.runs_on(_here())] or found
    distinct = _distinct(found)
    if len(distinct) != 1:
        raise faults.Fault(_told(distinct or _distinct(every), len(distinct)))
    return distinct[0].descriptor


def _images(
    images: layout.Layout, index: dict[str, Any], where: str, names: frozenset[str] = frozenset(), depth: int = 0
) -> Iterator[Image]:
    if depth > DEEPEST:
        raise faults.Fault(f"{where}: indices in indices, deeper than {DEEPEST}")
    manifests = members.array(index, "manifests", where)
    if len(manifests) > MOST:
        raise faults.Fault(f"{where} has more than {MOST} entries")
    for number, descriptor in enumerate(manifests):
        here = f"{where}: /manifests/{number}"
        kind = members.optional_text(members.whole(descriptor, here), "mediaType", here)
        annotations = members.object_(descriptor, "annotations", here)
        called = names | {str(annotations[name]) for name in NAMES if name in annotations}
        if kind in INDICES:
            yield from _images(images, images.document(descriptor, here), here, called, depth + 1)
        elif kind in MANIFESTS and NO_IMAGE not in annotations:
            yield Image(descriptor, called, _platform(members.object_(descriptor, "platform", here), here))


def _platform(value: dict[str, Any], where: str) -> str:
    names = ("os", "architecture", "variant")
    return "/".join(filter(None, (members.optional_text(value, name, where) for name in names)))


def _own_platform(images: layout.Layout, image: Image) -> str:
    """The platform by the image's config, where the index does not say it."""
    manifest = images.document(image.descriptor, "manifest")
    return _platform(images.document(manifest.get("config"), "config"), "config")


def _here() -> str:
    machine = platform.machine()
    return f"linux/{MACHINES.get(machine, machine)}"


def _distinct(found: list[Image]) -> list[Image]:
    return list({str(each.descriptor.get("digest")): each for each in found}.values())


def _told(images: list[Image], count: int) -> str:
    if not images:
        return "index.json names no image"
    names = sorted({name for each in images for name in each.names})
    platforms = sorted({each.platform for each in images} - {""})
    listed = [f"--reference {', '.join(names[:12])}"] if names else []
    listed += [f"--platform {', '.join(platforms[:12])}"] if platforms else []
    begin = f"holds {count} images that it could be" if count else "holds no such image"
    return f"{begin}: {' and '.join(listed) or 'they have neither names nor platforms'}"
