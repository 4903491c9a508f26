"""runtime.md#runtimeWarnings"""

from conformance import generates_an_error, requirement
from conformance.harness import hooks


@requirement("warn.continue")
def test_an_operation_goes_on_after_a_warning(config, container, hook_log):
    config["hooks"] = {"poststop": [hooks.ending(1), hook_log.hook("poststop")]}
    container.run()
    container.becomes("stopped")

    container.delete()

    assert hook_log.names == ["poststop"]
    with generates_an_error():
        container.state()
