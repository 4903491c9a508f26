"""The ordinary config as a file, and a bundle around it."""

import json
import pathlib

from . import contracts, rootfs


def write_config(path: pathlib.Path) -> int:
    """Write the ordinary config to a file that is not there yet. Raises FileExistsError."""
    with path.open("x", encoding="utf-8") as file:
        file.write(contracts.text("ordinary.json"))
    return 0


def make_bundle(directory: pathlib.Path) -> int:
    """Make a bundle whose process is the probe. Raises FileExistsError."""
    directory.mkdir(parents=True, exist_ok=True)
    config = contracts.ordinary()
    config["process"]["args"] = [*rootfs.PROBE_ARGS, directory.absolute().name]
    with (directory / "config.json").open("x", encoding="utf-8") as file:
        file.write(json.dumps(config, indent=2) + "\n")
    rootfs.build(directory / "rootfs")
    return 0
