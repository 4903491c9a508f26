"""config.md#configHostname"""

import os

from conformance import or_an_error, requirement


@requirement("hostname.seen")
def test_the_container_sees_its_hostname(config, container):
    config["hostname"] = "lovelace"

    seen = container.run("read /proc/sys/kernel/hostname")

    assert (seen.facts.hostname, seen.answers) == ("lovelace", {"read /proc/sys/kernel/hostname": "lovelace\n"})


@requirement("hostname.in-uts-ns")
def test_the_name_outside_of_the_containers_uts_namespace_stays(config, container, own_uts_namespace):
    before = os.uname().nodename
    config["hostname"] = "lovelace"

    inside = container.run().facts.hostname

    assert (inside, os.uname().nodename) == ("lovelace", before)


@requirement("hostname.in-uts-ns")
def test_the_name_is_set_in_a_uts_namespace_that_is_joined(
    config, container, own_uts_namespace, namespace_of, same_kernel
):
    joined = namespace_of("uts")
    config["hostname"] = "lovelace"
    next(entry for entry in config["linux"]["namespaces"] if entry["type"] == "uts")["path"] = joined.path

    facts = container.run().facts

    assert (facts.hostname, facts.namespaces["uts"]) == ("lovelace", joined.identity)


@requirement("hostname.in-uts-ns")
def test_without_a_uts_namespace_it_is_the_runtimes_or_refused(config, container, own_uts_namespace, same_kernel):
    """It may be the runtime's own, and a runtime may choose not to support that; but never pass it over."""
    config["hostname"] = "lovelace"
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "uts"]

    seen = or_an_error(lambda: (container.run().facts.hostname, os.uname().nodename))

    assert seen in (("lovelace", "lovelace"), "an error")
