"""The ordinary config as a file, and a bundle around it."""

import contextlib
import json
import pathlib
import shutil

from . import contracts, document, rootfs


def write_config(path: pathlib.Path) -> int:
    """Write the ordinary config to a file that is not there yet. Raises FileExistsError."""
    document.write(path, contracts.text("ordinary.json"))
    return 0


def make_bundle(directory: pathlib.Path) -> int:
    """Make a bundle whose process is the probe, or leave nothing. Raises FileExistsError."""
    config = contracts.ordinary()
    config["process"]["args"] = [*rootfs.PROBE_ARGS, directory.absolute().name]
    with contextlib.ExitStack() as undo:
        for each in reversed([each for each in (directory, *directory.parents) if not each.exists()]):
            each.mkdir()
            undo.callback(each.rmdir)
        document.write(directory / "config.json", json.dumps(config, indent=2) + "\n")
        undo.callback((directory / "config.json").unlink)
        if not (directory / "rootfs").exists():
            undo.callback(shutil.rmtree, directory / "rootfs", ignore_errors=True)
        rootfs.build(directory / "rootfs")
        undo.pop_all()
    return 0
