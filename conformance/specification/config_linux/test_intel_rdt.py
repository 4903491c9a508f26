"""config-linux.md#configLinuxIntelRdt"""

import pytest

from conformance import generates_an_error, requirement
from conformance.harness import faults
from conformance.harness.resctrl import mountpoint, parsed


def asks_for(config, **members):
    config["linux"]["intelRdt"] = members


@pytest.fixture
def closid(container):
    """The name of a class that nobody has made yet; what is made goes with the test."""
    return f"{container.id}-shelf"


@requirement("rdt.no-resctrl")
@pytest.mark.parametrize(
    "asked",
    [{}, {"closID": "shelf"}, {"l3CacheSchema": "L3:0=f"}, {"memBwSchema": "MB:0=50"}],
    ids=["nothing in particular", "closID", "l3CacheSchema", "memBwSchema"],
)
def test_without_a_mounted_resctrl_there_is_an_error(asked, config, container):
    """Without intelRdt the ordinary config is accepted."""
    if mountpoint():
        raise faults.not_on_this_host("the absence of a mounted resctrl file system")
    config["linux"]["intelRdt"] = asked

    with generates_an_error():
        container.create()


@requirement("rdt.unset-no-touch")
def test_without_intel_rdt_nothing_is_made_written_or_moved(resctrl, config, container, closid):
    """The container stays in the class that the runtime is in."""
    resctrl.make(closid, resctrl.cache(1))
    resctrl.take(closid)
    settings = resctrl.settings(closid)

    container.create()

    assert {each for each in resctrl.classes if each.startswith(container.id)} == {closid}
    assert (resctrl.settings(closid), resctrl.has(container.pid, closid)) == (settings, True)


# --- the class -------------------------------------------------------------------------------------------------------


@requirement("rdt.tasks")
def test_the_containers_process_is_in_the_tasks_of_its_class(resctrl, config, container, closid):
    asks_for(config, closID=closid, l3CacheSchema=resctrl.cache(0))

    container.create()

    assert (resctrl.has(container.pid, closid), resctrl.has(container.pid)) == (True, False)


@requirement("rdt.closID")
def test_the_class_is_the_one_that_is_named(resctrl, config, container, closid):
    asks_for(config, closID=closid, l3CacheSchema=resctrl.cache(0))

    container.create()

    assert {name for name in resctrl.classes if name.startswith(container.id)} == {closid}


@requirement("rdt.closID.root")
def test_a_slash_is_the_default_class(resctrl, config, container, closid):
    """Though the runtime is in another one, and would leave its child there."""
    resctrl.make(closid)
    resctrl.take(closid)
    asks_for(config, closID="/")

    container.create()

    classes = {name for name in resctrl.classes if name.startswith(container.id)}
    assert (resctrl.has(container.pid), classes) == (True, {closid})


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({}, marks=requirement("rdt.noclos.dir"), id="nothing in particular"),
        pytest.param({"l3CacheSchema": 0}, marks=requirement("rdt.noclos.dir"), id="l3CacheSchema"),
        pytest.param({"l3CacheSchema": 0}, marks=requirement("old.rdt.tasks"), id="until 1.0.1"),
    ],
)
def test_without_a_name_the_class_is_named_after_the_container(asked, resctrl, config, container):
    asks_for(config, **{name: resctrl.cache(choice) for name, choice in asked.items()})

    container.create()

    assert {name for name in resctrl.classes if name.startswith(container.id)} == {container.id}
    assert resctrl.has(container.pid, container.id)


@requirement("rdt.clos-missing.create")
@pytest.mark.parametrize("member", ["l3CacheSchema", "memBwSchema", "schemata"])
def test_a_named_class_with_a_schema_is_made(member, resctrl, config, container, spec_version, closid):
    if member == "schemata":
        faults.needs_release("1.3.0", spec_version, "schemata came with 1.3.0")
        resctrl.requires("schemata")
    schemas = {"l3CacheSchema": resctrl.cache(0), "memBwSchema": resctrl.bandwidth(0), "schemata": [resctrl.cache(0)]}
    asks_for(config, closID=closid, **{member: schemas[member]})

    container.create()

    assert closid in resctrl.classes


@requirement("rdt.clos-exists.compare")
@pytest.mark.parametrize("member", ["l3CacheSchema", "memBwSchema"])
def test_another_schema_than_that_of_a_class_that_is_there_is_an_error(
    member, resctrl, config, container, another, closid
):
    resctrl.make(closid, resctrl.cache(0), resctrl.bandwidth(0))
    schema = {"l3CacheSchema": resctrl.cache, "memBwSchema": resctrl.bandwidth}[member]
    asks_for(config, closID=closid, **{member: schema(0)})
    another().create()
    asks_for(config, closID=closid, **{member: schema(1)})

    with generates_an_error():
        container.create()

    assert resctrl.settings(closid) == parsed("\n".join([resctrl.cache(0), resctrl.bandwidth(0)]))


