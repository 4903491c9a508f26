"""config-linux.md#configLinuxHugePageLimits"""

import pytest

from conformance import generates_an_error, requirement

#: What the kernel shows where there is no limit is this or more, in bytes.
UNLIMITED = 1 << 62


def asks_for(config, **limits):
    """Page size → bytes."""
    config["linux"]["resources"]["hugepageLimits"] = [{"pageSize": name, "limit": limits[name]} for name in limits]


def limits(cgroup, *kind):
    """Page size → bytes, as the kernel has them: all that there are of what is used, or of what is reserved (rsvd)."""
    wanted = [*kind, "limit_in_bytes" if cgroup.version("hugetlb") == 1 else "max"]
    found = {}
    for file in cgroup.directory("hugetlb").glob("hugetlb.*"):
        _, size, *end = file.name.split(".")
        if end == wanted and (text := file.read_text().strip()) != "max" and int(text) < UNLIMITED:
            found[size] = int(text)
    return found


@requirement("hugetlb.limit")
def test_each_page_size_has_its_limit(config, container, cgroup, page_sizes):
    """Of what is reserved or of what is used: which of them is another requirement's question."""
    wanted = {name: size * (3 + number) for number, (name, size) in enumerate(page_sizes.items())}
    asks_for(config, **wanted)

    container.create()

    assert limits(cgroup) | limits(cgroup, "rsvd") == wanted


@requirement("hugetlb.limit")
def test_a_limit_of_nothing_is_one(config, container, cgroup, page_sizes):
    size = min(page_sizes, key=page_sizes.__getitem__)
    asks_for(config, **{size: 0})

    container.create()

    assert limits(cgroup) | limits(cgroup, "rsvd") == {size: 0}


@requirement("hugetlb.limit")
def test_a_limit_is_an_error_where_there_is_none(config, container):
    asks_for(config, **{"2MB": 2 << 20})
    container.is_beyond_this_host()

    with generates_an_error():
        container.create()


@requirement("hugetlb.rsvd")
def test_the_limit_is_one_of_reservations(config, container, cgroup, page_sizes, counted_reservations):
    wanted = {name: size * (3 + number) for number, (name, size) in enumerate(page_sizes.items())}
    asks_for(config, **wanted)

    container.create()

    assert limits(cgroup, "rsvd") == wanted


@requirement("hugetlb.rsvd")
def test_more_than_the_limit_cannot_be_reserved(
    config, container, another, page_sizes, counted_reservations, two_pages
):
    """A mapping of huge pages reserves them; of what is used nothing is said before they are touched."""
    one, two = (f"map_huge_pages {count * two_pages}" for count in (1, 2))
    of_the_twin = another().run(two).attempts
    [name] = [name for name, size in page_sizes.items() if size == two_pages]
    asks_for(config, **{name: two_pages})

    attempts = container.run(one, two).attempts

    assert (of_the_twin, attempts) == ({two: None}, {one: None, two: "ENOMEM"})


@requirement("old.hugetlb.fault-only")
def test_the_limit_is_one_of_page_faults(config, container, cgroup, page_sizes):
    wanted = {name: size * (3 + number) for number, (name, size) in enumerate(page_sizes.items())}
    asks_for(config, **wanted)

    container.create()

    assert limits(cgroup) == wanted


@requirement("hugetlb.pageSize.base1024")
def test_the_unit_of_a_page_size_is_a_power_of_1024(config, container, cgroup, page_sizes):
    """Each size that the host has is known by the name that its number of bytes has then."""
    asks_for(config, **page_sizes)

    container.create()

    assert limits(cgroup) | limits(cgroup, "rsvd") == page_sizes


@pytest.mark.parametrize(
    "member",
    [pytest.param(name, marks=requirement(f"hugetlb.{name}.required"), id=name) for name in ("pageSize", "limit")],
)
def test_an_entry_without_a_member_is_an_error(member, config, container, another, page_sizes):
    asks_for(config, **page_sizes)
    another().create()
    del config["linux"]["resources"]["hugepageLimits"][-1][member]

    with generates_an_error():
        container.create()


@requirement("hugetlb.pageSize.unknown")
def test_a_page_size_that_the_host_does_not_have_is_an_error(config, container, another, page_sizes):
    asks_for(config, **page_sizes)
    another().create()
    asks_for(config, **page_sizes, **{"3MB": 3 << 20})

    with generates_an_error():
        container.create()


@pytest.mark.parametrize("written", ["{kib}KB", "{bytes}B", "{bytes}", "{short}", "{lower}", "{short}iB"])
@requirement("hugetlb.pageSize.format")
def test_a_page_size_by_another_name_is_an_error(written, config, container, another, page_sizes):
    """The right number, and not the kernel's name for it."""
    name, size = next((name, size) for name, size in page_sizes.items() if not name.endswith("KB"))
    asks_for(config, **{name: 4 * size})
    another().create()
    other = written.format(kib=size >> 10, bytes=size, short=name[:-1], lower=name.lower())
    asks_for(config, **{other: 4 * size})

    with generates_an_error():
        container.create()
