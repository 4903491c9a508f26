"""config.md#configLinuxMountOptions: propagation, looked at from both sides"""

import pytest

from conformance import requirement

MS_BIND = 0x1000
WORDS = {"shared", "master", "unbindable"}

pytestmark = pytest.mark.usefixtures("same_kernel")

#: What a mount is that says nothing goes with the root in some runtimes, so what is asked for has to differ from that.
each_root = pytest.mark.parametrize("root", [None, "shared"], ids=["root as it is", "root shared"])
#: A slave needs a master: a runtime whose containers are private by default may have cut them off before.
root_that_hears = pytest.mark.parametrize("root", ["slave", "shared"], ids=["root a slave", "root shared"])


@pytest.fixture
def started(config, container, tree):
    """Begin a container whose program may mount, with these mounts; it waits for commands."""
    for granted in config["process"]["capabilities"].values():
        granted += ["CAP_SYS_ADMIN"]

    def start(*mounts, root=None):
        if root:
            config["linux"]["rootfsPropagation"] = root
        config["mounts"] += mounts
        container.create("listen")
        container.start()
        return container

    return start


@pytest.fixture
def quay(tree):
    """A mount of the host that is shared, as is the one below it, with an empty directory on either."""
    for directory in (tree.path, tree.box):
        (directory / "quay").mkdir()
    tree.share()
    return tree


def bound(tree, *options: str) -> dict[str, object]:
    return {"destination": "/shelf", "source": str(tree.path), "options": list(options)}


def new(destination: str, *options: str) -> dict[str, object]:
    return {"destination": destination, "type": "tmpfs", "source": "shelf", "options": list(options)}


def propagation(container, *mountpoints: str) -> list[set[str] | None]:
    """The words of mountinfo, as the container began; ends the container."""
    container.hangs_up()
    found = map(container.report().facts.mount_at, mountpoints)
    return [{word.split(":")[0] for word in mount.propagation} & WORDS if mount else None for mount in found]


def crossed(container, quay, directory: str) -> tuple[bool, bool]:
    """Whether what one side mounts is seen by the other: first the host's, then the container's."""
    inwards = is_heard(container, quay, directory)
    container.ask(f"mkdir /shelf{directory}/pier")
    refused = container.ask(f"mount pier /shelf{directory}/pier tmpfs")[0]
    assert refused is None
    return inwards, f"{directory}/pier" in quay.mountpoints


def is_heard(container, quay, directory: str) -> bool:
    """Whether a mount of the host's is seen in the container."""
    quay.mount(quay.path / f"{directory}/quay".lstrip("/"))
    return container.ask(f"list /shelf{directory}/quay")[1] == ["ship"]


def copy_hears(container, mountpoint: str) -> tuple[bool, bool]:
    """Of a file system mounted below `mountpoint`, whether it is there, and whether at a copy of that too."""
    container.ask(f"mkdir {mountpoint}/pier")
    container.ask(f"mount {mountpoint} /tmp none {MS_BIND:#x}")
    container.ask(f"mount pier {mountpoint}/pier tmpfs")
    container.ask(f"create {mountpoint}/pier/ship")
    return tuple(container.ask(f"list {place}/pier")[1] == ["ship"] for place in (mountpoint, "/tmp"))


@requirement("mntopt.private")
@each_root
def test_a_private_mount_neither_hears_nor_is_heard(started, quay, root):
    container = started(bound(quay, "bind", "private"), root=root)

    assert crossed(container, quay, "") == (False, False)
    assert propagation(container, "/shelf") == [set()]


@requirement("mntopt.rprivate")
@each_root
def test_mounts_below_an_rprivate_one_neither_hear_nor_are_heard(started, quay, root):
    container = started(bound(quay, "rbind", "rprivate"), root=root)

    assert [crossed(container, quay, directory) for directory in ("", "/box")] == [(False, False), (False, False)]
    assert propagation(container, "/shelf", "/shelf/box") == [set(), set()]


@requirement("mntopt.slave")
@root_that_hears
def test_a_slave_hears_and_is_not_heard(started, quay, root):
    container = started(bound(quay, "bind", "slave"), root=root)

    assert crossed(container, quay, "") == (True, False)
    assert propagation(container, "/shelf") == [{"master"}]


@requirement("mntopt.rslave")
@root_that_hears
def test_mounts_below_an_rslave_one_hear_and_are_not_heard(started, quay, root):
    container = started(bound(quay, "rbind", "rslave"), root=root)

    assert [crossed(container, quay, directory) for directory in ("", "/box")] == [(True, False), (True, False)]
    assert propagation(container, "/shelf", "/shelf/box") == [{"master"}, {"master"}]


@requirement("mntopt.shared")
def test_what_is_mounted_below_a_shared_mount_is_seen_at_a_copy_of_it(started, tree):
    """The mount below it stays as it was, which is private."""
    container = started(bound(tree, "rbind", "shared"), new("/plain"))

    assert copy_hears(container, "/shelf") == (True, True)
    top, below, plain = propagation(container, "/shelf", "/shelf/box", "/plain")
    assert ("shared" in (top or ()), below, plain) == (True, set(), set())


@requirement("mntopt.rshared")
def test_what_is_mounted_below_a_mount_below_an_rshared_one_is_seen_at_a_copy(started, tree):
    container = started(bound(tree, "rbind", "rshared"))

    assert copy_hears(container, "/shelf/box") == (True, True)
    found = propagation(container, "/shelf", "/shelf/box")
    assert ["shared" in (words or ()) for words in found] == [True, True]


@pytest.mark.parametrize(
    "option", [pytest.param(name, marks=requirement(f"mntopt.{name}"), id=name) for name in ("shared", "rshared")]
)
def test_a_new_file_system_can_be_shared(started, option):
    container = started(new("/shelf", option))

    assert copy_hears(container, "/shelf") == (True, True)
    assert propagation(container, "/shelf") == [{"shared"}]


def bind_of(container, mountpoint: str) -> str | None:
    return container.ask(f"mount {mountpoint} /tmp none {MS_BIND:#x}")[0]


@requirement("mntopt.unbindable")
def test_an_unbindable_mount_cannot_be_bound(started, tree):
    """The mount below it can, and a new file system can be unbindable too."""
    container = started(bound(tree, "rbind", "unbindable"), new("/new", "unbindable"), new("/plain"))
    mountpoints = ("/shelf", "/new", "/shelf/box", "/plain")

    attempts = [bind_of(container, mountpoint) for mountpoint in mountpoints]

    assert attempts == ["EINVAL", "EINVAL", None, None]
    assert propagation(container, *mountpoints) == [{"unbindable"}, {"unbindable"}, set(), set()]


@requirement("mntopt.runbindable")
def test_mounts_below_a_runbindable_one_cannot_be_bound(started, tree):
    container = started(bound(tree, "rbind", "runbindable"), new("/plain"))
    mountpoints = ("/shelf", "/shelf/box", "/plain")

    attempts = [bind_of(container, mountpoint) for mountpoint in mountpoints]

    assert attempts == ["EINVAL", "EINVAL", None]
    assert propagation(container, *mountpoints) == [{"unbindable"}, {"unbindable"}, set()]


@requirement("mntopt.unbindable")
def test_an_unbindable_mount_neither_hears_nor_is_heard(started, quay):
    container = started(bound(quay, "bind", "unbindable"))

    assert crossed(container, quay, "") == (False, False)
    assert propagation(container, "/shelf") == [{"unbindable"}]
