"""What `python -m bundles validate` says of a requirement is what the catalogue says of it."""

from bundles import validate
from bundles.tests import test_each_requirement as documents
from conformance import catalogue


def test_a_finding_has_the_level_of_its_requirement_or_is_a_mere_note():
    levels = {id: requirement.level for id, requirement in catalogue.load().items()}
    findings = [
        finding
        for id, steps in documents.BROKEN.items()
        for finding in validate.findings(documents.document(steps))
        if finding.requirement == id and id in levels and finding.level != "NOTE"
    ]

    assert [(each.requirement, each.level) for each in findings if each.level != levels[each.requirement or ""]] == []
