"""config-linux.md#configLinuxBlockIO"""

import pytest

from conformance import generates_an_error, requirement

#: Property → the file of version 1, and the word in io.max of version 2.
THROTTLES = {
    "throttleReadBpsDevice": ("read_bps", "rbps"),
    "throttleWriteBpsDevice": ("write_bps", "wbps"),
    "throttleReadIOPSDevice": ("read_iops", "riops"),
    "throttleWriteIOPSDevice": ("write_iops", "wiops"),
}
#: Numbers that no block device has: Linux gives out none above 254 by itself.
NOBODYS = {"major": 511, "minor": 7}


def each_throttle(demand: str = "") -> pytest.MarkDecorator:
    """One test for each throttle, of the requirement `blkio.PROPERTY` or `blkio.PROPERTY.demand`."""
    names = {name: f"blkio.{name}.{demand}".rstrip(".") for name in THROTTLES}
    return pytest.mark.parametrize(
        "throttle", [pytest.param(name, marks=requirement(id), id=name) for name, id in names.items()]
    )


def asks_for(config, **block_io):
    config["linux"]["resources"]["blockIO"] = block_io


def throttled(cgroup):
    """Property → device → rate, as the kernel has them: all that there are."""
    found = {}
    for name, (file, word) in THROTTLES.items():
        text = cgroup.value("blkio", v1=f"blkio.throttle.{file}_device", v2="io.max")
        rates = [rate_in(line.split(), word) for line in text.splitlines()]
        if of_devices := {device: int(rate) for device, rate in rates if rate != "max"}:
            found[name] = of_devices
    return found


def rate_in(line, word):
    """The device and its rate in `7:3 4096` or in `7:3 rbps=4096 wbps=max …`."""
    device, *words = line
    return device, dict(each.split("=") for each in words)[word] if "=" in words[0] else words[0]


def weights(cgroup):
    """Device → weight, as the kernel has them: all that there are, and the default."""
    scheduler = (
        "bfq." if cgroup.version("blkio") == 2 or (cgroup.directory("blkio") / "blkio.bfq.weight").exists() else ""
    )
    default = cgroup.value("blkio", v1=f"blkio.{scheduler}weight", v2="io.bfq.weight")
    devices = cgroup.value("blkio", v1=f"blkio.{scheduler}weight_device", v2="io.bfq.weight")
    found = dict(line.split() for line in devices.splitlines())
    return {name: int(weight) for name, weight in {"default": default.split()[-1], **found}.items()}


# --- throttles -------------------------------------------------------------------------------------------------------


@each_throttle()
def test_each_device_has_its_rate(throttle, config, container, cgroup, loop_device):
    first, second = loop_device(), loop_device()
    asks_for(config, **{throttle: [first.entry(rate=1 << 20), second.entry(rate=3 << 20)]})

    container.create()

    assert throttled(cgroup) == {throttle: {first.number: 1 << 20, second.number: 3 << 20}}


@each_throttle()
def test_a_rate_holds_beside_the_others_of_its_device(throttle, config, container, cgroup, loop_device):
    device = loop_device()
    rates = {name: 1000 + number for number, name in enumerate(THROTTLES)}
    asks_for(config, **{name: [device.entry(rate=rate)] for name, rate in rates.items()})

    container.create()

    assert throttled(cgroup).get(throttle) == {device.number: rates[throttle]}


@pytest.mark.parametrize(
    ("throttle", "way", "rate"),
    [
        pytest.param(name, way, rate, marks=requirement(f"blkio.{name}"), id=name)
        for name, way, rate in (("throttleReadBpsDevice", "read", 16 * 65536), ("throttleWriteIOPSDevice", "write", 16))
    ],
)
def test_a_throttled_device_is_slow_and_another_is_not(throttle, way, rate, config, container, loop_device):
    """24 operations of 64 KiB, by direct I/O: in version 1 there is no other that is throttled."""
    slow, fast = loop_device(), loop_device()
    slow.offer(config, "/dev/slow")
    fast.offer(config, "/dev/fast")
    asks_for(config, **{throttle: [slow.entry(rate=rate)]})
    commands = [f"direct {way} /dev/{name} 65536 24" for name in ("slow", "fast")]

    answers = container.run(*commands).answers

    of_slow, of_fast = (answers[command] for command in commands)
    assert None not in (of_slow, of_fast)
    assert of_slow > 1000
    assert of_fast < of_slow / 2


