"""config-linux.md#configLinuxSysctl"""

from pathlib import Path

import pytest

from conformance import generates_an_error, requirement
from conformance.harness.faults import OperationFailed

#: Parameters of a network, of an IPC and of a UTS namespace, with values that no kernel begins with.
PARAMETERS = {
    "net.core.somaxconn": "1717",
    "net.ipv4.ip_default_ttl": "71",
    "kernel.msgmax": "17171",
    "fs.mqueue.queues_max": "71",
    "kernel.domainname": "shelf.example",
}
#: Parameter, a value that it may have, and one that it may not.
UNSOUND = [("net.core.somaxconn", "1717", "many"), ("net.ipv4.ip_default_ttl", "71", "256")]


def file_of(parameter):
    return "/proc/sys/" + parameter.replace(".", "/")


def values_on_the_host():
    return {parameter: Path(file_of(parameter)).read_text() for parameter in PARAMETERS}


@requirement("sysctl.applied")
def test_parameters_have_their_values_in_the_container(config, container):
    config["linux"]["sysctl"] = PARAMETERS

    answers = container.run(*(f"read {file_of(parameter)}" for parameter in PARAMETERS)).answers

    assert {parameter: (answers[f"read {file_of(parameter)}"] or "").strip() for parameter in PARAMETERS} == PARAMETERS


@requirement("sysctl.applied")
def test_parameters_of_a_namespace_that_is_joined_are_set_in_it(config, container, namespace_of):
    namespaces = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "network"]
    config["linux"]["namespaces"] = [*namespaces, {"type": "network", "path": namespace_of("network").path}]
    config["linux"]["sysctl"] = {"net.core.somaxconn": "1717"}
    look = f"read {file_of('net.core.somaxconn')}"

    answers = container.run(look).answers

    assert answers == {look: "1717\n"}


@requirement("sysctl.host-untouched")
def test_parameters_keep_their_values_on_the_host(config, container):
    config["linux"]["sysctl"] = PARAMETERS
    before = values_on_the_host()

    container.create()

    assert values_on_the_host() == before


@requirement("sysctl.not-namespaced")
@pytest.mark.parametrize("name", ["{}.{}", "net/../{}/{}", "net.//.{}.{}"])
def test_a_parameter_of_the_whole_host_is_not_changed_for_a_container(name, config, container, kernel_parameter):
    """Nor by a name that begins like one of the container's own; sysctl(8) takes a dot and a slash for each other."""
    parameter, before, other = kernel_parameter
    config["linux"]["sysctl"] = {name.format(*parameter.split(".")): other}

    # A runtime that gives each container a kernel of its own can do as it is told. Any other has to refuse.
    try:
        look = f"read {file_of(parameter)}"
        inside = (container.run(look).answers[look] or "").strip()
    except OperationFailed:
        inside = "refused"

    assert (inside in (other, "refused"), Path(file_of(parameter)).read_text().strip()) == (True, before)


@pytest.fixture
def host_parameter():
    """Of the network namespace that this run is in, and the runtime: its name, its value and another one; put back."""
    parameter, other = "net.core.somaxconn", PARAMETERS["net.core.somaxconn"]
    before = Path(file_of(parameter)).read_text().strip()
    yield parameter, before, other
    if Path(file_of(parameter)).read_text().strip() != before:
        Path(file_of(parameter)).write_text(before)


@requirement("sysctl.not-namespaced")
def test_a_parameter_of_the_runtimes_own_namespace_is_not_changed(config, container, host_parameter, same_kernel):
    """Where the container has that of the host, there is none for it alone."""
    parameter, before, other = host_parameter
    config["linux"]["namespaces"] = [each for each in config["linux"]["namespaces"] if each["type"] != "network"]
    config["linux"]["sysctl"] = {parameter: other}

    with generates_an_error():
        container.create()

    assert Path(file_of(parameter)).read_text().strip() == before


@requirement("sysctl.unknown")
@pytest.mark.parametrize(
    ("parameter", "known"),
    [("net.ipv4.number_of_the_beast", "net.ipv4.ip_default_ttl"), ("kernel.msg_in_a_bottle", "kernel.msgmax")],
)
def test_a_parameter_that_does_not_exist_is_an_error(parameter, known, config, container, another):
    config["linux"]["sysctl"] = {known: PARAMETERS[known]}
    another().create()
    config["linux"]["sysctl"] = {parameter: "666"}

    with generates_an_error():
        container.create()


@requirement("sysctl.invalid")
@pytest.mark.parametrize(("parameter", "sound", "value"), UNSOUND, ids=[parameter for parameter, *_ in UNSOUND])
def test_a_value_that_the_kernel_does_not_take_is_an_error(parameter, sound, value, config, container, another):
    config["linux"]["sysctl"] = {parameter: sound}
    another().create()
    config["linux"]["sysctl"] = {parameter: value}

    with generates_an_error():
        container.create()
