"""config.md#configPlatformSpecificConfiguration"""

import os

from conformance import requirement


@requirement("platform.linux")
def test_the_linux_section_is_heeded(config, container):
    config["linux"]["sysctl"] = {"net.ipv4.ip_default_ttl": "77"}

    seen = container.run("read /proc/sys/net/ipv4/ip_default_ttl")

    assert seen.answers == {"read /proc/sys/net/ipv4/ip_default_ttl": "77\n"}
    assert seen.facts.namespaces["net"] != os.readlink("/proc/self/ns/net")


@requirement("platform.linux")
def test_the_linux_section_is_optional_in_its_parts(config, container):
    config["linux"] = {"namespaces": config["linux"]["namespaces"]}

    assert container.run().facts.hostname == "ordinary"


@requirement("platform.linux.optional")
def test_the_linux_section_may_be_missing(config, container, common_mounts):
    # The host's name is not the container's to set, without a UTS namespace of its own.
    del config["linux"], config["hostname"]

    assert container.run("write /book").attempts == {"write /book": None}
