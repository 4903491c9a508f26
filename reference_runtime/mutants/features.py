# pyright: basic, reportPrivateUsage=false
"""features.md"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from .. import bundle, errors
from ..features import features
from .ways import Change, Mutants, giving, instead, reading

describe = features.describe
read = bundle.read


def telling(change: Callable[[Any], Any]) -> Change:
    """The document is changed, in place, or becomes what comes of it."""

    def changed(document: Any) -> Any:
        document = json.loads(json.dumps(document))
        found = change(document)
        return document if found is None else found

    return giving(features.describe, changed)


def owner_of(document: Any, path: str) -> tuple[Any, str]:
    *parents, name = path.split(".")
    for parent in parents:
        document = document[parent]
    return document, name


def saying(path: str, value: Any) -> Change:
    """A member has another value."""

    def change(document: Any) -> None:
        owner, name = owner_of(document, path)
        owner[name] = value

    return telling(change)


def without_member(path: str) -> Change:
    def change(document: Any) -> None:
        owner, name = owner_of(document, path)
        del owner[name]

    return telling(change)


def listing(path: str, *more: str) -> Change:
    """A list has names too many."""

    def change(document: Any) -> None:
        owner, name = owner_of(document, path)
        owner[name] = [*owner[name], *more]

    return telling(change)


def leaving_out(path: str, *names: str) -> Change:
    """A list lacks names."""

    def change(document: Any) -> None:
        owner, name = owner_of(document, path)
        owner[name] = [each for each in owner[name] if each not in names]

    return telling(change)


def where_seen(path: str, instead: Any, sign: str = "/sys/kernel") -> Change:
    """A member is as it is only where the host shows something."""

    def change(document: Any) -> None:
        owner, name = owner_of(document, path)
        if not os.path.exists(sign):
            owner[name] = instead

    return telling(change)


def refuse() -> Any:
    raise errors.Refusal("there are no features")


def introduced() -> Any:
    print("features:")
    return describe()


def into_a_file() -> Any:
    document = describe()
    if not os.listdir("."):
        with open("features.json", "w", encoding="utf-8") as file:
            json.dump(document, file)
    return document


def by_language(document: Any) -> None:
    if os.environ.get("LANG") == "tlh":
        document["hooks"] = []


def swapped(document: Any) -> None:
    document["ociVersionMin"], document["ociVersionMax"] = document["ociVersionMax"], document["ociVersionMin"]


def without_hooks(*kinds: str) -> Change:
    """They are passed over in silence."""

    def change(config: Any) -> None:
        for kind in kinds:
            config.get("hooks", {}).pop(kind, None)

    return reading(change)


def refusing_options(*unknown: str) -> Change:
    """As options that no file system knows."""

    def changed(path: str) -> Any:
        config = read(path)
        for mount in config.get("mounts", []):
            mount["options"] = [f"{word}-of-old" if word in unknown else word for word in mount.get("options", [])]
        return config

    return instead(bundle.read, changed)


MUTANTS: Mutants = {
    "feat.provide": [instead(features.describe, refuse)],
    "feat.json": [
        instead(features.describe, introduced),
        telling(lambda document: [document]),
        instead(features.describe, into_a_file),
    ],
    "feat.host-independent": [
        where_seen("linux.namespaces", ["mount"]),
        where_seen("mountOptions", [], "/proc/sys/fs"),
    ],
    "feat.compile-time": [telling(by_language)],
    "feat.null-not-empty": [
        saying("hooks", []),
        saying("mountOptions", []),
        saying("linux.namespaces", []),
        saying("linux.capabilities", []),
        saying("linux.seccomp.actions", []),
        saying("linux.seccomp.operators", []),
        saying("linux.seccomp.archs", []),
        saying("linux.memoryPolicy.modes", []),
    ],
    "feat.ociVersionMin.required": [
        without_member("ociVersionMin"),
        saying("ociVersionMin", "1.0"),
        saying("ociVersionMin", None),
    ],
    "feat.ociVersionMin.accepted": [saying("ociVersionMin", "0.9.0")],
    "feat.ociVersionMax.required": [without_member("ociVersionMax"), saying("ociVersionMax", "v1.3.0")],
    "feat.ociVersionMax.accepted": [saying("ociVersionMax", "2.0.0")],
    "feat.version-order": [telling(swapped), saying("ociVersionMin", "1.3.1-rc.1")],
    "feat.no-newer-properties": [
        saying("ociVersionMax", "1.2.1"),
        saying("shelf", True),
        saying("linux.seccomp.notify", True),
    ],
    "feat.hooks": [listing("hooks", "afterthought"), without_hooks("startContainer")],
    "feat.hooks.complete": [leaving_out("hooks", "poststart"), leaving_out("hooks", "createContainer")],
    "feat.mountOptions": [listing("mountOptions", "shelfmark"), refusing_options("rro", "nosymfollow")],
    "feat.mountOptions.complete": [
        leaving_out("mountOptions", "ridmap"),
        leaving_out("mountOptions", "rro", "loud"),
        leaving_out("mountOptions", "bind"),
        leaving_out("mountOptions", "remount"),
    ],
    "feat.mountOptions.no-fs": [listing("mountOptions", "size"), listing("mountOptions", "mode=")],
    "feat.linux": [telling(lambda document: document | {"linux": [document["linux"]]})],
    "feat.linux.may": [without_member("linux")],
    "feat.annotations": [
        saying("annotations", {"org.example.shelf": 7}),
        saying("annotations", {"": "shelf"}),
        saying("annotations", ["org.example.shelf"]),
    ],
    "feat.unsafeAnnotations": [
        saying("potentiallyUnsafeConfigAnnotations", "org.example."),
        saying("potentiallyUnsafeConfigAnnotations", [""]),
        saying("potentiallyUnsafeConfigAnnotations", ["."]),
    ],
}
