"""config.md#configLinuxProcess: selinuxLabel"""

from conformance import generates_an_error, requirement
from conformance.harness import faults, selinux

CURRENT = "read /proc/self/attr/current"


@requirement("selinux.label")
def test_the_program_has_its_label(config, container, selinux_label):
    config["process"]["selinuxLabel"] = selinux_label

    assert (container.run(CURRENT).answers[CURRENT] or "").rstrip("\0\n") == selinux_label


@requirement("selinux.unavailable")
def test_a_label_that_cannot_be_applied_is_an_error(config, container):
    """None can without SELinux, and this one by no policy; without the label the ordinary config is accepted."""
    if selinux.lack() == selinux.NO_POLICY:  # the kernel takes all words, and makes `kernel` of them
        raise faults.not_on_this_host(selinux.NO_POLICY)
    config["process"]["selinuxLabel"] = "oci-conformance:is:no:label"

    with generates_an_error():
        container.create()
        container.start()
