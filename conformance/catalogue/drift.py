"""python -m conformance.catalogue.drift SPEC_CHECKOUT [--tag v1.3.0] [--index]

Holds the catalogue against a checkout of the specification, or against a tag of it. A tag of a known release is judged
as that release; any other text as what will follow the last one.
"""

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import conformance.catalogue as catalogue
from conformance.catalogue import sentences, standing
from conformance.catalogue.coverage import Coverage

HERE = Path(__file__).parent


class Unusable(Exception):
    """Nothing that could be held against the catalogue; the text says what is wrong."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        documents = read_documents(options.checkout, options.tag)
        if options.index:
            return _write_index(documents, options.tag, options.catalogue)
        coverage = read_coverage(options.catalogue)
    except (Unusable, OSError, ValueError) as error:
        print(f"drift: {error}", file=sys.stderr)
        return 2
    findings = list(drift(coverage, documents, release_of(options.tag)))
    print("\n".join([*findings, _summary(coverage, standing.of(documents), findings)]))
    return 1 if findings else 0


def drift(coverage: Coverage, documents: Mapping[str, str], release: str | None) -> Iterator[str]:
    """Each difference between the catalogue and the documents of a release, in one line."""
    index = standing.of(documents)
    texts = {unit.fingerprint: unit.text for markdown in documents.values() for unit in sentences.units(markdown)}
    for unit in coverage.unclaimed(index, release):
        yield f"unclaimed {unit.fingerprint} {unit.address} {unit.kind}: {texts[unit.fingerprint]}"
    for requirement, lost in coverage.gone(index, release):
        yield f"gone or reworded {' '.join(lost)} {requirement.address} claimed by {requirement.id}"
    for requirement, fault in coverage.misdated():
        yield f"wrong date {requirement.address} {requirement.id}: {fault}"
    committed = coverage.indices.get(release or "")
    if release and not (committed and committed.says_the_same(index)):
        yield f"the index of {release} is not that of this text: write it anew with --index"


def read_documents(checkout: Path, tag: str | None) -> dict[str, str]:
    """The documents of a work tree, or of a tag in any git directory."""
    if not checkout.is_dir():
        raise Unusable(f"{checkout}: no such directory")
    texts = ((name, _read(checkout, tag, name)) for name in standing.DOCUMENTS)
    documents = {name: text for name, text in texts if text is not None}
    if not documents:
        raise Unusable(f"{checkout}: holds no document of the specification{f' at {tag}' if tag else ''}")
    return documents


def read_coverage(folder: Path) -> Coverage:
    """The catalogue in a folder with everything that goes with it."""
    indices = {file.stem.removeprefix("v"): standing.read(file) for file in sorted((folder / "index").glob("v*.json"))}
    aside, out = (_reasons(folder / name) for name in ("set-aside.toml", "scope.toml"))
    return Coverage(catalogue.read(folder), aside, out, indices)


def release_of(tag: str | None) -> str | None:
    """The release that a tag names, if we know it."""
    return tag.removeprefix("v") if tag and tag.removeprefix("v") in catalogue.RELEASES else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="drift", description="Holds the catalogue against the specification.")
    parser.add_argument(
        "checkout", type=Path, metavar="SPEC_CHECKOUT", help="work tree, or with --tag any git directory"
    )
    parser.add_argument("--tag", help="read the documents of this tag")
    parser.add_argument("--index", action="store_true", help="write the tag's fingerprints beside the catalogue")
    parser.add_argument("--catalogue", type=Path, default=HERE, metavar="DIR", help="another catalogue than ours")
    return parser


def _write_index(documents: Mapping[str, str], tag: str | None, folder: Path) -> int:
    if release_of(tag) is None:
        raise Unusable(f"--index wants the --tag of a release: one of v{', v'.join(catalogue.RELEASES)}")
    standing.write(standing.of(documents), folder / "index" / f"{tag}.json")
    return 0


def _read(checkout: Path, tag: str | None, name: str) -> str | None:
    if tag is not None:
        return _committed(checkout, tag, name)
    return (checkout / name).read_text() if (checkout / name).is_file() else None


def _committed(checkout: Path, tag: str, name: str) -> str | None:
    git = ["git", "-C", str(checkout)]
    if subprocess.run([*git, "rev-parse", "-q", "--verify", f"{tag}^{{commit}}"], capture_output=True).returncode:
        raise Unusable(f"{checkout}: no git directory with {tag}")
    shown = subprocess.run([*git, "show", f"{tag}:{name}"], capture_output=True, text=True)
    return shown.stdout if shown.returncode == 0 else None


def _reasons(file: Path) -> dict[str, str]:
    try:
        return tomllib.loads(file.read_text()) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"{file.name}: {error}") from None


def _summary(coverage: Coverage, index: standing.Index, findings: list[str]) -> str:
    binding = [unit for unit in index.units if unit.binding]
    inside = sum(coverage.in_scope(unit) for unit in binding)
    aside = sum(unit.fingerprint in coverage.set_aside for unit in binding if coverage.in_scope(unit))
    outside = len(binding) - inside
    return f"{len(findings)} findings; {inside} units in scope, {aside} of them set aside; {outside} out of scope"


if __name__ == "__main__":
    sys.exit(main())
