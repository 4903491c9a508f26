# pyright: basic, reportPrivateUsage=false
"""config.md#configHostname, config.md#configDomainname"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...config import domainname, hostname
from ...kernel import namespaces
from ..ways import Change, Mutants, given, instead, reading


def uts(config: Any) -> Any:
    return next((entry for entry in config["linux"]["namespaces"] if entry["type"] == "uts"), None)


def unless(name: str, unwanted: Callable[[Any], Any]) -> Change:
    """The name is passed over in silence."""

    def change(config: Any) -> None:
        if unwanted(uts(config)):
            config.pop(name, None)

    return reading(change)


def outside(original: Callable[[Any], None], name: str, setter: Callable[[str], None]) -> Change:
    """Set before the container's own namespace exists; but not by the ordinary config, which runs on the host."""

    def changed(config: Any) -> None:
        original(config)
        if config.get(name, "ordinary") != "ordinary":
            setter(config[name])

    return instead(original, changed)


MUTANTS: Mutants = {
    "hostname.seen": [given(hostname.set_hostname, lambda config: ({"hostname": "elsewhere"},))],
    "hostname.in-uts-ns": [
        unless("hostname", lambda entry: entry is None),
        unless("hostname", lambda entry: entry is not None and "path" in entry),
        outside(hostname.check, "hostname", namespaces.sethostname),
    ],
    "domainname.seen": [given(domainname.set_domainname, lambda config: ({"domainname": "else.where"},))],
    "domainname.in-uts-ns": [
        unless("domainname", lambda entry: entry is None),
        unless("domainname", lambda entry: entry is not None and "path" in entry),
        outside(domainname.check, "domainname", namespaces.setdomainname),
    ],
}
