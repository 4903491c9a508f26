"""config.md#configHooks"""

from conformance import requirement


@requirement("hooks.prestart.invoked")
def test_a_prestart_hook_has_run_when_create_returns(config, container, hook_log):
    config["hooks"] = {"prestart": [hook_log.hook("prestart")]}

    container.create()

    assert hook_log.names == ["prestart"]
