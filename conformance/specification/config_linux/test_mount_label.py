"""config-linux.md#configLinuxMountLabel"""

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import faults, selinux

SHELF = {"destination": "/shelf", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]}
LOOKS = [f"xattr {path} security.selinux" for path in ("/shelf", "/shelf/book", "/dev")]


def is_labelled(report):
    """Whether the context is an option of the file system."""
    mount = report.facts.mount_at("/shelf")
    return mount is not None and any(option.startswith("context=") for option in mount.super_options)


@requirement("mountLabel.applied")
def test_files_in_the_containers_mounts_have_the_label(config, container, mountable_label):
    config["mounts"] += [SHELF]
    config["linux"]["mountLabel"] = mountable_label

    answers = container.run("create /shelf/book", *LOOKS).answers

    assert {look: answers[look] for look in LOOKS} == dict.fromkeys(LOOKS, mountable_label)


@requirement("mountLabel.applied")
def test_the_label_is_the_mounts_own(config, container, another, mountable_label):
    """With it, and without it."""
    config["mounts"] += [SHELF]
    twin = another()
    config["linux"]["mountLabel"] = mountable_label

    assert (is_labelled(container.run()), is_labelled(twin.run())) == (True, False)


@pytest.mark.parametrize("mounts", ["those of a runtime", "one of its own"])
@requirement("mountLabel.unavailable")
def test_a_label_that_cannot_be_applied_is_an_error(mounts, config, container):
    """None can without SELinux, and this one by no policy; without the label the ordinary config is accepted."""
    if selinux.lack() == selinux.NO_POLICY:  # what the kernel then does with labels is no statement about a runtime
        raise faults.not_on_this_host(selinux.NO_POLICY)
    config["mounts"] += [SHELF] if mounts == "one of its own" else []
    config["linux"]["mountLabel"] = "oci-conformance:is:no:label"

    with generates_an_error():
        container.create()
