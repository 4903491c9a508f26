"""runtime-linux.md#runtimeLinuxFileDescriptors, runtime-linux.md#runtimeLinuxDevSymbolicLinks"""

import os

import pytest

from conformance import or_an_error, requirement

LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
LOOKS = [f"readlink /dev/{name}" for name in LINKS]
TARGETS = dict(zip(LOOKS, LINKS.values(), strict=True))


# --- file descriptors ------------------------------------------------------------------------------------------------


@requirement("fd.only-stdio")
def test_the_program_has_no_descriptors_but_the_standard_streams(container):
    assert container.run().facts.descriptors == [0, 1, 2]


@requirement("fd.only-stdio")
def test_descriptors_of_the_runtime_s_caller_do_not_reach_the_program(container, runtime):
    runtime.command = ("sh", "-c", 'exec "$0" "$@" 3</dev/null 7</dev/zero 9>/dev/null', *runtime.command)

    assert container.run().facts.descriptors == [0, 1, 2]


@requirement("fd.devnull")
def test_the_standard_streams_are_open(container):
    descriptors = container.run().facts.descriptors

    assert [descriptor for descriptor in (0, 1, 2) if descriptor not in descriptors] == []


@requirement("fd.devnull")
def test_the_standard_streams_can_be_read_and_written(container):
    attempts = container.run("open /proc/self/fd/0", "write /proc/self/fd/2 %20").attempts

    assert attempts == {"open /proc/self/fd/0": None, "write /proc/self/fd/2 %20": None}


# --- links in /dev ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [pytest.param(name, marks=requirement(f"symlink.dev.{name}")) for name in LINKS])
def test_a_link_in_dev_leads_to_the_process_s_own_descriptors(container, name):
    answers = container.run(f"readlink /dev/{name}").answers

    assert answers == {f"readlink /dev/{name}": LINKS[name]}


@pytest.mark.parametrize("name", [pytest.param(name, marks=requirement(f"symlink.dev.{name}")) for name in LINKS])
def test_the_link_is_there_where_dev_is_no_mount(config, container, name):
    config["mounts"] = [mount for mount in config["mounts"] if not mount["destination"].startswith("/dev")]

    answers = container.run(f"readlink /dev/{name}").answers

    assert answers == {f"readlink /dev/{name}": LINKS[name]}


@pytest.mark.parametrize("name", [pytest.param(name, marks=requirement(f"symlink.dev.{name}")) for name in LINKS])
def test_the_link_is_made_inside_where_dev_is_a_link(config, container, canary, rootfs, name):
    """To the canary, for whoever sees it from the host; a runtime may refuse such a root file system."""
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] != "/dev"]
    (rootfs / str(canary.path).lstrip("/")).mkdir(parents=True)
    (rootfs / "dev").rmdir()
    (rootfs / "dev").symlink_to(canary.path)

    seen = or_an_error(lambda: container.run(f"readlink /dev/{name}").answers[f"readlink /dev/{name}"])

    assert (seen, name in canary.harmed) in ((LINKS[name], False), ("an error", False))


@requirement("symlink.dev.timing")
def test_the_links_are_made_before_the_start(created):
    seen = {name: link(created.process / "root" / "dev" / name) for name in LINKS}

    assert seen == LINKS


def link(path):
    """Where a link leads, as the host sees it; None where there is none."""
    return os.readlink(path) if path.is_symlink() else None


@requirement("symlink.dev.timing")
@pytest.mark.parametrize("last", ["/proc", "/dev"])
def test_the_links_are_made_after_the_last_mount(config, container, last):
    mounts = [mount for mount in config["mounts"] if mount["destination"] in {"/proc", "/dev"}]
    config["mounts"] = sorted(mounts, key=lambda mount: mount["destination"] == last)

    assert container.run(*LOOKS).answers == TARGETS


@requirement("symlink.dev.bound")
def test_the_links_are_there_where_dev_is_a_bind_mount(config, container, place):
    (place / "devices").mkdir()
    mounts = [mount for mount in config["mounts"] if not mount["destination"].startswith("/dev")]
    bind = {"type": "bind", "source": str(place / "devices"), "options": ["bind"]}
    config["mounts"] = [*mounts, {"destination": "/dev", **bind}]

    assert container.run(*LOOKS).answers == TARGETS
