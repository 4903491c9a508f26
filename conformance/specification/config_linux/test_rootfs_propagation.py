"""config-linux.md#configLinuxRootfsMountPropagation"""

import pytest

from conformance import generates_an_error, requirement

MS_BIND = 0x1000
WORDS = ("shared", "master", "unbindable")
#: Value → those of the words.
MEANING = {"slave": {"master"}, "private": set(), "unbindable": {"unbindable"}}


@pytest.fixture
def started(config, container, harbour):
    """Begin a container with this propagation, whose program may mount and waits for commands."""
    for granted in config["process"]["capabilities"].values():
        granted += ["CAP_SYS_ADMIN"]

    def start(propagation):
        config["linux"]["rootfsPropagation"] = propagation
        container.create("listen")
        container.start()
        return container

    return start


def propagation_at(container, mountpoint):
    """The words of mountinfo on a mount's propagation; None where there is no such mount."""
    container.hangs_up()
    return words_of(container.report().facts.mount_at(mountpoint))


def words_of(mount):
    return None if mount is None else {word.split(":")[0] for word in mount.propagation} & set(WORDS)


def mountpoints(container):
    """What is mounted in the container now, at which path."""
    lines = (container.ask("read /proc/self/mountinfo")[1] or "").splitlines()
    return {line.split(" ")[4] for line in lines}


@pytest.mark.parametrize(
    ("propagation", "heard"),
    [
        pytest.param("slave", True, marks=requirement("rootprop.slave"), id="slave"),
        pytest.param("private", False, marks=requirement("rootprop.private"), id="private"),
        pytest.param("unbindable", False, marks=requirement("rootprop.unbindable"), id="unbindable"),
    ],
)
def test_only_a_slave_hears_from_the_host_and_none_is_heard(propagation, heard, started, harbour):
    container = started(propagation)
    harbour.mount()

    seen = container.ask("read /harbour/ship")
    refused = container.ask("mount bay /tmp tmpfs")[0]

    assert seen == ((None, harbour.SHIP) if heard else ("ENOENT", None))
    assert (refused, "/tmp" in mountpoints(container), harbour.mountpoints) == (None, True, {"/harbour"})
    assert propagation_at(container, "/") == MEANING[propagation]


@pytest.mark.parametrize(
    ("propagation", "reached"),
    [
        pytest.param("shared", True, marks=requirement("rootprop.shared"), id="shared"),
        pytest.param("private", False, marks=requirement("rootprop.private"), id="private"),
    ],
)
def test_what_a_nested_container_mounts_reaches_a_shared_root_alone(propagation, reached, started):
    """Though its own root is shared."""
    container = started(propagation)

    refused = container.ask("nested /tmp")[0]

    assert (refused, "/tmp" in mountpoints(container)) == (None, reached)


@requirement("rootprop.shared")
def test_mounts_below_a_shared_root_join_its_peer_group(started):
    container = started("shared")

    container.ask(f"mount / /tmp none {MS_BIND}")
    container.ask("mount bay /tmp/run tmpfs")

    assert {"/tmp", "/tmp/run", "/run"} - mountpoints(container) == set()
    assert "shared" in (propagation_at(container, "/") or ())


@requirement("rootprop.not-host")
def test_a_shared_root_is_not_shared_with_the_host(started, harbour):
    container = started("shared")

    refused = container.ask("mount bay /tmp tmpfs")[0]

    assert (refused, "/tmp" in mountpoints(container), harbour.mountpoints) == (None, True, set())


@requirement("rootprop.unbindable")
def test_an_unbindable_root_cannot_be_bound(started):
    container = started("unbindable")

    of_the_root, of_another = f"mount / /tmp none {MS_BIND}", f"mount /dev /tmp none {MS_BIND}"
    attempts = {command: container.ask(command)[0] for command in (of_the_root, of_another)}

    assert attempts == {of_the_root: "EINVAL", of_another: None}
    assert propagation_at(container, "/") == MEANING["unbindable"]


@requirement("rootprop.values")
def test_an_unknown_propagation_is_an_error(config, container):
    config["linux"]["rootfsPropagation"] = "hearsay"

    with generates_an_error():
        container.create()
