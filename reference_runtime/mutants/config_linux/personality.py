# pyright: basic, reportPrivateUsage=false
"""config-linux.md#configLinuxPersonality"""

from __future__ import annotations

from typing import Any

from ...config_linux import personality
from ...kernel import personalities
from ..ways import Change, Mutants, instead, reading, without

set_persona = personalities.personality


def of_personality(change: Any) -> Change:
    """A config's personality is changed, in place."""

    def changed(config: Any) -> None:
        if "personality" in config.get("linux", {}):
            change(config["linux"]["personality"])

    return reading(changed)


def known_or_usual(given: Any) -> None:
    if given.get("domain", "LINUX") not in personalities.Persona.__members__:
        given["domain"] = "LINUX"


def set_what_is_unusual(persona: Any) -> None:
    if persona:
        set_persona(persona)


MUTANTS: Mutants = {
    "personality.domain.required": [of_personality(lambda given: given.setdefault("domain", "LINUX"))],
    "personality.domain.unknown": [of_personality(known_or_usual)],
    "personality.LINUX": [instead(personalities.personality, set_what_is_unusual)],
    "personality.LINUX32": [
        without(personality.set_domain),
        instead(personalities.personality, lambda persona: set_persona(personalities.Persona.LINUX)),
    ],
    "personality.flags.none": [without(personality.refuse_flags)],
}
