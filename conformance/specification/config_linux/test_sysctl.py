"""config-linux.md#configLinuxSysctl"""

from pathlib import Path

import pytest

from conformance import generates_an_error, requirement
from conformance.harness.faults import OperationFailed

#: Parameters of a network and of an IPC namespace, with values that no kernel begins with.
PARAMETERS = {"net.core.somaxconn": "1717", "net.ipv4.ip_default_ttl": "71", "kernel.msgmax": "17171"}


def file_of(parameter):
    return "/proc/sys/" + parameter.replace(".", "/")


def values_on_the_host():
    return {parameter: Path(file_of(parameter)).read_text() for parameter in PARAMETERS}


@requirement("sysctl.applied")
def test_parameters_have_their_values_in_the_container(config, container):
    config["linux"]["sysctl"] = PARAMETERS

    answers = container.run(*(f"read {file_of(parameter)}" for parameter in PARAMETERS)).answers

    assert {parameter: (answers[f"read {file_of(parameter)}"] or "").strip() for parameter in PARAMETERS} == PARAMETERS


@requirement("sysctl.host-untouched")
def test_parameters_keep_their_values_on_the_host(config, container):
    config["linux"]["sysctl"] = PARAMETERS
    before = values_on_the_host()

    container.create()

    assert values_on_the_host() == before


@requirement("sysctl.not-namespaced")
def test_a_parameter_of_the_whole_host_is_not_changed_for_a_container(config, container, kernel_parameter):
    parameter, before, other = kernel_parameter
    config["linux"]["sysctl"] = {parameter: other}

    # A runtime that gives each container a kernel of its own can do as it is told. Any other has to refuse.
    try:
        look = f"read {file_of(parameter)}"
        inside = (container.run(look).answers[look] or "").strip()
    except OperationFailed:
        inside = "refused"

    assert (inside in (other, "refused"), Path(file_of(parameter)).read_text().strip()) == (True, before)


@requirement("sysctl.unknown")
@pytest.mark.parametrize("parameter", ["net.ipv4.number_of_the_beast", "kernel.msg_in_a_bottle"])
def test_a_parameter_that_does_not_exist_is_an_error(parameter, config, container):
    config["linux"]["sysctl"] = {parameter: "666"}

    with generates_an_error():
        container.create()