@requirement("rdt.clos-only.assign")
def test_a_class_that_is_there_gets_the_container(resctrl, config, container, closid):
    resctrl.make(closid, resctrl.cache(0))
    asks_for(config, closID=closid)

    container.create()

    assert (resctrl.has(container.pid, closid), resctrl.has(container.pid)) == (True, False)


@requirement("rdt.clos-only.missing")
def test_a_class_that_is_missing_is_an_error_without_a_schema(resctrl, config, container, another, closid):
    asks_for(config, closID=closid, l3CacheSchema=resctrl.cache(0))
    another().create()
    asks_for(config, closID=f"{closid}-of-nobody")

    with generates_an_error():
        container.create()

    assert f"{closid}-of-nobody" not in resctrl.classes


# --- the schemata ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wording",
    [
        pytest.param("combined", marks=requirement("old.rdt.write.combined"), id="until 1.2.1"),
        pytest.param("both", marks=requirement("rdt.write.both"), id="since 1.3.0"),
    ],
)
def test_both_schemas_are_in_effect(wording, resctrl, config, container):
    asks_for(config, l3CacheSchema=resctrl.cache(0), memBwSchema=resctrl.bandwidth(0))

    container.create()

    assert resctrl.settings(container.id) == parsed("\n".join([resctrl.cache(0), resctrl.bandwidth(0)]))


@requirement("rdt.write.both-order")
def test_the_bandwidths_schema_is_the_last_word(resctrl, config, container):
    """Of a bandwidth that the cache's schema has too, against advice: a runtime may refuse that."""
    asks_for(config, l3CacheSchema=resctrl.bandwidth(1), memBwSchema=resctrl.bandwidth(2))

    try:
        container.create()
        seen = resctrl.settings(container.id).get("MB")
    except faults.OperationFailed:
        seen = "refused"

    assert seen in (parsed(resctrl.bandwidth(2))["MB"], "refused")


@requirement("old.rdt.l3-mb-line")
def test_the_bandwidths_schema_took_the_place_of_a_line(resctrl, config, container):
    cache = f"{resctrl.cache(0)}\n{resctrl.bandwidth(1)}"
    asks_for(config, l3CacheSchema=cache, memBwSchema=resctrl.bandwidth(2))

    container.create()

    assert resctrl.settings(container.id) == parsed("\n".join([resctrl.cache(0), resctrl.bandwidth(2)]))


@requirement("rdt.write.either")
@pytest.mark.parametrize("member", ["l3CacheSchema", "memBwSchema"])
def test_a_schema_alone_is_in_effect_alone(member, resctrl, config, container, closid):
    schema = {"l3CacheSchema": resctrl.cache(0), "memBwSchema": resctrl.bandwidth(0)}[member]
    asks_for(config, closID=closid, **{member: schema})

    container.create()

    assert resctrl.settings(closid) == resctrl.full() | parsed(schema)


@requirement("rdt.write.schemata")
@pytest.mark.parametrize("is_there", [False, True], ids=["a new class", "one that is there"])
def test_schemata_is_in_effect(is_there, resctrl, config, container, closid):
    """What has to match a class that is there are the two other schemas."""
    resctrl.requires("schemata")
    if is_there:
        resctrl.make(closid, resctrl.cache(0))
    asks_for(config, closID=closid, schemata=[resctrl.cache(1)])

    container.create()

    assert resctrl.settings(closid) == resctrl.full() | parsed(resctrl.cache(1))


@requirement("rdt.schemata.lines")
def test_all_lines_of_schemata_are_in_effect(resctrl, config, container, closid):
    resctrl.requires("schemata")
    lines = [resctrl.bandwidth(1), resctrl.cache(1)]
    asks_for(config, closID=closid, schemata=lines)

    container.create()

    assert resctrl.settings(closid) == parsed("\n".join(lines))


@requirement("rdt.write.schemata-last")
def test_schemata_is_the_last_word(resctrl, config, container):
    resctrl.requires("schemata")
    lines = [resctrl.cache(1), resctrl.bandwidth(1)]
    asks_for(config, l3CacheSchema=resctrl.cache(0), memBwSchema=resctrl.bandwidth(0), schemata=lines)

    container.create()

    assert resctrl.settings(container.id) == parsed("\n".join(lines))


@requirement("rdt.write.none")
def test_without_a_schema_a_class_that_is_there_stays_as_it_is(resctrl, config, container, closid):
    resctrl.make(closid, resctrl.cache(1), resctrl.bandwidth(1))
    asks_for(config, closID=closid)

    container.create()

    assert resctrl.settings(closid) == parsed("\n".join([resctrl.cache(1), resctrl.bandwidth(1)]))


