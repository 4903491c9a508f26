# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxSeccomp: the agent that is asked; config-linux.md#containerprocessstate"""

from __future__ import annotations

import json
import os
from typing import Any

from ... import bundle
from ...config_linux import seccomp
from ...kernel import processes
from ...runtime import seccomp_agent, start, sync
from ..ways import Change, Mutants, giving, instead, reading, without

connect, execute, introduce, send, read = (
    seccomp_agent.connect,
    start.execute,
    seccomp_agent.introduce,
    seccomp_agent.send,
    bundle.read,
)


def told(**members: Any) -> Change:
    """The container process state says something else; a member that becomes None is left out."""

    def change(state: Any) -> Any:
        return {name: value for name, value in (state | members).items() if value is not None}

    return giving(seccomp_agent.compose, change)


def told_of_state(**members: Any) -> Change:
    def change(told: Any) -> Any:
        told["state"] = {name: value for name, value in (told["state"] | members).items() if value is not None}
        return told

    return giving(seccomp_agent.compose, change)


def rights(*descriptors: int) -> list[Any]:
    packed = b"".join(descriptor.to_bytes(4, "little") for descriptor in descriptors)
    return [(sync.socket.SOL_SOCKET, sync.socket.SCM_RIGHTS, packed)]


# --- how it is sent --------------------------------------------------------------------------------------------------


def send_descriptor_only(agent: Any, _told: Any, listener: int) -> None:
    agent.sendmsg([b"x"], rights(listener))


def send_twice(agent: Any, told: Any, listener: int) -> None:
    send(agent, told, listener)
    agent.send(json.dumps(told).encode())


def send_unlike_json(agent: Any, told: Any, listener: int) -> None:
    agent.sendmsg([repr(told).encode()], rights(listener))


def send_no_descriptor(agent: Any, told: Any, listener: int) -> None:
    """But where it could be found."""
    agent.send(json.dumps(told | {"seccompFd": f"/proc/{os.getpid()}/fd/{listener}"}).encode())


def send_descriptor_last(agent: Any, told: Any, listener: int) -> None:
    words = json.dumps(told).encode()
    agent.send(words[:-1])
    agent.sendmsg([words[-1:]], rights(listener))


def send_another_first(agent: Any, told: Any, listener: int) -> None:
    nothing = os.open("/dev/null", os.O_RDONLY)
    agent.sendmsg([json.dumps(told).encode()], rights(nothing, listener))


def send_another(agent: Any, told: Any, _listener: int) -> None:
    send(agent, told, os.open("/dev/null", os.O_RDONLY))


# --- to whom ---------------------------------------------------------------------------------------------------------


def read_for_inside(place: str) -> Any:
    """The listener's path is one of the container's, if it can be."""
    config = read(place)
    filter = seccomp.configured(config)
    if filter and "listenerPath" in filter:
        inside = os.path.join(place, config["root"]["path"], filter["listenerPath"].lstrip("/"))
        filter["listenerPath"] = inside if os.path.exists(inside) else filter["listenerPath"]
    return config


def connect_anyhow(config: Any) -> Any:
    try:
        return connect(config)
    except OSError:
        return sync.connect_to(seccomp.listener_path(config), sync.socket.SOCK_SEQPACKET)


def refuse_what_nobody_answers(config: Any) -> None:
    """Calls that an agent should be told of are refused where there is none."""
    filter = seccomp.configured(config)
    if filter and seccomp.notifies(filter):
        try:
            connect(config).close()
        except OSError:
            for rule in seccomp.rules(filter):
                rule["action"] = rule["action"].replace("NOTIFY", "ERRNO")


def connect_twice(config: Any) -> Any:
    connect(config).close()
    return connect(config)


def execute_after_a_call(container: Any) -> None:
    """Whoever is named is told, even if there is nothing to tell."""
    if seccomp.listener_path(container.config) and not seccomp.has_listener(container.config):
        connect(container.config).close()
    execute(container)


def introduce_and_stay(container: Any, agent: Any, channel: Any) -> None:
    """The connection is kept as long as the container."""
    kept = agent.dup()
    introduce(container, agent, channel)
    if os.fork() == 0:
        nothing = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        channel.close()
        processes.ended(container.pid, None)
        os._exit(0)
    kept.close()


MUTANTS: Mutants = {
    "seccomp.listener.path": [instead(seccomp_agent.send, send_descriptor_only), instead(bundle.read, read_for_inside)],
    "seccomp.listener.socket-type": [instead(seccomp_agent.connect, connect_anyhow)],
    "seccomp.listener.one-per-connection": [instead(seccomp_agent.send, send_twice)],
    "seccomp.listener.no-reuse": [instead(seccomp_agent.connect, connect_twice)],
    "seccomp.listener.closed": [instead(seccomp_agent.introduce, introduce_and_stay)],
    "seccomp.listener.fail": [reading(refuse_what_nobody_answers)],
    "seccomp.listener.ignored": [instead(start.execute, execute_after_a_call)],
    "seccomp.listener.fds": [told(fds=[])],
    "seccomp.listener.seccompFd": [instead(seccomp_agent.send, send_another)],
    "seccomp.listener.metadata": [giving(seccomp.metadata, lambda metadata: metadata and metadata.strip()[:4096])],
    "seccomp.listener.metadata-alone": [without(seccomp.refuse_lone_metadata)],
    "cps.json": [instead(seccomp_agent.send, send_unlike_json)],
    "cps.scm-rights": [instead(seccomp_agent.send, send_no_descriptor)],
    "cps.fds-first": [instead(seccomp_agent.send, send_descriptor_last)],
    "cps.ociVersion": [told(ociVersion=None), told(ociVersion="0.2.0")],
    "cps.fds": [told(fds={"seccompFd": 0})],
    "cps.fds.index": [instead(seccomp_agent.send, send_another_first)],
    "cps.pid": [told(pid=1)],
    "cps.metadata": [giving(seccomp.metadata, lambda _: None), giving(seccomp.metadata, lambda found: found or "none")],
    "cps.state": [told(state=None), told_of_state(annotations=None), told_of_state(status="running")],
}
