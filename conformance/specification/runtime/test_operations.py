"""runtime.md#runtimeOperations, runtime.md#runtimeScopeContainer"""

from conformance import generates_an_error, requirement


@requirement("op.supported.state")
def test_there_is_a_state_operation(created):
    assert created.state()["id"] == created.id


@requirement("op.supported.create")
def test_there_is_a_create_operation(container):
    container.create()

    assert container.status == "created"


@requirement("op.supported.start")
def test_there_is_a_start_operation(created):
    created.start()

    assert created.heard("ready") is True


@requirement("op.supported.kill")
def test_there_is_a_kill_operation(container):
    container.create("trap USR2 TERM")
    container.start()
    container.heard("ready")

    container.kill("USR2")

    assert container.heard("value") == "USR2"


@requirement("op.supported.delete")
def test_there_is_a_delete_operation(stopped):
    stopped.delete()

    with generates_an_error():
        stopped.state()


@requirement("rt.scope.creator-operates")
def test_who_has_created_a_container_can_use_every_operation_on_it(container, place):
    seen = []
    container.create("listen")

    # Each from another process and another directory than create: who asks is the same.
    for operation in ("start", "kill", "delete"):
        seen.append(container.status)
        container.operate(operation, container.id, *(["KILL"] if operation == "kill" else []), cwd=place)
        if operation == "start":
            container.heard("ready")
        if operation == "kill":
            container.leaves("running")

    assert seen == ["created", "running", "stopped"]
    with generates_an_error():
        container.state()
