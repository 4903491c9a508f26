"""config-linux.md#configLinuxUnified"""

from contextlib import suppress

import pytest

from conformance import requirement
from conformance.harness import controllers, faults, limits

MIB = 1 << 20


def asks_for(config, **files):
    """Names with underscores for dots: `memory_high`."""
    config["linux"]["resources"] = {"unified": {name.replace("_", "."): value for name, value in files.items()}}


def written(cgroup, *names):
    directory = cgroup.directory("unified")
    return {name: (directory / name).read_text().strip() if (directory / name).exists() else None for name in names}


@requirement("unified.files")
def test_what_is_asked_for_is_written_into_the_files(config, container, cgroup):
    asks_for(config, memory_high=f"{96 * MIB}", pids_max="77")

    container.create()

    assert written(cgroup, "memory.high", "pids.max") == {"memory.high": f"{96 * MIB}", "pids.max": "77"}


@requirement("unified.lines")
def test_each_line_of_a_value_comes_into_force(config, container, cgroup, version_2, loop_device):
    """The kernel takes one device at a time."""
    rates = {loop_device().number: 2 * MIB, loop_device().number: MIB}
    config["linux"]["resources"] = {"unified": {"io.max": "\n".join(f"{n} rbps={rate}" for n, rate in rates.items())}}

    container.create()

    lines = written(cgroup, "io.max")["io.max"] or ""
    assert set(lines.splitlines()) == {f"{n} rbps={rate} wbps=max riops=max wiops=max" for n, rate in rates.items()}


@requirement("unified.path-traversal")
@pytest.mark.parametrize(
    "form", ["..{path}/cgroup.max.depth", ".././{path}/cgroup.max.depth", "{top}{path}/cgroup.max.depth"]
)
def test_a_key_reaches_no_file_of_another_cgroup(form, config, container, cgroup, older_cgroup, version_2):
    """Whether it is an error is not asked."""
    key = form.format(path=older_cgroup.path, top=version_2.mountpoint)
    config["linux"]["resources"] = {"unified": {key: "55"}}

    with suppress(faults.OperationFailed):
        container.create()

    assert (older_cgroup.directory("unified") / "cgroup.max.depth").read_text().strip() == "max"


@requirement("unified.on-v1")
def test_without_version_2_it_is_an_error(config, container, another, cgroup, version_1):
    another().create()
    asks_for(config, pids_max="77")
    container.is_beyond_this_host()

    limits.refused(container)


@requirement("unified.controllers")
def test_controllers_are_enabled_down_to_the_cgroup(config, container, cgroup, older_cgroup):
    config["linux"]["cgroupsPath"] = f"{older_cgroup.path}/upper/lower"
    asks_for(config, memory_high=f"{96 * MIB}", cpu_weight="33")

    container.create()

    enabled = (cgroup.directory("unified") / "cgroup.controllers").read_text().split()
    assert {"memory", "cpu"} - set(enabled) == set()
    assert written(cgroup, "memory.high", "cpu.weight") == {"memory.high": f"{96 * MIB}", "cpu.weight": "33"}


@requirement("unified.unknown-written")
@pytest.mark.parametrize(
    ("file", "value"),
    [("cgroup.max.depth", "3"), ("cgroup.max.descendants", "9"), ("memory.oom.group", "1"), ("memory.min", f"{MIB}")],
)
def test_a_file_that_no_other_property_stands_for_is_written(file, value, config, container, cgroup):
    config["linux"]["resources"] = {"unified": {file: value}}

    container.create()

    assert written(cgroup, file) == {file: value}


# --- what cannot be written ------------------------------------------------------------------------------------------


@requirement("unified.missing-controller")
@pytest.mark.parametrize("file", ["shelf.max", "pidss.max", "memory2.max"])
def test_a_controller_that_no_kernel_has_is_an_error(file, config, container, another, cgroup):
    asks_for(config, pids_max="77")
    another().create()
    config["linux"]["resources"]["unified"][file] = "77"

    limits.refused(container)


@requirement("unified.missing-controller")
def test_a_controller_that_this_host_lacks_is_an_error(config, container, another, cgroup):
    """Also where it has it in version 1."""
    another().create()
    missing = sorted(name for name in controllers.NAMES_IN_VERSION_2 if controllers.unified_lack(name))
    if not missing:
        raise faults.not_on_this_host("a controller that is not there: version 2 has them all")
    config["linux"]["resources"] = {"unified": {f"{missing[0]}.max": "77"}}
    container.is_beyond_this_host()

    limits.refused(container)


@requirement("unified.cannot-enable")
def test_a_controller_that_cannot_be_enabled_is_an_error(config, container, older_cgroup, tenant, another, version_2):
    """A cgroup that has processes of its own hands no memory down."""
    asks_for(config, memory_high=f"{96 * MIB}")
    config["linux"]["cgroupsPath"] = f"/{container.id}"
    another().create()
    config["linux"]["cgroupsPath"] = f"{older_cgroup.path}/{container.id}"

    limits.refused(container)


# --- the words of version 1 ------------------------------------------------------------------------------------------


@requirement("unified.convert")
def test_the_words_of_version_1_are_converted_or_are_an_error(config, container, another, cgroup, version_2):
    another().create()
    config["linux"]["resources"] = {"memory": {"limit": 96 * MIB}, "cpu": {"quota": 33_000, "period": 50_000}}

    try:
        container.create()
        seen = written(cgroup, "memory.max", "cpu.max")
    except faults.OperationFailed:
        seen = "an error"

    assert seen in ("an error", {"memory.max": f"{96 * MIB}", "cpu.max": "33000 50000"})


@requirement("unified.convert-error")
@pytest.mark.parametrize(
    "resources",
    [
        {"memory": {"swappiness": 33}},
        {"memory": {"disableOOMKiller": True}},
        {"cpu": {"realtimeRuntime": 1000}},
        {"cpu": {"realtimePeriod": 900_000}},
        {"blockIO": {"leafWeight": 33}},
    ],
    ids=lambda resources: ".".join((*resources, *next(iter(resources.values())))),
)
def test_what_version_2_cannot_do_is_an_error(resources, config, container, another, cgroup, version_2):
    config["linux"]["resources"] = {"memory": {"limit": 96 * MIB}}
    another().create()
    config["linux"]["resources"] = resources
    container.is_beyond_this_host()

    limits.refused(container)