@each_throttle("rate")
def test_an_entry_without_rate_is_an_error(throttle, config, container, another, loop_device):
    entry = loop_device().entry(rate=4096)
    asks_for(config, **{throttle: [entry]})
    another().create()
    del entry["rate"]

    with generates_an_error():
        container.create()


@each_throttle("majmin")
@pytest.mark.parametrize("member", ["major", "minor"])
def test_an_entry_without_a_number_is_an_error(throttle, member, config, container, another, loop_device):
    entry = loop_device().entry(rate=4096)
    asks_for(config, **{throttle: [entry]})
    another().create()
    del entry[member]

    with generates_an_error():
        container.create()


@requirement("blkio.device.nonexistent")
@pytest.mark.parametrize("throttle", THROTTLES)
def test_a_rate_for_a_device_that_does_not_exist_is_an_error(throttle, config, container, another, loop_device):
    entries = [loop_device().entry(rate=4096)]
    asks_for(config, **{throttle: entries})
    another().create()
    entries.append({**NOBODYS, "rate": 4096})

    with generates_an_error():
        container.create()


# --- weights ---------------------------------------------------------------------------------------------------------


@requirement("blkio.weight")
def test_the_weight_is_the_configured_one(config, container, cgroup, weighed_device):
    weighed_device()
    asks_for(config, weight=321)

    container.create()

    assert weights(cgroup) == {"default": 321}


@requirement("blkio.weight")
def test_a_weight_is_an_error_where_there_is_none(config, container, no_weights):
    asks_for(config, weight=321)
    container.is_beyond_this_host()

    with generates_an_error():
        container.create()


@requirement("blkio.weight.overridden")
def test_the_weight_of_a_device_stands_beside_the_one_of_all_others(config, container, cgroup, weighed_device):
    device = weighed_device()
    asks_for(config, weight=321, weightDevice=[device.entry(weight=654)])

    container.create()

    assert weights(cgroup) == {"default": 321, device.number: 654}


@requirement("blkio.weightDevice")
def test_each_device_has_its_weight(config, container, another, cgroup, weighed_device):
    first, second = weighed_device(), weighed_device()
    asks_for(config, weightDevice=[first.entry(weight=321), second.entry(weight=654)])

    container.create()

    found = weights(cgroup)
    assert {name: weight for name, weight in found.items() if name != "default"} == {
        first.number: 321,
        second.number: 654,
    }


@requirement("blkio.weightDevice")
def test_a_weight_for_a_device_whose_scheduler_has_none_is_an_error(
    config, container, another, loop_device, weighed_device
):
    asks_for(config, weightDevice=[weighed_device().entry(weight=321)])
    another().create()
    asks_for(config, weightDevice=[loop_device().entry(weight=321)])

    with generates_an_error():
        container.create()


@requirement("blkio.weightDevice.majmin")
@pytest.mark.parametrize("member", ["major", "minor"])
def test_a_weight_without_a_number_is_an_error(member, config, container, another, weighed_device):
    entry = weighed_device().entry(weight=321)
    asks_for(config, weightDevice=[entry])
    another().create()
    del entry[member]

    with generates_an_error():
        container.create()


@requirement("blkio.weightDevice.one-of")
def test_an_entry_with_neither_weight_is_an_error(config, container, another, weighed_device):
    entry = weighed_device().entry(weight=321)
    asks_for(config, weightDevice=[entry])
    another().create()
    del entry["weight"]

    with generates_an_error():
        container.create()


# --- weights of leaves: only CFQ, which Linux has had until 4.20, knows them -----------------------------------------


@requirement("blkio.leafWeight")
def test_the_leaf_weight_is_the_configured_one(config, container, cgroup):
    asks_for(config, leafWeight=321)

    container.create()

    assert cgroup.value("blkio", v1="blkio.leaf_weight", v2="io.leaf_weight") == "321"


@requirement("blkio.leafWeight")
def test_a_leaf_weight_is_an_error_where_there_is_none(config, container):
    asks_for(config, leafWeight=321)
    container.is_beyond_this_host()

    with generates_an_error():
        container.create()


@requirement("blkio.weightDevice.leafWeight")
def test_a_leaf_weight_of_a_device_is_an_error_where_there_is_none(config, container, another, weighed_device):
    entry = weighed_device().entry(weight=321)
    asks_for(config, weightDevice=[entry])
    another().create()
    entry["leafWeight"] = 321
    container.is_beyond_this_host()

    with generates_an_error():
        container.create()
