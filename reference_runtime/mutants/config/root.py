# pyright: basic, reportPrivateUsage=false
"""config.md#configSpecificationVersion, config.md#configRoot"""

from __future__ import annotations

import os
from typing import Any

from ... import NEWEST, errors, releases
from ...config import root, specification_version, valid_values
from ..ways import Mutants, given, instead, reading, without

locate = root.locate
required = valid_values.required


def refuse_all_but_newest(config: Any) -> None:
    if config["ociVersion"] != NEWEST:
        raise errors.Unsupported("ociVersion", "not mine")


def refuse_newer(config: Any) -> None:
    if releases.precedence(config["ociVersion"]) > releases.precedence(NEWEST):
        raise errors.Unsupported("ociVersion", "not mine yet")


def refuse_prerelease(config: Any) -> None:
    if "-" in config["ociVersion"]:
        raise errors.Unsupported("ociVersion", "not released")


def digits_only(config: Any) -> None:
    if "+" in config.get("ociVersion", ""):
        raise errors.InvalidConfig("ociVersion", "not three numbers")


def forgive_malformed(config: Any) -> None:
    version = config.get("ociVersion")
    if isinstance(version, str) and not specification_version.SEMVER.fullmatch(version):
        config["ociVersion"] = "1.0.0"


def from_the_current_directory(config: Any, bundle: str) -> str:
    path = os.path.abspath(config["root"]["path"])
    return path if os.path.isdir(path) else locate(config, bundle)


def make_missing(config: Any, bundle: str) -> None:
    path = os.path.join(bundle, config["root"]["path"])
    if not os.path.isdir(path):
        if os.path.lexists(path):
            os.unlink(path)
        os.mkdir(path)


def let_the_host_in(config: Any) -> None:
    config["mounts"].append({"destination": "/run", "source": "/run", "options": ["rbind"]})


MUTANTS: Mutants = {
    "cfg.ociVersion.required": [
        instead(valid_values.required, lambda path: [name for name in required(path) if name != "ociVersion"])
    ],
    "cfg.ociVersion.compat-forward": [instead(specification_version.refuse_unsupported, refuse_all_but_newest)],
    "cfg.ociVersion.semver": [reading(forgive_malformed), reading(digits_only)],
    "cfg.ociVersion.newer": [instead(specification_version.refuse_unsupported, refuse_newer)],
    "cfg.ociVersion.prerelease": [instead(specification_version.refuse_unsupported, refuse_prerelease)],
    "cfg.ociVersion.unsupported": [without(specification_version.refuse_unsupported)],
    "root.required": [reading(lambda config: config.setdefault("root", {"path": "rootfs"}))],
    "root.path.required": [
        reading(lambda config: config["root"].setdefault("path", ".")),
        reading(lambda config: config["root"].setdefault("path", "rootfs")),
    ],
    "root.path.is-root": [reading(let_the_host_in)],
    "root.path.relative": [instead(root.locate, from_the_current_directory)],
    "root.path.absolute": [instead(root.locate, lambda config, bundle: bundle + "/" + config["root"]["path"])],
    "root.path.exists": [instead(root.refuse_no_directory, make_missing)],
    "root.readonly.true": [without(root.make_readonly)],
    "root.readonly.default": [
        reading(lambda config: config["root"].setdefault("readonly", True)),
        given(root.make_readonly, lambda config: (config | {"root": {"readonly": True}},)),
    ],
}
