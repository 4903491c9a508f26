"""What is asked of a bundle beside its config: bundle.md."""

import pathlib

from bundles import contracts
from bundles.rules import bundle


def test_a_bundle_lacks_its_root(tmp_path: pathlib.Path):
    assert [finding.requirement for finding in bundle.root(contracts.ordinary(), tmp_path)] == ["root.path.exists"]


def test_a_root_lies_outside_of_its_bundle(tmp_path: pathlib.Path):
    (tmp_path / "rootfs").mkdir()
    (tmp_path / "bundle").mkdir()
    config = contracts.ordinary() | {"root": {"path": "../rootfs"}}

    assert [finding.requirement for finding in bundle.root(config, tmp_path / "bundle")] == ["bundle.colocated"]


def test_a_bundle_with_its_root_is_whole(tmp_path: pathlib.Path):
    (tmp_path / "rootfs").mkdir()

    assert list(bundle.root(contracts.ordinary(), tmp_path)) == []
