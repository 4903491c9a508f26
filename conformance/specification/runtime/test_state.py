"""runtime.md#runtimeState"""

from conformance import requirement


@requirement("state.status.running")
def test_a_started_container_is_running(container):
    container.create()
    container.start()

    assert container.status == "running"
