"""config.md#configAnnotations"""

import pytest

from conformance import generates_an_error, requirement


@requirement("annot.map")
@pytest.mark.parametrize("annotations", [["com.example.book"], "com.example.book=novel", 7], ids=repr)
def test_annotations_that_are_no_map_are_an_error(config, container, annotations):
    config["annotations"] = annotations

    with generates_an_error():
        container.create()


@requirement("annot.empty")
def test_a_config_may_have_an_empty_map_of_annotations(config, container):
    config["annotations"] = {}

    container.create()

    assert container.status == "created"


@requirement("annot.key.nonempty")
def test_an_empty_key_is_an_error(config, container, another):
    config["annotations"] = {"com.example.book": "novel"}
    another().create()

    config["annotations"] = {"": "novel"}

    with generates_an_error():
        container.create()


@requirement("annot.unknown")
@pytest.mark.parametrize("key", ["com.example.book", "book", "com.example.Some book/ü:1", "ORG.opencontainers.book"])
def test_unknown_annotations_are_no_error(config, container, key):
    config["annotations"] = {key: "novel"}

    assert container.run().facts.hostname == "ordinary"


NOT_STRINGS = [
    pytest.param(value, marks=requirement("annot.value.string"), id=repr(value)) for value in (7, True, {}, [])
]


@pytest.mark.parametrize("value", [*NOT_STRINGS, pytest.param(None, marks=requirement("annot.value.null"), id="null")])
def test_a_value_that_is_no_string_is_an_error(config, container, another, value):
    config["annotations"] = {"com.example.book": "7"}
    another().create()

    config["annotations"]["com.example.book"] = value

    with generates_an_error():
        container.create()


@requirement("annot.value.empty")
def test_a_value_may_be_empty(config, container):
    config["annotations"] = {"com.example.book": ""}

    container.create()

    assert (container.state().get("annotations") or {}).get("com.example.book") == ""


@requirement("annot.image.keys")
def test_the_annotations_of_an_image_are_accepted(config, container):
    words = {
        "os": "linux",
        "os.version": "6.1",
        "os.features": "virtio",
        "architecture": "amd64",
        "variant": "v2",
        "author": "Ada <ada@example.com>",
        "created": "2015-10-31T22:22:56.015925234Z",
        "stopSignal": "SIGTERM",
    }
    config["annotations"] = {f"org.opencontainers.image.{key}": value for key, value in words.items()}

    assert container.run().facts.hostname == "ordinary"
