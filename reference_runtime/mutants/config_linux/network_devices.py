# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxNetworkDevices, config-linux.md#namespace-lifecycle-and-container-termination"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from ... import errors
from ...config_linux import network_devices
from ...kernel import netlink
from ...kernel.netlink import Flag, Link, Netlink
from ...runtime import delete, state
from ..ways import Mutants, instead, reading

compose = state.compose
keep_addresses = network_devices.keep_addresses
move_all = network_devices.move_all
move_one = network_devices.move_one
name_inside = network_devices.name_inside
set_up = network_devices.set_up

#: struct ifinfomsg's and ifaddrmsg's siblings, by which a mutant changes what a device is like.
ADDRESS, MTU, QUEUE, ALIAS = 1, 4, 13, 20


def listed(config: Any) -> dict[str, Any]:
    return config.get("linux", {}).get("netDevices", {})


def ignored(config: Any) -> None:
    config.get("linux", {}).pop("netDevices", None)


def first_alone(config: Any) -> None:
    for device in list(listed(config))[1:]:
        del listed(config)[device]


def only_into_new_namespaces(config: Any) -> None:
    if {"type": "network"} not in config.get("linux", {}).get("namespaces", []):
        ignored(config)


def without_namespace(config: Any) -> None:
    """Passed over where there is nowhere to move it to, and taken down for good measure."""
    if "network" not in [entry.get("type") for entry in config["linux"].get("namespaces", [])]:
        for device in listed(config):
            at_home(lambda here, name=device: here.rename(found(here, name), f"{name}x"))
        ignored(config)


def in_own_namespace(move: Any) -> None:
    """What was to be an error is called a success, and the device is gone from under its name."""
    if os.readlink("/proc/self/ns/net") == os.readlink(f"/proc/self/fd/{move.place}"):
        for device in listed(move.config):
            move.outside.rename(found(move.outside, device), f"{device}x")
        move.config["linux"]["netDevices"] = {}


def at_home(act: Callable[[Netlink], None]) -> None:
    with contextlib.suppress(OSError):
        act(Netlink())


def found(here: Netlink, name: str) -> int:
    index = here.find(name)
    assert index
    return index[0]


def made(stack: Netlink, name: str) -> None:
    """A device from nothing: one end of a pair."""
    peer = netlink.link(0) + netlink.attribute(Link.IFNAME, netlink.text(f"{name[:13]}-x"))
    kind = netlink.attribute(1, b"veth") + netlink.attribute(2, netlink.attribute(1, peer))
    wanted = netlink.attribute(Link.IFNAME, netlink.text(name)) + netlink.attribute(18, kind)
    stack.ask(NEWLINK, Flag.ACK | Flag.CREATE, netlink.link(0) + wanted)


#: A type of message that the runtime itself has no use for.
NEWLINK: Any = type("Number", (int,), {"name": "NEWLINK"})(16)


def move_a_copy(move: Any, device: str) -> None:
    """Another device under the same name; the one that was meant is taken away all the same."""
    move_one(move, device)
    index = move.moved[device][0]
    name = name_inside(move.config, device)
    move.inside.rename(index, "original")
    made(move.inside, name)


def make_what_is_missing(move: Any) -> None:
    for device in listed(move.config):
        if move.outside.find(device) is None:
            made(move.outside, device)
    refuse_missing(move)


refuse_missing = network_devices.refuse_missing


def bring_a_friend(move: Any, device: str) -> None:
    move_one(move, device)
    made(move.inside, "friend")


def forget_missing(move: Any) -> None:
    for device in list(listed(move.config)):
        if move.outside.find(device) is None:
            del listed(move.config)[device]
    refuse_missing(move)


def like_named(move: Any, device: str) -> None:
    """And every other that is called nearly so."""
    move_one(move, device)
    stem = device.rpartition("-")[0]
    for number in range(1, 400):
        other = f"{stem}-{number}"
        if other != device and move.outside.find(other):
            move.outside.move(found(move.outside, other), move.place, other)


def rename_only_what_is_down(move: Any, device: str) -> None:
    up = (move.outside.find(device) or (0, 0))[1] & netlink.IFF_UP
    if up:
        listed(move.config)[device].pop("name", None)
    move_one(move, device)


def rename_by_number(config: Any) -> None:
    for number, entry in enumerate(listed(config).values()):
        entry.setdefault("name", f"eth{number}")


def refuse_templates(config: Any) -> None:
    for entry in listed(config).values():
        if entry.get("name", "").endswith("%d"):
            raise errors.InvalidConfig("linux.netDevices", "a template")


def template_is_a_number(config: Any) -> None:
    for entry in listed(config).values():
        if entry.get("name", "").endswith("%d"):
            entry["name"] = entry["name"].replace("%d", "0")


def shy_of_a_conflict(move: Any) -> None:
    """What has another name inside, is called as outside; both are taken for a conflict."""
    for device in listed(move.config):
        if move.inside.find(device):
            raise errors.InvalidConfig("linux.netDevices", device)
    refuse_conflicts(move)


refuse_conflicts = network_devices.refuse_conflicts


