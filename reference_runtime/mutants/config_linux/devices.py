# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxDevices"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import errors
from ...config_linux import devices
from ...kernel import files
from ..ways import Change, Mutants, giving, instead, reading, without

numbers: Any = devices.numbers


def of_devices(change: Callable[[list[Any]], Any]) -> Change:
    """The list is another one, before anything looks at it."""

    def changed(config: Any) -> None:
        if devices.listed(config):
            config["linux"]["devices"] = list(change(devices.listed(config)))

    return reading(changed)


def of_each(change: Callable[[Any], Any]) -> Change:
    return of_devices(lambda listed: [{**device, **change(device)} for device in listed])


def turning(asked: str, given: str) -> Change:
    return of_each(lambda device: {"type": given} if device.get("type") == asked else {})


def keep(wanted: Callable[[Any], bool]) -> Change:
    return of_devices(lambda listed: filter(wanted, listed))


def without_member(name: str) -> Change:
    return of_devices(lambda listed: [{key: device[key] for key in device if key != name} for device in listed])


def by_their_numbers(listed: list[Any]) -> Any:
    return {tuple(device.get(name) for name in ("type", "major", "minor")): device for device in listed}.values()


def by_their_paths(listed: list[Any]) -> Any:
    return {device.get("path"): device for device in listed}.values()


def next_minor(device: Any) -> int:
    return numbers({**device, "minor": device.get("minor", 0) + 1})


def refuse(*_: Any) -> None:
    raise errors.InvalidConfig("linux.devices", "no")


def refuse_pipes(where: str, device: Any) -> None:
    if "major" not in device:
        refuse()


def what_fits(device: Any) -> Any:
    """As mknod(2) cuts it off."""
    return {name: device[name] & highest for name, highest in files.HIGHEST.items() if name in device}


def digits(device: Any) -> Any:
    """Taken for octal ones, whatever they are."""
    if "fileMode" not in device:
        return {}
    mode = 0
    for digit in str(device["fileMode"]):
        mode = mode * 8 + int(digit)
    return {"fileMode": mode}


MUTANTS: Mutants = {
    "dev.available": [
        of_devices(lambda listed: listed[:-1]),
        of_devices(by_their_numbers),
        instead(devices.make_ready, lambda config: None),
        without(devices.give_ready_looks),
    ],
    "dev.type.required": [of_devices(lambda listed: [{"type": "c", **device} for device in listed])],
    "dev.type.c": [turning("c", "b")],
    "dev.type.u": [turning("u", "b"), keep(lambda device: device.get("type") != "u")],
    "dev.type.b": [turning("b", "c")],
    "dev.type.p": [keep(lambda device: device.get("type") != "p")],
    "dev.type.unknown": [of_each(lambda device: {} if device.get("type") in devices.TYPES else {"type": "c"})],
    "dev.path.required": [keep(lambda device: "path" in device)],
    "dev.path.full": [without(devices.refuse_relative_path)],
    "dev.path.mismatch-error": [without(devices.refuse_mismatch), of_devices(by_their_paths)],
    "dev.path.match-ok": [instead(devices.refuse_mismatch, refuse)],
    "dev.path.anywhere": [keep(lambda device: device.get("path", "").startswith("/dev/"))],
    "dev.majmin.required": [without(devices.refuse_missing_numbers)],
    "dev.majmin.pipe": [instead(devices.refuse_missing_numbers, refuse_pipes)],
    "dev.majmin.applied": [
        instead(devices.numbers, next_minor),
        of_each(lambda device: {"minor": device["minor"] & 255} if "minor" in device else {}),
    ],
    "dev.majmin.impossible": [of_each(what_fits)],
    "dev.fileMode": [
        giving(devices.mode, lambda mode: 0o666),
        giving(devices.mode, lambda mode: mode & ~0o022 or 0o644),
        giving(devices.has_looks, lambda _: True),
    ],
    "dev.fileMode.decimal": [of_each(digits)],
    "dev.uid": [without_member("uid")],
    "dev.gid": [without_member("gid")],
    "dev.uid.namespace": [instead(devices.outside, lambda file, id, device: id)],
    "dev.gid.namespace": [instead(devices.outside, lambda file, id, device: id)],
}
