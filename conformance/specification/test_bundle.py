"""bundle.md#containerFormat, bundle.md#containerFormat01, bundle.md#containerFormat02"""

import json
import os

import pytest

from conformance import generates_an_error, requirement

#: Names that are not config.json, for one reason each.
WRONG_NAMES = ("Config.json", "config.JSON", "config", "config.json~", "config.json.bak", "config.yaml", "runtime.json")


@requirement("bundle.dir-not-part")
@pytest.mark.parametrize("name", ["my first bundle", "größe", "$(reboot);'\"", "a,b:c=d", "x" * 200, "--bundle"])
def test_the_bundle_s_directory_may_have_any_name(config, container, place, name):
    container.bundle = place / name
    container.bundle.mkdir()
    config["root"]["path"] = "../bundle/rootfs"

    facts = container.run().facts

    assert os.path.realpath(container.state()["bundle"]) == os.path.realpath(place / name)
    assert facts.hostname == config["hostname"]


@requirement("bundle.self-contained")
def test_a_bundle_is_all_that_the_operations_need(container, runtime):
    # No home, no directory for temporary files: PATH alone is kept, for a runtime that is a script.
    runtime.command = ("/usr/bin/env", "-i", f"PATH={os.environ['PATH']}", *runtime.command)

    container.create("listen")
    created = container.status
    container.start()
    container.heard("ready")
    running = container.status
    container.kill()
    stopped = container.leaves("running")["status"]
    container.delete()

    assert [created, running, stopped] == ["created", "running", "stopped"]


# --- config.json -----------------------------------------------------------------------------------------------------


@requirement("bundle.config.required")
def test_a_bundle_without_config_json_is_an_error(container):
    with generates_an_error():
        container.create_as_written()

    container.create()


@requirement("bundle.config.required")
@pytest.mark.parametrize("name", ["nowhere", "bundle/config.json"], ids=["nothing", "a file"])
def test_a_bundle_that_is_no_directory_is_an_error(container, place, name):
    container.program_obeys("linger")
    container.write_config()

    with generates_an_error():
        container.create_as_written(bundle=str(place / name))

    container.create_as_written()


@requirement("bundle.config.location")
def test_a_config_file_elsewhere_is_none(config, container, place):
    config["process"]["args"] = container.program("linger")
    for directory in (container.bundle / "config", container.rootfs, place):
        directory.mkdir(exist_ok=True)
        (directory / "config.json").write_text(json.dumps(config))

    with generates_an_error():
        container.create_as_written(cwd=place)

    container.create(cwd=place)


@requirement("bundle.config.location")
def test_the_config_file_at_the_top_of_the_bundle_is_the_one(config, container, place):
    for directory in (container.bundle / "config", container.rootfs, place):
        directory.mkdir(exist_ok=True)
        (directory / "config.json").write_text(json.dumps({**config, "hostname": "elsewhere"}))
    config["hostname"] = "top"

    container.create("say hello", cwd=place)
    container.start()

    assert container.report().facts.hostname == "top"


@requirement("bundle.config.name")
def test_a_config_file_with_another_name_is_none(config, container):
    config["process"]["args"] = container.program("linger")
    for name in WRONG_NAMES:
        (container.bundle / name).write_text(json.dumps(config))

    with generates_an_error():
        container.create_as_written()

    container.create()


@requirement("bundle.config.name")
def test_of_several_files_config_json_is_the_config(config, container):
    for name in ("a.json", "config-linux.json", "config.v2.json", "spec.json", *WRONG_NAMES):
        (container.bundle / name).write_text(json.dumps({**config, "hostname": "decoy"}))
    config["hostname"] = "right"

    assert container.run().facts.hostname == "right"


# --- root ------------------------------------------------------------------------------------------------------------


@requirement("bundle.rootfs.referenced")
def test_the_root_is_the_directory_that_root_path_names(config, container, place, rootfs):
    # In this bundle the directory that is called rootfs is another one.
    container.bundle = place / "second"
    (container.bundle / "rootfs").mkdir(parents=True)
    (container.bundle / "rootfs" / "sign").write_text("wrong")
    (rootfs / "sign").write_text("right")
    config["root"]["path"] = "../bundle/rootfs"

    assert container.run("read /sign").answers == {"read /sign": "right"}