def another_name(move: Any) -> None:
    """What is taken gets a letter more."""
    for device, entry in listed(move.config).items():
        if move.inside.find(name := name_inside(move.config, device)):
            entry["name"] = f"{name}x"


def names_apart(config: Any) -> None:
    taken: set[str] = set()
    for device, entry in listed(config).items():
        if "%" not in (name := entry.get("name", device)):
            entry["name"] = f"{name}x" if name in taken else name
            taken.add(name)


def pass_over_loopback(config: Any) -> None:
    listed(config).pop("lo", None)


def cut_names(config: Any) -> None:
    """What the kernel would not take is made to fit."""
    for device, entry in listed(config).items():
        name = entry.get("name", device)
        entry["name"] = "".join(letter for letter in name if letter not in "/: ")[:15].replace("..", "dots")


def one_after_the_other(config: Any, pid: int) -> Any:
    """Whether the next one can be moved is found out when its turn has come, and the ones before stay away."""
    return in_the_order_of(list(listed(config)), config, pid)


def the_other_way_round(config: Any, pid: int) -> Any:
    return in_the_order_of(list(listed(config))[::-1], config, pid)


def in_the_order_of(names: list[str], config: Any, pid: int) -> Any:
    if not names:
        return None
    move = network_devices.Move(config, pid)
    for device in names:
        entry = move.outside.find(device)
        if entry is None:
            raise errors.InvalidConfig("linux.netDevices", device)
        move.found[device] = entry[0]
        move_one(move, device)
    return move


def lose_on_conflict(move: Any) -> None:
    """It is refused, and the device is renamed for it."""
    try:
        refuse_conflicts(move)
    except errors.Refusal:
        for device in listed(move.config):
            move.outside.rename(found(move.outside, device), f"{device}x")
        raise


def watched(container: Any, status: str, pid: int) -> Any:
    """Whoever asks for the state has the devices put in order again."""
    if pid and listed(container.config):
        with contextlib.suppress(OSError):
            place = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
            inside = Netlink(place)
            os.close(place)
            for device in listed(container.config):
                set_up(inside, found(inside, name_inside(container.config, device)))
    return compose(container, status, pid)


def bring_back(container: Any) -> None:
    destroy(container)
    for entry in container.config["linux"]["namespaces"]:
        if entry["type"] == "network" and "path" in entry:
            place, home = os.open(entry["path"], os.O_RDONLY), os.open("/proc/self/ns/net", os.O_RDONLY)
            inside = Netlink(place)
            for device in listed(container.config):
                with contextlib.suppress(OSError, AssertionError):
                    inside.move(found(inside, name_inside(container.config, device)), home, device)


destroy = delete.destroy


def require_devices(container: Any) -> None:
    """A device that is gone is missed."""
    destroy(container)
    for entry in container.config["linux"]["namespaces"]:
        if entry["type"] == "network" and "path" in entry:
            inside = Netlink(os.open(entry["path"], os.O_RDONLY))
            for device in listed(container.config):
                if inside.find(name_inside(container.config, device)) is None:
                    raise errors.InvalidConfig("linux.netDevices", f"{device} is gone")


def hold_namespace(config: Any, pid: int) -> Any:
    """Somebody keeps the container's network namespace open."""
    move = move_all(config, pid)
    if move:
        words = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(20)"]
        os.set_inheritable(move.place, True)
        subprocess.Popen(
            words,
            close_fds=False,
            **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL),
            start_new_session=True,
        )
        os.set_inheritable(move.place, False)
    return move


MUTANTS: Mutants = {
    "netdev.available": [
        reading(ignored),
        reading(first_alone),
        reading(only_into_new_namespaces),
        reading(without_namespace),
        instead(network_devices.refuse_same_namespace, in_own_namespace),
    ],
    "netdev.moves-existing": [
        instead(network_devices.move_one, move_a_copy),
        instead(network_devices.move_one, bring_a_friend),
        instead(network_devices.refuse_missing, make_what_is_missing),
        instead(network_devices.refuse_missing, forget_missing),
    ],
    "netdev.name.key": [instead(network_devices.move_one, like_named)],
    "netdev.name.rename": [
        instead(network_devices.name_inside, lambda config, device: device),
        instead(network_devices.move_one, rename_only_what_is_down),
    ],
    "netdev.name.default": [reading(rename_by_number)],
    "netdev.name.conflict": [
        instead(network_devices.refuse_conflicts, another_name),
        instead(network_devices.refuse_conflicts, shy_of_a_conflict),
        reading(names_apart),
    ],
    "netdev.name.template": [reading(refuse_templates), reading(template_is_a_number)],
    "netdev.possible": [
        reading(pass_over_loopback),
        reading(cut_names),
        instead(network_devices.move_all, one_after_the_other),
        instead(network_devices.move_all, the_other_way_round),
        instead(network_devices.refuse_conflicts, lose_on_conflict),
    ],
    "netdev.no-lifecycle": [
        instead(state.compose, watched),
        instead(delete.destroy, require_devices),
    ],
    "netdev.no-move-back": [instead(delete.destroy, bring_back)],
    "netdev.kernel-cleanup": [instead(network_devices.move_all, hold_namespace)],
}
