"""config.md#configPOSIXProcess"""

import resource

import pytest

from conformance import generates_an_error, requirement

INFINITY = 2**64 - 1
#: Resource → its number (getrlimit(2), asm-generic), its row in /proc/PID/limits, and a value that is no default.
RESOURCES = {
    "CPU": (0, "Max cpu time", 1234),
    "FSIZE": (1, "Max file size", 123_456_789),
    "DATA": (2, "Max data size", 3_234_567_168),
    "STACK": (3, "Max stack size", 5_132_288),
    "CORE": (4, "Max core file size", 4711),
    "RSS": (5, "Max resident set", 1_073_745_920),
    "NPROC": (6, "Max processes", 4321),
    "NOFILE": (7, "Max open files", 321),
    "MEMLOCK": (8, "Max locked memory", 69_632),
    "AS": (9, "Max address space", 8_589_938_688),
    "LOCKS": (10, "Max file locks", 777),
    "SIGPENDING": (11, "Max pending signals", 999),
    "MSGQUEUE": (12, "Max msgqueue size", 700_001),
    "NICE": (13, "Max nice priority", 17),
    "RTPRIO": (14, "Max realtime priority", 13),
    "RTTIME": (15, "Max realtime timeout", 500_001),
}


def limit(name: str, soft: int, hard: int) -> dict[str, object]:
    return {"type": f"RLIMIT_{name}", "soft": soft, "hard": hard}


def reachable(name: str) -> int:
    """A value for the hard limit that needs no privilege."""
    number, _, value = RESOURCES[name]
    present = resource.getrlimit(number)[1]
    return value if present == resource.RLIM_INFINITY else min(value, present)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=requirement(f"rlimits.const.{name}"), id=name) for name in RESOURCES]
)
def test_a_resource_can_be_limited(config, container, name):
    _, row, value = RESOURCES[name]
    config["process"]["rlimits"] = [limit(name, value, value)]

    assert container.run().facts.limits.get(row) == [str(value), str(value)]


@requirement("rlimits.constants")
def test_all_resources_can_be_limited_at_once(config, container):
    config["process"]["rlimits"] = [limit(name, reachable(name), reachable(name)) for name in RESOURCES]

    limits = container.run().facts.limits

    assert {name: limits.get(row) for name, (_, row, _) in RESOURCES.items()} == {
        name: [str(reachable(name))] * 2 for name in RESOURCES
    }


@requirement("rlimits.applied")
def test_every_entry_takes_effect(config, container):
    names = ("SIGPENDING", "CORE", "NOFILE")
    config["process"]["rlimits"] = [limit(name, *RESOURCES[name][2:] * 2) for name in names]

    limits = container.run().facts.limits

    assert {name: limits.get(RESOURCES[name][1]) for name in names} == {
        "SIGPENDING": ["999", "999"],
        "CORE": ["4711", "4711"],
        "NOFILE": ["321", "321"],
    }


@requirement("rlimits.getrlimit-succeeds")
def test_getrlimit_succeeds_for_every_entry(config, container):
    config["process"]["rlimits"] = [limit(name, reachable(name), reachable(name)) for name in RESOURCES]

    answers = container.run(*[f"getrlimit {number}" for number, _, _ in RESOURCES.values()]).answers

    assert answers == {f"getrlimit {RESOURCES[name][0]}": [reachable(name)] * 2 for name in RESOURCES}


@requirement("rlimits.soft.match")
def test_the_soft_limit_is_the_configured_one(config, container):
    config["process"]["rlimits"] = [limit("NOFILE", 123, 321), limit("STACK", INFINITY, INFINITY)]

    limits = container.run().facts.limits

    assert limits["Max open files"][:1] + limits["Max stack size"][:1] == ["123", "unlimited"]


@requirement("rlimits.hard.match")
def test_the_hard_limit_is_the_configured_one(config, container):
    config["process"]["rlimits"] = [limit("NOFILE", 123, 321), limit("CORE", 4711, INFINITY)]

    limits = container.run().facts.limits

    assert limits["Max open files"][1:2] + limits["Max core file size"][1:2] == ["321", "unlimited"]


@requirement("rlimits.hard.match")
def test_limits_are_set_for_a_user_without_privilege(config, container):
    config["process"]["user"] = {"uid": 1000, "gid": 1000}
    config["process"]["capabilities"] = {}
    config["process"]["rlimits"] = [limit("NOFILE", 123, 321)]

    assert container.run().facts.limits["Max open files"][:2] == ["123", "321"]


@requirement("rlimits.hard.ceiling")
def test_an_unprivileged_process_cannot_exceed_the_hard_limit(config, container):
    config["process"]["user"] = {"uid": 1000, "gid": 1000}
    config["process"]["capabilities"] = {}
    config["process"]["rlimits"] = [limit("CORE", 100, 200)]

    attempts = container.run("setrlimit CORE 201 201", "setrlimit CORE 200 200").attempts

    assert attempts == {"setrlimit CORE 201 201": "EPERM", "setrlimit CORE 200 200": None}


@requirement("rlimits.type.unmappable")
@pytest.mark.parametrize("name", ["RLIMIT_SHELVES", "CORE", ""])
def test_a_type_that_is_no_resource_is_an_error(config, container, another, name):
    config["process"]["rlimits"] = [limit("CORE", 100, 200)]
    another().create()

    config["process"]["rlimits"][0]["type"] = name

    with generates_an_error():
        container.create()
        container.start()


@pytest.mark.parametrize(
    "member",
    [pytest.param(name, marks=requirement(f"rlimits.{name}.required"), id=name) for name in ("type", "soft", "hard")],
)
def test_an_entry_that_is_not_whole_is_an_error(config, container, another, member):
    """RLIMIT_CORE: no program minds a limit of 0 that a runtime might read into it."""
    config["process"]["rlimits"] = [limit("CORE", 0, 200)]
    another().create()

    del config["process"]["rlimits"][0][member]

    with generates_an_error():
        container.create()
        container.start()


@requirement("rlimits.duplicate")
@pytest.mark.parametrize("hard", [200, 150], ids=["same", "different"])
def test_a_type_given_twice_is_an_error(config, container, another, hard):
    config["process"]["rlimits"] = [limit("CORE", 100, 200), limit("NOFILE", 100, hard)]
    another().create()

    config["process"]["rlimits"][1]["type"] = "RLIMIT_CORE"

    with generates_an_error():
        container.create()
        container.start()
