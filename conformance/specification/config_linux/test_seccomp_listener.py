"""config-linux.md#configLinuxSeccomp: the agent that SCMP_ACT_NOTIFY asks"""

import socket

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import notify_agent
from conformance.harness.seccomp import CALL, DENIED, OTHER, filters

EXDEV = 18
#: What no shell, no JSON encoder in haste and no trimming leaves as it is.
ODD = ' MKNOD=/dev/null;"quoted" \\ Größe\t\n'


def notifies(config, agent, **members) -> None:
    """Let one call be the agent's."""
    filters(config, DENIED | {"action": "SCMP_ACT_NOTIFY"}, listenerPath=agent.path, **members)


def live(container, *commands: str) -> None:
    container.create(*commands)
    container.start()


@requirement("seccomp.listener.path")
def test_the_agent_is_told_of_the_container(config, container, agent):
    notifies(config, agent)

    live(container, OTHER)

    assert agent.connection().state["state"]["id"] == container.id
    assert container.report().attempts == {OTHER: None}


@requirement("seccomp.listener.path")
def test_the_path_is_the_runtimes_and_not_the_containers(config, container, agent, rootfs):
    inside = rootfs / agent.path.lstrip("/")
    inside.parent.mkdir(parents=True)
    other = notify_agent.Agent(inside, container.runtime.timeout)
    notifies(config, agent)

    live(container, OTHER)

    assert agent.connection().state["state"]["id"] == container.id
    assert other.idle
    other.close()


@requirement("seccomp.listener.one-per-connection")
def test_one_state_comes_over_one_connection(config, container, agent):
    notifies(config, agent)

    live(container, "listen")

    # A second document would be no JSON; a second connection would be another container's.
    assert agent.connection().state["pid"] == container.pid
    assert agent.idle


@requirement("seccomp.listener.no-reuse")
def test_each_container_has_a_connection_of_its_own(config, container, another, agent):
    notifies(config, agent)
    second = another()

    live(container, "listen")
    live(second, "listen")

    assert [agent.connection().state["state"]["id"] for _ in range(2)] == [container.id, second.id]
    assert agent.idle


@requirement("seccomp.listener.closed")
def test_the_connection_ends_while_the_program_runs(config, container, agent):
    notifies(config, agent)
    live(container, "listen")

    agent.connection()

    assert container.ask(OTHER)[0] is None


@requirement("seccomp.listener.socket-type")
def test_a_socket_of_another_type_is_an_error(config, container, another, agent, place):
    notifies(config, agent)
    live(another(), OTHER)
    packets = notify_agent.Agent(place / "packets", container.runtime.timeout, socket.SOCK_SEQPACKET)
    notifies(config, packets)

    with generates_an_error():
        live(container, OTHER)

    packets.close()


@requirement("seccomp.listener.fail")
@pytest.mark.parametrize("what", ["nothing", "a file", "a socket that nobody listens to"])
def test_a_state_that_nobody_takes_is_an_error(config, container, another, agent, place, what):
    notifies(config, agent)
    live(another(), OTHER)
    path = place / "nobody"
    if what == "a file":
        path.write_text("")
    elif what != "nothing":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(path))
    config["linux"]["seccomp"]["listenerPath"] = str(path)

    with generates_an_error():
        live(container, OTHER)


@requirement("seccomp.listener.ignored")
def test_without_notify_nobody_need_listen(config, container, place):
    filters(config, DENIED, listenerPath=str(place / "nobody"), listenerMetadata="for nobody")

    assert container.run(CALL, OTHER).attempts == {CALL: "EPERM", OTHER: None}


@requirement("seccomp.listener.ignored")
def test_without_notify_the_agent_hears_nothing(config, container, agent):
    filters(config, DENIED, listenerPath=agent.path)

    assert container.run(CALL, OTHER).attempts == {CALL: "EPERM", OTHER: None}
    assert agent.idle


@requirement("seccomp.listener.fds")
def test_each_descriptor_has_a_name(config, container, agent):
    notifies(config, agent)
    live(container, OTHER)

    connection = agent.connection()

    assert connection.state.get("fds") == ["seccompFd"]
    assert len(connection.descriptors) == 1


@requirement("seccomp.listener.seccompFd")
@pytest.mark.parametrize("no_new_privileges", [True, False])
def test_the_descriptor_tells_of_the_programs_calls_and_answers_them(config, container, agent, no_new_privileges):
    config["process"] |= {"noNewPrivileges": no_new_privileges, "user": {"uid": 1000, "gid": 1000}}
    notifies(config, agent)
    live(container, f"{CALL} 1 2 3", OTHER)

    listener = agent.listener(agent.connection())
    call = listener.receive()
    listener.answer(call["id"], error=EXDEV)

    assert call["arguments"][:3] == [1, 2, 3]
    assert container.report().attempts == {f"{CALL} 1 2 3": "EXDEV", OTHER: None}


@requirement("seccomp.listener.seccompFd")
def test_the_descriptor_answers_with_a_value(config, container, agent):
    notifies(config, agent)
    live(container, CALL)

    listener = agent.listener(agent.connection())
    listener.answer(listener.receive()["id"], value=4711)

    assert container.report().answers == {CALL: 4711}


@requirement("seccomp.listener.metadata")
@pytest.mark.parametrize("metadata", [ODD, "x" * 40_000], ids=["odd", "long"])
def test_metadata_is_handed_on_as_it_is(config, container, agent, metadata):
    notifies(config, agent, listenerMetadata=metadata)
    live(container, OTHER)

    assert agent.connection().state.get("metadata") == metadata


@requirement("seccomp.listener.metadata-alone")
def test_metadata_for_no_listener_is_an_error(config, container, another, agent):
    filters(config, DENIED, listenerPath=agent.path, listenerMetadata="for nobody")
    another().create()
    del config["linux"]["seccomp"]["listenerPath"]

    with generates_an_error():
        container.create()
