"""Holds the catalogue against the sentences of the specification.

A unit with a keyword, a table row and a bullet must be claimed by a requirement that is in force in that release, or
be set aside with a reason, or stand in a section that is out of scope. A sentence that stands word for word in several
sections is claimed by each section's own entries: one section cannot cover for another.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from . import RELEASES, Requirement
from .standing import Index, Standing

Place = tuple[str, str]


@dataclass(frozen=True)
class Coverage:
    """A catalogue, what it sets aside and leaves out, and the index of each release."""

    catalogue: Mapping[str, Requirement]
    set_aside: Mapping[str, str]
    out_of_scope: Mapping[str, str]
    indices: Mapping[str, Index]

    def unclaimed(self, index: Index, release: str | None) -> Iterator[Standing]:
        """What no requirement claims in a release; None is what will follow the last one."""
        for unit in index.units:
            due = unit.binding and self.in_scope(unit) and unit.fingerprint not in self.set_aside
            if due and not any(_in_force(each, release) and self._own(each, unit) for each in self._claimers(unit)):
                yield unit

    def gone(self, index: Index, release: str | None) -> Iterator[tuple[Requirement, Collection[str]]]:
        """Requirements in force of whose sentences none stands; of what follows the last release, any that is lost."""
        for requirement in self.catalogue.values():
            if requirement.sentences and _in_force(requirement, release):
                before = self._standing(requirement, self.indices.get(RELEASES[-1])) if release is None else set[str]()
                stands = self._standing(requirement, index)
                if not stands or before - stands:
                    yield requirement, before - stands or requirement.sentences

    def misdated(self) -> Iterator[tuple[Requirement, str]]:
        """Requirements whose sentences stood before `since`, or still stand after `until`."""
        for requirement in self.catalogue.values():
            first, last = (RELEASES.index(each) for each in (requirement.since, requirement.until or RELEASES[-1]))
            if first and self._same(requirement, RELEASES[first], RELEASES[first - 1]):
                yield requirement, f"since {RELEASES[first]}, but {RELEASES[first - 1]} says the same"
            if last + 1 < len(RELEASES) and self._same(requirement, RELEASES[last], RELEASES[last + 1]):
                yield requirement, f"until {RELEASES[last]}, but {RELEASES[last + 1]} says the same"

    def stale(self) -> Iterator[tuple[Requirement, str]]:
        """Claims of a sentence that stands in no release in which the requirement is in force."""
        for requirement in self.catalogue.values():
            releases = [release for release in self.indices if requirement.in_version(release)]
            stands = {each for release in releases for each in self._standing(requirement, self.indices[release])}
            yield from ((requirement, sentence) for sentence in requirement.sentences if sentence not in stands)

    def in_scope(self, unit: Standing) -> bool:
        places = (unit.document, f"{unit.document}#{unit.anchor}", unit.address)
        return not any(place in self.out_of_scope for place in places)

    @cached_property
    def claimers(self) -> Mapping[str, Sequence[Requirement]]:
        """Who claims a sentence."""
        claimers: dict[str, list[Requirement]] = {}
        for requirement in self.catalogue.values():
            for sentence in requirement.sentences:
                claimers.setdefault(sentence, []).append(requirement)
        return claimers

    @cached_property
    def _places(self) -> Mapping[str, frozenset[Place]]:
        """Where a sentence stands in any release."""
        places: dict[str, set[Place]] = {}
        for index in self.indices.values():
            for unit in index.units:
                places.setdefault(unit.fingerprint, set()).add((unit.document, unit.anchor))
        return {fingerprint: frozenset(where) for fingerprint, where in places.items()}

    def _claimers(self, unit: Standing) -> Sequence[Requirement]:
        return self.claimers.get(unit.fingerprint, ())

    def _own(self, requirement: Requirement, unit: Standing) -> bool:
        """Whether a claim means the sentence at this place, not the same words in the requirement's own section."""
        home = (requirement.document, requirement.section)
        return home not in self._places.get(unit.fingerprint, ()) or _related(home, (unit.document, unit.anchor))

    def _standing(self, requirement: Requirement, index: Index | None) -> set[str]:
        """Those of a requirement's sentences that an index has, at the place that is meant."""
        if index is None:
            return set()
        return {each for each in requirement.sentences if any(self._own(requirement, unit) for unit in index.at(each))}

    def _same(self, requirement: Requirement, release: str, neighbour: str) -> bool:
        """Whether all that a release says about a requirement stands in its neighbour as well."""
        if not {release, neighbour} <= self.indices.keys():
            return False
        stands = self._standing(requirement, self.indices[release])
        return bool(stands) and stands <= self._standing(requirement, self.indices[neighbour])


def _in_force(requirement: Requirement, release: str | None) -> bool:
    return requirement.until is None if release is None else requirement.in_version(release)


def _related(one: Place, other: Place) -> bool:
    """Whether two places are a section and its subsection, by the specification's way of naming them."""
    return one[0] == other[0] and (one[1].startswith(other[1]) or other[1].startswith(one[1]))
