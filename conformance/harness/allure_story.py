"""Allure's view of a run: epic = document, feature = section, story = requirement, with the evidence attached."""

import json
from typing import Any

import pytest

from conformance.catalogue import Requirement

from .container import Container
from .runtime import Runtime

SEVERITIES = {
    "MUST": "critical",
    "MUST NOT": "critical",
    "DEFINED": "critical",
    "SHOULD": "normal",
    "SHOULD NOT": "normal",
}


def wanted(config: pytest.Config) -> bool:
    return bool(getattr(config.option, "allure_report_dir", None))


def label(item: pytest.Item, requirement: Requirement, release: str) -> None:
    """Marks of allure-pytest's own, which it reads when the test is set up."""
    labels = {
        "epic": requirement.document,
        "feature": requirement.section,
        "story": requirement.id,
        "severity": SEVERITIES.get(requirement.level, "minor"),
    }
    for kind, value in labels.items():
        item.add_marker(pytest.mark.allure_label(value, label_type=kind))
    link = requirement.link(release)
    item.add_marker(pytest.mark.allure_link(link, link_type="link", name=f"{requirement.address} at {release}"))


def attach(container: Container | None, runtime: Runtime | None) -> None:
    """The config and the runtime's standard error, while the test is still open."""
    import allure

    if container is not None:
        kind: Any = allure.attachment_type
        allure.attach(json.dumps(container.config, indent=2), "config.json", kind.JSON)
    words = "\n".join(f"$ {' '.join(call.argv)}\n{call.stderr}" for call in runtime.calls) if runtime else ""
    if words:
        allure.attach(words, "standard error", allure.attachment_type.TEXT)
