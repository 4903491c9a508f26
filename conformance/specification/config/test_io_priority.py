"""config.md#configLinuxProcess: ioPriority"""

import pytest

from conformance import generates_an_error, requirement

OWN = "ioprio"  # the probe's verb: of itself
OF_GROUP = "ioprio 2 0"
NUMBERS = {"IOPRIO_CLASS_RT": 1, "IOPRIO_CLASS_BE": 2, "IOPRIO_CLASS_IDLE": 3}


def priority(name: str, level: int) -> dict[str, object]:
    return {"class": f"IOPRIO_CLASS_{name}", "priority": level}


@requirement("ioprio.applied")
@pytest.mark.parametrize(("name", "level"), [("BE", 0), ("BE", 6), ("RT", 3)])
def test_the_program_has_class_and_level(config, container, name, level):
    config["process"]["ioPriority"] = priority(name, level)

    assert container.run(OWN).answers[OWN] == [NUMBERS[f"IOPRIO_CLASS_{name}"], level]


@requirement("ioprio.applied")
def test_the_priority_is_set_for_a_user_without_privilege(config, container):
    config["process"] |= {"user": {"uid": 1000, "gid": 1000}, "capabilities": {}, "ioPriority": priority("RT", 5)}

    assert container.run(OWN).answers[OWN] == [1, 5]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=requirement(f"ioprio.class.{name}"), id=name) for name in ("RT", "BE", "IDLE")]
)
def test_a_class_is_the_kernels(config, container, name):
    """The kernel has no levels of IOPRIO_CLASS_IDLE: the class alone is looked at."""
    config["process"]["ioPriority"] = priority(name, 4)

    assert (container.run(OWN).answers[OWN] or [None])[0] == NUMBERS[f"IOPRIO_CLASS_{name}"]


@requirement("ioprio.process-group")
def test_every_process_of_the_container_has_the_priority(config, container):
    """Those that the program makes, and whatever else the runtime has put there."""
    config["process"]["ioPriority"] = priority("BE", 6)
    container.create("listen")
    container.start()

    container.ask("spawn")
    processes = [name for name in container.ask("list /proc")[1] or () if name.isdigit()]
    seen = [container.ask(f"ioprio 1 {pid}")[1] for pid in processes]

    assert (len(seen) >= 2, seen) == (True, [[2, 6]] * len(seen))


@requirement("ioprio.process-group")
def test_the_process_group_has_the_priority(config, container):
    config["process"]["ioPriority"] = priority("BE", 6)

    assert container.run(OF_GROUP).answers[OF_GROUP] == [2, 6]


@pytest.mark.parametrize(
    "member",
    [pytest.param(name, marks=requirement(f"ioprio.{name}.required"), id=name) for name in ("class", "priority")],
)
def test_a_priority_that_is_not_whole_is_an_error(config, container, another, member):
    config["process"]["ioPriority"] = priority("BE", 0)
    another().create()

    del config["process"]["ioPriority"][member]

    with generates_an_error():
        container.create()
        container.start()


@requirement("ioprio.class.unknown")
@pytest.mark.parametrize("name", ["IOPRIO_CLASS_NONE", "IOPRIO_CLASS_SHELF", "BE", ""])
def test_a_class_that_is_none_is_an_error(config, container, another, name):
    config["process"]["ioPriority"] = priority("BE", 4)
    another().create()

    config["process"]["ioPriority"]["class"] = name

    with generates_an_error():
        container.create()
        container.start()


@requirement("ioprio.priority.range")
@pytest.mark.parametrize("level", [0, 7])
def test_the_highest_and_the_lowest_level_can_be_had(config, container, level):
    config["process"]["ioPriority"] = priority("BE", level)

    assert container.run(OWN).answers[OWN] == [2, level]


@requirement("ioprio.priority.range")
@pytest.mark.parametrize("level", [-1, 8])
def test_a_level_that_is_none_is_an_error(config, container, another, level):
    config["process"]["ioPriority"] = priority("BE", 7)
    another().create()

    config["process"]["ioPriority"]["priority"] = level

    with generates_an_error():
        container.create()
        container.start()
