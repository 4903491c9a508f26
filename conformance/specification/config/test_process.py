"""config.md#configProcess"""

import shutil
from pathlib import Path

import pytest

from bundles.rootfs import INTERPRETER, PROBE_ARGS
from conformance import generates_an_error, or_an_error, requirement


@requirement("proc.required-at-start")
def test_a_container_without_process_cannot_be_started(config, container):
    del config["process"]

    with generates_an_error():
        container.create()
        container.start()


@requirement("proc.optional-at-create")
def test_a_container_is_created_without_process(config, container):
    del config["process"]

    container.create()

    assert container.status == "created"


@requirement("proc.cwd.required")
def test_a_process_without_cwd_is_an_error(config, container):
    del config["process"]["cwd"]

    with generates_an_error():
        container.create()
        container.start()


@requirement("proc.cwd.applied")
def test_the_program_starts_in_cwd(config, container, rootfs):
    (rootfs / "library" / "shelf").mkdir(parents=True)
    config["process"]["cwd"] = "/library/shelf"

    assert container.run().facts.cwd == "/library/shelf"


@requirement("proc.cwd.applied")
def test_a_link_on_the_way_leads_to_a_directory_inside(config, container, canary, rootfs):
    (rootfs / str(canary.path).lstrip("/") / "nest" / "egg").mkdir(parents=True)
    (rootfs / "link").symlink_to(canary.path)
    config["process"]["cwd"] = "/link/nest"

    report = container.run("list .")

    assert (report.facts.cwd, report.answers["list ."]) == (f"{canary.path}/nest", ["egg"])
    assert canary.harmed == []


@requirement("proc.cwd.applied")
def test_the_program_starts_nowhere_else_if_cwd_is_missing(config, container):
    """A runtime may make the directory or refuse; the text says neither."""
    config["process"]["cwd"] = "/library/shelf"

    seen = or_an_error(lambda: container.run().facts.cwd)

    assert seen in ("/library/shelf", "an error")


@requirement("proc.cwd.absolute")
@pytest.mark.parametrize("cwd", ["library", "./library", ".", ""])
def test_a_relative_cwd_is_an_error(config, container, rootfs, cwd):
    (rootfs / "library").mkdir()
    config["process"]["cwd"] = cwd

    with generates_an_error():
        container.create()
        container.start()


@requirement("proc.args.required")
def test_a_process_without_args_is_an_error(config, container):
    del config["process"]["args"]

    with generates_an_error():
        container.create()
        container.start()


@requirement("proc.args.required")
def test_an_empty_args_is_an_error(config, container):
    config["process"]["args"] = []

    with generates_an_error():
        container.create()
        container.start()


@requirement("proc.args.argv")
def test_args_are_the_programs_argv_unchanged(config, container):
    words = ["", "say  two  blanks ", "say * $HOME ${PATH} `id` ~", "say 'a' \"b\" \\ \t\n", "say --é", "say -n", ""]
    config["process"]["args"] = container.program(*words)

    assert container.run().facts.args == container.program(*words)


@requirement("proc.env.semantics")
def test_env_is_the_environment_entry_by_entry(config, container):
    env = ["HOME=/nowhere", "PATH=/bin", "EMPTY=", "EQUALS=a=b=", "BLANKS= x  y ", "lower=é $HOME", "QUOTED='\"\\"]
    config["process"]["env"] = env

    assert sorted(container.run().facts.env) == sorted(env)


@requirement("proc.env.semantics")
def test_the_callers_environment_is_not_the_containers(config, container, monkeypatch):
    monkeypatch.setenv("OF_THE_CALLER", "yes")
    config["process"]["env"] = ["OF_THE_CONFIG=yes"]

    env = container.run().facts.env

    assert [entry for entry in env if entry.startswith("OF_THE_")] == ["OF_THE_CONFIG=yes"]


def program_at(path: Path) -> None:
    """The interpreter under another name, which may be relative or searched for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(INTERPRETER)


@requirement("proc.args.argv")
def test_the_program_is_called_by_the_name_in_args(config, container, rootfs):
    """Not by that of the file which was found."""
    program_at(rootfs / "library" / "reader")
    config["process"]["env"] = ["PATH=/library"]
    config["process"]["args"] = ["reader", *container.program()[1:]]

    assert container.run().facts.args[0] == "reader"


@requirement("proc.args.path-search")
def test_a_name_without_slash_is_searched_in_the_path_of_env(config, container, rootfs, monkeypatch):
    """In its order; what may not be executed is passed over, and the caller's own PATH does not count."""
    program_at(rootfs / "second" / "reader")
    for directory, mode in (("first", 0o644), ("third", 0o755)):
        (rootfs / directory).mkdir()
        (rootfs / directory / "reader").write_text("not a program")
        (rootfs / directory / "reader").chmod(mode)
    monkeypatch.setenv("PATH", "/third", prepend=":")
    config["process"]["env"] = ["PATH=/zeroth:/first:/second:/third"]
    config["process"]["args"] = ["reader", *container.program()[1:]]

    assert container.run().facts.args == config["process"]["args"]


@requirement("proc.args.path-search")
def test_a_name_with_a_slash_is_not_searched(config, container, rootfs):
    program_at(rootfs / "library" / "desk" / "reader")
    config["process"]["cwd"] = "/library"
    config["process"]["env"] = ["PATH=/nowhere"]
    config["process"]["args"] = ["desk/reader", *container.program()[1:]]

    assert container.run().facts.args == config["process"]["args"]


@requirement("proc.args.path-search")
def test_a_name_that_is_not_in_path_is_not_found_elsewhere(config, container, another, rootfs):
    program_at(rootfs / "library" / "reader")
    config["process"]["cwd"] = "/library"
    config["process"]["args"] = ["reader", *PROBE_ARGS[1:], "nonce"]
    config["process"]["env"] = ["PATH=/library"]
    twin = another()
    twin.create()
    twin.start()

    config["process"]["env"] = ["PATH=/desk"]

    with generates_an_error():
        container.create()
        container.start()


@requirement("proc.args.not-executable")
@pytest.mark.parametrize("program", ["/library/reader", "reader", "/tmp"])
def test_a_program_that_cannot_be_executed_is_an_error(config, container, program):
    config["process"]["args"] = [program]

    with generates_an_error():
        container.create()
        container.start()


@requirement("proc.args.not-executable")
def test_a_program_that_may_not_be_executed_is_an_error(config, container, another, rootfs):
    shutil.copy(rootfs / INTERPRETER.lstrip("/"), rootfs / "reader")
    config["process"]["args"] = ["/reader", "-c", "pass"]
    twin = another()
    twin.create()
    twin.start()

    (rootfs / "reader").chmod(0o644)

    with generates_an_error():
        container.create()
        container.start()
