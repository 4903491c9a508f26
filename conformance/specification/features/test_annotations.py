"""features.md#featuresAnnotations
features.md#featuresPotentiallyUnsafeConfigAnnotations
"""

from conformance import requirement


@requirement("feat.annotations")
def test_annotations_are_strings_under_keys_that_are_not_empty(features):
    found = features.member("annotations")

    assert {key: value for key, value in found.items() if not (key and isinstance(value, str))} == {}


@requirement("feat.unsafeAnnotations")
def test_unsafe_annotations_are_keys_or_beginnings_of_keys(features):
    found = features.names("potentiallyUnsafeConfigAnnotations")

    assert [key for key in found if not key.strip(".")] == []
