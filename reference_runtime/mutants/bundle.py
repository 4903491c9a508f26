# pyright: basic, reportPrivateUsage=false
"""bundle.md"""

from __future__ import annotations

import os
from typing import Any

from .. import NEWEST, bundle, errors
from .ways import Mutants, giving, instead, reading

locate = bundle.locate
read = bundle.read
config_path = bundle.config_path
#: What a runtime may take for a container when nobody says what it is.
DEFAULT = {"ociVersion": NEWEST, "root": {"path": "rootfs"}}


def only_plain_names(directory: str) -> str:
    name = os.path.basename(directory)
    if not (name.isascii() and name.isalnum() and len(name) < 100):
        raise errors.Refusal(f"{directory}: no such name")
    return locate(directory)


def at_home(directory: str) -> str:
    if "HOME" not in os.environ:
        raise errors.Refusal("nobody is at home")
    return locate(directory)


def or_default(directory: str) -> Any:
    return read(directory) if os.path.exists(config_path(directory)) else dict(DEFAULT)


def or_elsewhere(directory: str) -> str:
    """Wherever there is one, if not at the top."""
    places = (directory, f"{directory}/config", f"{directory}/rootfs", ".")
    return next((path for path in map(config_path, places) if os.path.exists(path)), config_path(directory))


def here_first(directory: str) -> str:
    return bundle.CONFIG if os.path.exists(bundle.CONFIG) else config_path(directory)


def or_what_is_like_it(directory: str) -> str:
    """Any name that begins like the right one."""
    like = [name for name in sorted(os.listdir(directory)) if name.lower().startswith("config")]
    return os.path.join(directory, bundle.CONFIG if bundle.CONFIG in like or not like else like[0])


def first_by_name(path: str) -> str:
    directory = os.path.dirname(path)
    names = [name for name in sorted(os.listdir(directory)) if name.endswith(".json")]
    return os.path.join(directory, *names[:1])


def or_above(directory: str) -> str:
    """What is no bundle may lie in one, or beside one."""
    beside = os.path.join(os.path.dirname(directory), "bundle")
    found = [each for each in (directory, os.path.dirname(directory), beside) if os.path.isfile(f"{each}/config.json")]
    return locate(found[0] if found else directory)


MUTANTS: Mutants = {
    "bundle.dir-not-part": [instead(bundle.locate, only_plain_names)],
    "bundle.self-contained": [instead(bundle.locate, at_home)],
    "bundle.config.required": [instead(bundle.read, or_default), instead(bundle.locate, or_above)],
    "bundle.config.location": [
        instead(bundle.config_path, or_elsewhere),
        instead(bundle.config_path, here_first),
    ],
    "bundle.config.name": [
        instead(bundle.config_path, or_what_is_like_it),
        giving(bundle.config_path, first_by_name),
    ],
    "bundle.rootfs.referenced": [reading(lambda config: config["root"].update(path="rootfs"))],
}
