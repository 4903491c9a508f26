"""config.md#configHostname"""

from conformance import requirement


@requirement("hostname.seen")
def test_the_container_sees_its_hostname(config, container):
    config["hostname"] = "lovelace"

    assert container.run().facts.hostname == "lovelace"
