"""config.md#configSpecificationVersion"""

from __future__ import annotations

import re

from .. import NEWEST, OLDEST, errors, releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config

NUMBER = r"(?:0|[1-9]\d*)"
WORD = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
SEMVER = re.compile(
    rf"{NUMBER}\.{NUMBER}\.{NUMBER}(?:-{WORD}(?:\.{WORD})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?", re.A
)


def check(config: Config) -> None:
    """Before every other check: what a config of another version says cannot be judged by this one's rules."""
    if "ociVersion" in config:
        refuse_wrong_type(config)
        refuse_malformed(config)
        refuse_before_first_release(config)
        refuse_unsupported(config)


def refuse_wrong_type(config: Config) -> None:
    if not isinstance(config["ociVersion"], str):  # pyright: ignore[reportUnnecessaryIsInstance] - not yet checked
        raise errors.InvalidConfig("ociVersion", "string expected")


def refuse_malformed(config: Config) -> None:
    """The version is in SemVer 2.0.0 format."""
    if not SEMVER.fullmatch(config["ociVersion"]):
        raise errors.InvalidConfig("ociVersion", f"{config['ociVersion']!r} is not a semantic version")


def refuse_before_first_release(config: Config) -> None:
    """Release candidates of 1.0.0 and what came before had another format."""
    if releases.is_before(config, OLDEST):
        raise errors.Unsupported(
            "ociVersion", f'{config["ociVersion"]} is older than {OLDEST}: "python -m bundles upgrade" makes it current'
        )


def refuse_unsupported(config: Config) -> None:
    """Releases of one major version are compatible. Of a later one than is known here only what it has added is lost,
    and a config that uses nothing of that, as most do, need not suffer for its number."""
    major, minor, _, _ = releases.precedence(config["ociVersion"])
    if major != 1:
        raise errors.Unsupported("ociVersion", f"{config['ociVersion']} is of another major version than {NEWEST}")
    if minor > releases.precedence(NEWEST)[1]:
        errors.warn(f"ociVersion: {config['ociVersion']} is newer than {NEWEST}: what it has added is unknown here")
