"""bundle.md"""

import pathlib
from collections.abc import Iterator

from . import Config, Finding, section


def root(config: Config, bundle: pathlib.Path) -> Iterator[Finding]:
    """What only a look at the bundle's directory tells of root.path."""
    path = section(config, "root").get("path")
    if path is None or "windows" in config:
        return
    place = bundle.absolute() / path
    if not place.is_dir():
        yield Finding("/root/path", f"there is no directory {place}", "MUST", "root.path.exists")
    elif not place.resolve().is_relative_to(bundle.resolve()):
        yield Finding("/root/path", f"{place} lies outside of the bundle", "MUST", "bundle.colocated")
