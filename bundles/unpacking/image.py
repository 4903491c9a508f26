"""An image's config made into a runtime's, as the image specification converts it, on top of the ordinary config."""

import posixpath
from collections.abc import Iterator
from typing import Any

from .. import contracts
from . import faults, members, tree, users

WHERE = "config"
PREFIX = "org.opencontainers.image."
#: What some runtimes obey on the host, and an image must not decide.
OBEYED = ("run.oci.", "org.systemd.property.")


def plain(args: list[str]) -> dict[str, Any]:
    """The config for a root file system that comes without one."""
    config = contracts.ordinary()
    config["process"]["args"] = args or ["/bin/sh"]
    return config


def convert(
    image: dict[str, Any], root: tree.Tree, args: list[str], with_volumes: bool
) -> tuple[dict[str, Any], list[str]]:
    """The config, and the annotations that were left out; `args` stand in for the image's Cmd. Raises Fault."""
    given = members.object_(image, "config", WHERE)
    config = contracts.ordinary()
    process = config["process"]
    process["args"] = [*members.texts(given, "Entrypoint", WHERE), *(args or members.texts(given, "Cmd", WHERE))]
    if not process["args"]:
        raise faults.Fault("config: neither Entrypoint nor Cmd: give the command after --")
    process["env"] = _environment(members.texts(given, "Env", WHERE), process["env"])
    process["cwd"] = _absolute(members.optional_text(given, "WorkingDir", WHERE) or "/", "WorkingDir")
    if user := members.optional_text(given, "User", WHERE):
        process["user"] = users.resolve(root, user)
    annotations = dict(_annotations(image, given)) | _labels(given)
    left_out = [name for name in annotations if not name or name.startswith(OBEYED)]
    if kept := {name: value for name, value in annotations.items() if name not in left_out}:
        config["annotations"] = kept
    if with_volumes:
        config["mounts"] += [_volume(path) for path in sorted(members.object_(given, "Volumes", WHERE))]
    return config, left_out


def _environment(own: list[str], ordinary: list[str]) -> list[str]:
    """The image's, and of the ordinary one what it does not name."""
    names = {each.partition("=")[0] for each in own}
    return [*own, *(each for each in ordinary if each.partition("=")[0] not in names)]


def _annotations(image: dict[str, Any], given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What the image tells about itself; a label of the same name goes before it."""
    for name in ("os", "architecture", "variant", "os.version", "author", "created"):
        if value := members.optional_text(image, name, WHERE):
            yield PREFIX + name, value
    if features := members.texts(image, "os.features", WHERE):
        yield f"{PREFIX}os.features", ",".join(features)
    if signal := members.optional_text(given, "StopSignal", WHERE):
        yield f"{PREFIX}stopSignal", signal
    if ports := members.object_(given, "ExposedPorts", WHERE):
        yield f"{PREFIX}exposedPorts", ",".join(sorted(ports))


def _labels(given: dict[str, Any]) -> dict[str, str]:
    labels = members.object_(given, "Labels", WHERE)
    return {name: members.optional_text(labels, name, WHERE) for name in labels}


def _volume(path: str) -> dict[str, Any]:
    return {
        "destination": posixpath.normpath(_absolute(path, "Volumes")),
        "type": "tmpfs",
        "source": "tmpfs",
        "options": ["nosuid", "nodev", "tmpcopyup"],
    }


def _absolute(path: str, name: str) -> str:
    if not path.startswith("/"):
        raise faults.Fault(f"config: {name} {path!r} is not an absolute path")
    return path
