"""config-linux.md#containerprocessstate"""

import re
import socket

import pytest

from conformance import requirement
from conformance.harness.seccomp import CALL, DENIED, filters


@pytest.fixture
def told(config, container, agent):
    """What the agent of a container that runs is told."""
    filters(config, DENIED | {"action": "SCMP_ACT_NOTIFY"}, listenerPath=agent.path, listenerMetadata="a shelf")
    config["annotations"] = {"org.example.shelf": "Größe", "org.example.book": "7"}

    container.create("listen")
    container.start()
    return agent.connection()


@requirement("cps.json")
def test_the_state_is_json(told):
    assert set(told.state) >= {"ociVersion", "pid", "state"}


@requirement("cps.scm-rights")
def test_descriptors_come_as_rights(told):
    assert (told.control, len(told.descriptors)) == ({(socket.SOL_SOCKET, socket.SCM_RIGHTS)}, 1)


@requirement("cps.fds-first")
def test_descriptors_come_with_the_first_byte(told):
    assert [before for _, before in told.descriptors] == [0]


@requirement("cps.ociVersion")
def test_the_version_is_one_that_can_have_such_a_state(told):
    """No release before 1.1.0 has one; the text's own example names 1.0.2."""
    version = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)([-+].+)?", told.state["ociVersion"])

    assert version
    assert tuple(map(int, version.groups()[:3])) >= (1, 0, 2)


@requirement("cps.fds")
def test_the_names_are_a_list_of_strings(told):
    assert told.state.get("fds") == ["seccompFd"]


@requirement("cps.fds.index")
def test_the_descriptor_with_the_place_of_the_name_is_the_named_one(config, container, agent):
    filters(config, DENIED | {"action": "SCMP_ACT_NOTIFY"}, listenerPath=agent.path)
    container.create(CALL)
    container.start()

    connection = agent.connection()
    call = agent.listener(connection).receive()

    assert len(connection.descriptors) == len(connection.state.get("fds", []))
    assert f"syscall {call['number']}" == CALL


@requirement("cps.pid")
def test_the_pid_is_the_runtimes(told, container):
    assert told.state["pid"] == container.pid


@requirement("cps.metadata")
def test_metadata_is_a_string(told):
    assert told.state.get("metadata") == "a shelf"


@requirement("cps.metadata")
def test_without_metadata_there_is_none(config, container, agent):
    filters(config, DENIED | {"action": "SCMP_ACT_NOTIFY"}, listenerPath=agent.path)
    container.create("listen")
    container.start()

    assert agent.connection().state.get("metadata", "") == ""


@requirement("cps.state")
def test_the_state_is_the_containers(told, container):
    """As it was before the program ran. Of what the specification does not know, a runtime may tell more or less."""
    seen, own = told.state["state"], container.state()

    names = ("id", "bundle", "annotations")
    assert {name: seen.get(name) for name in names} == {name: own.get(name) for name in names}
    assert seen["status"] in ("creating", "created")
    assert seen.get("pid", own["pid"]) == own["pid"]
