"""config.md#configLinuxMountOptions: options for a mount and all that is mounted below it"""

import pytest

from conformance import requirement
from conformance.harness import mount_flags
from conformance.harness.mount_flags import FLAGS

pytestmark = pytest.mark.usefixtures("program")

SETTING = [pytest.param(name, marks=requirement(f"mntopt.r{name}"), id=f"r{name}") for name in FLAGS if name != "nodev"]
CLEARING = [
    pytest.param(name, marks=requirement(f"mntopt.r{flag.clearing}"), id=f"r{flag.clearing}")
    for name, flag in FLAGS.items()
]
ANY_BUT_NONE = {"relatime", "strictatime"}


@pytest.fixture
def config(config):
    """No new privileges would hide what set-user-ID does."""
    config["process"]["noNewPrivileges"] = False
    return config


def bound(tree, destination: str, *options: str) -> dict[str, object]:
    return {"destination": destination, "source": str(tree.path), "options": list(options)}


@pytest.mark.parametrize("option", SETTING)
def test_the_whole_tree_has_the_flag_and_its_source_has_not(config, container, tree, option):
    flag = FLAGS[option]
    config["mounts"] += [bound(tree, "/marked", "rbind", f"r{option}"), bound(tree, "/plain", "rbind")]
    looked_at = ("/marked", "/marked/box", "/plain", "/plain/box")

    report = container.run(*flag.ask(*looked_at))

    expected = (flag.forbidden, flag.forbidden, flag.allowed, flag.allowed)
    assert flag.seen(report, *looked_at) == dict(zip(looked_at, expected, strict=True))


@pytest.mark.parametrize("option", SETTING)
def test_a_mount_without_others_below_it_has_the_flag(config, container, option):
    flag = FLAGS[option]
    plain = {"destination": "/plain", "type": "tmpfs", "source": "shelf"}
    config["mounts"] += [plain, plain | {"destination": "/marked", "options": [f"r{option}"]}]

    report = container.run(*flag.ask("/marked", "/plain"))

    assert flag.seen(report, "/marked", "/plain") == {"/marked": flag.forbidden, "/plain": flag.allowed}


@pytest.mark.parametrize("option", CLEARING)
def test_the_whole_tree_is_free_of_its_sources_flag(config, container, tree, option):
    flag = FLAGS[option]
    tree.give(option)
    before = tree.mountpoints
    config["mounts"] += [bound(tree, "/shelf", "rbind", f"r{flag.clearing}")]

    report = container.run(*flag.ask("/shelf", "/shelf/box"))

    assert flag.seen(report, "/shelf", "/shelf/box") == {"/shelf": flag.allowed, "/shelf/box": flag.allowed}
    assert tree.mountpoints == before


def keeping(option: str, *, source: str, fine: set[str]):
    return pytest.param(option, source, fine, marks=requirement(f"mntopt.{option}"), id=f"{option} of {source}")


@pytest.mark.parametrize(
    ("option", "source", "fine"),
    [
        keeping("rnoatime", source="strictatime", fine={"noatime"}),
        keeping("ratime", source="noatime", fine=ANY_BUT_NONE),
        keeping("rnodiratime", source="relatime", fine={"relatime, nodiratime"}),
        keeping("rdiratime", source="nodiratime", fine={"relatime"}),
        keeping("rrelatime", source="noatime", fine={"relatime"}),
        keeping("rrelatime", source="strictatime", fine={"relatime"}),
        # Not to ask for relatime leaves what the kernel does by default, which is relatime, or what the source has.
        keeping("rnorelatime", source="strictatime", fine=ANY_BUT_NONE),
        keeping("rstrictatime", source="relatime", fine={"strictatime"}),
        keeping("rstrictatime", source="noatime", fine={"strictatime"}),
        keeping("rnostrictatime", source="strictatime", fine={"relatime"}),
    ],
)
def test_the_whole_tree_keeps_times_as_asked_and_not_as_its_source(config, container, tree, option, source, fine):
    tree.give(source)
    before = tree.mountpoints
    config["mounts"] += [bound(tree, "/shelf", "rbind", option)]

    report = container.run(*mount_flags.look_at_times("/shelf", "/shelf/box"))

    seen = [mount_flags.times(report, mountpoint) for mountpoint in ("/shelf", "/shelf/box")]
    assert seen in [[kind, kind] for kind in sorted(fine)]
    assert tree.mountpoints == before


@requirement("mntopt.rnorelatime")
def test_rnorelatime_is_no_word_for_the_file_system(config, container):
    """Which would refuse it."""
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "shelf", "options": ["rnorelatime"]}]

    report = container.run(*mount_flags.look_at_times("/shelf"))

    assert mount_flags.times(report, "/shelf") in ANY_BUT_NONE
