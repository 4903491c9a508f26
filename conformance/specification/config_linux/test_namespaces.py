"""config-linux.md#configLinuxNamespaces"""

from conformance import generates_an_error, requirement


@requirement("ns.uts.duplicate")
def test_a_second_uts_entry_is_an_error(config, container):
    config["linux"]["namespaces"] += [{"type": "uts"}]

    with generates_an_error():
        container.create()
