"""config-linux.md#configLinuxDefaultFilesystems"""

import pytest

from conformance import requirement


@pytest.mark.parametrize(
    ("path", "type"),
    [
        pytest.param("/sys", "sysfs", marks=requirement("defaultfs.sys"), id="sys"),
        pytest.param("/dev/pts", "devpts", marks=requirement("defaultfs.dev.pts"), id="dev-pts"),
        pytest.param("/dev/shm", "tmpfs", marks=requirement("defaultfs.dev.shm"), id="dev-shm"),
    ],
)
def test_a_file_system_is_there_where_it_is_listed(path, type, container):
    found = container.run().facts.mount_at(path)

    assert (found and found.type) == type


# The text can be read as advice to whoever writes the config. Nobody else than the runtime can follow it where the
# config says nothing, so that is what is looked at.
@pytest.mark.parametrize(
    ("path", "type"),
    [
        pytest.param("/proc", "proc", marks=requirement("defaultfs.proc"), id="proc"),
        pytest.param("/sys", "sysfs", marks=requirement("defaultfs.sys"), id="sys"),
        pytest.param("/dev/pts", "devpts", marks=requirement("defaultfs.dev.pts"), id="dev-pts"),
        pytest.param("/dev/shm", "tmpfs", marks=requirement("defaultfs.dev.shm"), id="dev-shm"),
    ],
)
def test_a_file_system_is_there_without_being_listed(path, type, config, container):
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] != path]

    found = container.run().facts.mount_at(path)

    assert (found and found.type) == type