@pytest.mark.parametrize(
    ("member", "wrong"),
    [
        pytest.param("memBwSchema", "0=50", marks=requirement("rdt.mb.prefix"), id="no prefix"),
        pytest.param("memBwSchema", "{cache}", marks=requirement("rdt.mb.prefix"), id="another prefix"),
        pytest.param("memBwSchema", "{bandwidth}\n{cache}", marks=requirement("rdt.mb.no-newline"), id="two lines"),
        pytest.param("schemata", "{cache}\n{bandwidth}", marks=requirement("rdt.schemata.no-newline"), id="element"),
    ],
)
def test_a_schema_that_may_not_be_is_an_error(member, wrong, resctrl, config, container, another):
    if member == "schemata":
        resctrl.requires("schemata")
    sound = resctrl.bandwidth(0)
    asks_for(config, **{member: [sound] if member == "schemata" else sound})
    another().create()
    text = wrong.format(cache=resctrl.cache(0), bandwidth=sound)
    asks_for(config, **{member: [text] if member == "schemata" else text})

    with generates_an_error():
        container.create()


# --- the end ---------------------------------------------------------------------------------------------------------


def ends(container):
    container.kill()
    container.becomes("stopped")
    container.delete()


@requirement("rdt.delete.own")
def test_a_class_named_after_the_container_goes_with_it(resctrl, config, container):
    asks_for(config, l3CacheSchema=resctrl.cache(0))
    container.create()
    before = container.id in resctrl.classes

    ends(container)

    assert (before, container.id in resctrl.classes) == (True, False)


@requirement("rdt.delete.not-own")
def test_a_named_class_outlives_the_container(resctrl, config, container, closid):
    """Though it was made for it."""
    asks_for(config, closID=closid, l3CacheSchema=resctrl.cache(0))

    container.create()
    ends(container)

    assert closid in resctrl.classes


@requirement("rdt.delete.not-own")
def test_a_class_that_was_there_before_outlives_the_container(resctrl, config, container):
    """Though it has the container's name."""
    resctrl.make(container.id)
    asks_for(config, l3CacheSchema=resctrl.cache(0))

    container.create()
    ends(container)

    assert container.id in resctrl.classes


# --- monitoring ------------------------------------------------------------------------------------------------------


@requirement("rdt.mon.group")
@pytest.mark.parametrize("name", ["of the container", "/"])
def test_the_containers_process_is_in_a_monitoring_group_of_its_own(name, resctrl, config, container, another):
    resctrl.requires("monitoring")
    asks_for(config, enableMonitoring=True, **({"closID": "/"} if name == "/" else {}))
    of_class = "" if name == "/" else container.id
    other = another()
    container.create()
    other.create()

    pids, groups = (container.pid, other.pid), resctrl.monitors(of_class)
    inside = [tuple(resctrl.has(pid, of_class, "mon_groups", group) for pid in pids) for group in groups]

    assert (True, False) in inside


@pytest.fixture
def monitored(resctrl, config, closid):
    """The class, which is there already, of a container that is to be monitored."""
    resctrl.requires("monitoring")
    resctrl.make(closid)
    asks_for(config, closID=closid, enableMonitoring=True)
    return closid


@requirement("rdt.mon.name")
def test_the_monitoring_group_is_named_after_the_container(resctrl, container, monitored):
    container.create()

    assert resctrl.monitors(monitored) == {container.id}


@requirement("rdt.mon.delete")
def test_the_monitoring_group_goes_with_the_container(resctrl, container, monitored):
    container.create()
    before = resctrl.monitors(monitored)

    ends(container)

    assert (len(before), resctrl.monitors(monitored), monitored in resctrl.classes) == (1, set(), True)


@requirement("rdt.mon.fail")
def test_a_monitoring_group_that_cannot_be_made_is_an_error(resctrl, config, container, another, closid):
    resctrl.requires("monitoring")
    if not resctrl.is_stand_in:
        raise faults.not_on_this_host("monitoring groups that this test can use up: those of a host are everybody's")
    resctrl.make(closid)
    resctrl.fill()
    asks_for(config, closID=closid)
    another().create()
    asks_for(config, closID=closid, enableMonitoring=True)

    with generates_an_error():
        container.create()


# --- until 1.0.1 -----------------------------------------------------------------------------------------------------


@requirement("old.rdt.write.l3")
def test_the_caches_schema_was_in_effect(resctrl, config, container):
    asks_for(config, l3CacheSchema=resctrl.cache(0))

    container.create()

    assert resctrl.settings(container.id) == resctrl.full() | parsed(resctrl.cache(0))


@requirement("old.rdt.write.none")
def test_without_a_schema_nothing_was_written(resctrl, config, container):
    resctrl.make(container.id, resctrl.cache(1))
    asks_for(config)

    container.create()

    assert resctrl.settings(container.id) == resctrl.full() | parsed(resctrl.cache(1))
