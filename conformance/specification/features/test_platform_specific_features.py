"""features.md#featuresPlatformSpecificFeatures"""

from conformance import requirement


@requirement("feat.linux")
def test_the_features_of_linux_are_an_object(features):
    assert isinstance(features.document.get("linux"), dict | None)


@requirement("feat.linux.may")
def test_there_are_features_of_linux(features):
    assert features.document.get("linux") is not None
