"""config.md#configDomainname"""

from pathlib import Path

from conformance import or_an_error, requirement

DOMAINNAME = Path("/proc/sys/kernel/domainname")


@requirement("domainname.seen")
def test_the_container_sees_its_domainname(config, container):
    config["domainname"] = "analytical.engine"

    assert container.run().facts.domainname == "analytical.engine"


@requirement("domainname.in-uts-ns")
def test_the_name_outside_of_the_containers_uts_namespace_stays(config, container, own_uts_namespace):
    before = DOMAINNAME.read_text()
    config["domainname"] = "analytical.engine"

    inside = container.run().facts.domainname

    assert (inside, DOMAINNAME.read_text()) == ("analytical.engine", before)


@requirement("domainname.in-uts-ns")
def test_the_name_is_set_in_a_uts_namespace_that_is_joined(
    config, container, own_uts_namespace, namespace_of, same_kernel
):
    joined = namespace_of("uts")
    config["domainname"] = "analytical.engine"
    next(entry for entry in config["linux"]["namespaces"] if entry["type"] == "uts")["path"] = joined.path

    facts = container.run().facts

    assert (facts.domainname, facts.namespaces["uts"]) == ("analytical.engine", joined.identity)


@requirement("domainname.in-uts-ns")
def test_without_a_uts_namespace_it_is_the_runtimes_or_refused(config, container, own_uts_namespace, same_kernel):
    """It may be the runtime's own, and a runtime may choose not to support that; but never pass it over."""
    del config["hostname"]
    config["domainname"] = "analytical.engine"
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "uts"]

    seen = or_an_error(lambda: (container.run().facts.domainname, DOMAINNAME.read_text().strip()))

    assert seen in (("analytical.engine", "analytical.engine"), "an error")
