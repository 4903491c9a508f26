import pytest

from bundles import contracts, patch

from .documents import sample


def changed(change) -> list[patch.Operation]:
    config = contracts.ordinary()
    change(config)
    return patch.difference(contracts.ordinary(), config)


def test_nothing_differs():
    assert changed(lambda config: None) == []


def test_an_element_is_appended():
    operations = changed(lambda config: config["linux"]["namespaces"].append({"type": "uts"}))

    assert operations == [{"op": "add", "path": "/linux/namespaces/-", "value": {"type": "uts"}}]


def test_an_element_is_removed():
    assert changed(lambda config: config["mounts"].pop(2)) == [{"op": "remove", "path": "/mounts/2"}]


def test_a_member_of_an_element_is_replaced():
    operations = changed(lambda config: config["mounts"][5].update(destination="/system"))

    assert operations == [{"op": "replace", "path": "/mounts/5/destination", "value": "/system"}]


def test_members_come_and_go():
    def change(config):
        del config["hostname"]
        config["domainname"] = "harbour.example"

    assert changed(change) == [
        {"op": "remove", "path": "/hostname"},
        {"op": "add", "path": "/domainname", "value": "harbour.example"},
    ]


def test_a_short_list_is_replaced_as_a_whole():
    operations = changed(lambda config: config["process"].update(args=["/probe", "nonce"]))

    assert [operation["op"] for operation in operations] in (["add"], ["replace"])


@pytest.mark.parametrize(("old", "new"), [(1, True), (0, False), (1, 1.5), (None, False), ("1", 1)])
def test_values_of_other_types_differ(old, new):
    assert patch.difference({"a": old}, {"a": new}) == [{"op": "replace", "path": "/a", "value": new}]


def test_odd_names_survive():
    odd = {"a/b": 1, "m~n": {"": [1]}}

    assert patch.apply({}, patch.difference({}, odd)) == odd
    assert patch.apply(odd, patch.difference(odd, {"a/b": 2, "m~n": {"": [2]}})) == {"a/b": 2, "m~n": {"": [2]}}


def test_a_whole_config_can_be_told():
    new = sample("everything.json")

    assert patch.apply(contracts.ordinary(), patch.difference(contracts.ordinary(), new)) == new


def test_the_old_document_is_left_alone():
    old = contracts.ordinary()
    patch.apply(old, [{"op": "remove", "path": "/process"}])

    assert old == contracts.ordinary()


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/tide"},
        {"op": "replace", "path": "/tide", "value": 1},
        {"op": "add", "path": "/tide/high", "value": 1},
        {"op": "add", "path": "/mounts/99", "value": {}},
        {"op": "add", "path": "/mounts/-1", "value": {}},
        {"op": "remove", "path": "/mounts/00"},
        {"op": "remove", "path": "/mounts/-"},
        {"op": "add", "path": "/hostname"},
        {"op": "add", "path": "/hostname/x", "value": 1},
        {"op": "move", "path": "/hostname", "from": "/root"},
        {"op": "add", "path": "hostname", "value": 1},
        {"op": "add"},
    ],
)
def test_an_operation_does_not_fit(operation):
    with pytest.raises(patch.PatchError):
        patch.apply(contracts.ordinary(), [operation])


def test_any_document_becomes_any_other():
    hypothesis = pytest.importorskip("hypothesis")
    strategies = hypothesis.strategies
    plain = strategies.none() | strategies.booleans() | strategies.integers(-2, 2) | strategies.sampled_from(["", "a"])
    names = strategies.sampled_from(["", "a", "b/", "~", "0", "-"])
    json = strategies.recursive(
        plain, lambda below: strategies.lists(below, max_size=5) | strategies.dictionaries(names, below, max_size=4)
    )

    @hypothesis.settings(max_examples=300, deadline=None, database=None)
    @hypothesis.given(json, json)
    def becomes(old, new):
        made = patch.apply(old, patch.difference(old, new))
        assert patch.difference(made, new) == []

    becomes()
