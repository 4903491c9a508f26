"""config-linux.md#configLinuxMaskedPaths"""

from conformance import requirement


@requirement("masked.unreadable")
def test_a_masked_file_cannot_be_read(config, container, rootfs):
    config["linux"]["maskedPaths"] = ["/diary"]
    (rootfs / "diary").write_text("secret")
    (rootfs / "poster").write_text("public")

    answers = container.run("read /diary", "read /poster").answers

    assert answers["read /poster"] == "public"
    assert "secret" not in (answers["read /diary"] or "")
