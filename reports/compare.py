"""Two runs side by side: the requirements on which they differ."""

from . import results, verdicts


def differences(one: results.Results, other: results.Results) -> dict[str, tuple[str, str]]:
    """Requirement → both verdicts, where they differ, in the order of the catalogue."""
    before, after = _verdicts(one), _verdicts(other)
    pairs = {id: (before.get(id, "unknown"), after.get(id, "unknown")) for id in before | after}
    return {id: pair for id, pair in pairs.items() if pair[0] != pair[1]}


def lines(one: results.Results, other: results.Results) -> list[str]:
    found = differences(one, other)
    width = max(map(len, found), default=0)
    told = [f"{id:<{width}}  {before} → {after}" for id, (before, after) in found.items()]
    cut = [f"{run.path}: this run is not whole" for run in (one, other) if not run.whole]
    return [*told, *cut, f"{len(found)} verdict{'s differ' if len(found) != 1 else ' differs'}"]


def _verdicts(run: results.Results) -> dict[str, str]:
    return {finding.requirement.id: finding.verdict for finding in verdicts.of(run)}
