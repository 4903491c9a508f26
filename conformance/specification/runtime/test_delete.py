"""runtime.md#runtimeDelete"""

import os

import pytest

from conformance import generates_an_error, leaves_no_trace, requirement


@requirement("delete.no-id")
@pytest.mark.parametrize("arguments", [(), ("",)], ids=["none", "empty"])
def test_delete_without_an_id_is_an_error(stopped, arguments):
    with generates_an_error():
        stopped.operate("delete", *arguments)

    assert stopped.status == "stopped"


@requirement("delete.nonexistent")
@pytest.mark.parametrize("change", [lambda id: id[:-1], lambda id: f"{id}x"], ids=["shorter", "longer"])
def test_delete_of_an_id_that_no_container_bears_is_an_error(stopped, change):
    with generates_an_error():
        stopped.operate("delete", change(stopped.id))

    assert stopped.status == "stopped"


@requirement("delete.nonexistent")
def test_a_second_delete_is_an_error(stopped):
    stopped.delete()

    with generates_an_error():
        stopped.delete()


@requirement("delete.creating")
def test_delete_of_a_container_in_creation_is_an_error_without_effect(creation):
    container = creation.container

    with generates_an_error():
        creation.attempt("delete")
    creation.finish()

    assert container.status == "created"
    container.start()
    assert container.heard("ready") is True


@requirement("delete.created")
def test_delete_of_a_created_container_is_an_error_without_effect(created):
    with generates_an_error():
        created.delete()

    assert created.status == "created"
    created.start()
    assert created.heard("ready") is True


@requirement("delete.running")
def test_delete_of_a_running_container_is_an_error_without_effect(running):
    before = running.state()

    with generates_an_error():
        running.delete()

    assert running.state() == before
    assert running.ask("say here") == (None, "here")


# --- what goes -------------------------------------------------------------------------------------------------------


@requirement("delete.resources")
def test_delete_removes_what_create_has_made(config, container):
    config["mounts"] += [{"destination": "/shelf", "type": "tmpfs", "source": "none"}]

    with leaves_no_trace():
        container.run()
        container.becomes("stopped")
        container.delete()

    with generates_an_error():
        container.state()


@requirement("delete.resources")
def test_delete_removes_what_the_runtime_has_written_down(stopped):
    stopped.delete()

    assert [str(path) for path in stopped.root.rglob("*") if stopped.id in path.name] == []


@requirement("delete.resources")
def test_delete_of_a_container_that_was_never_started_removes_what_create_has_made(container):
    with leaves_no_trace():
        container.create()
        container.kill()
        container.becomes("stopped")
        container.delete()

    with generates_an_error():
        container.state()


@requirement("delete.resources")
def test_delete_ends_what_the_program_has_left_in_the_container(config, container):
    # The first process of a pid namespace takes all others with it.
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "pid"]

    with leaves_no_trace():
        container.run("spawn")
        container.leaves("running")
        container.delete()


@requirement("delete.resources.mounts")
def test_delete_takes_mounts_out_of_the_runtime_s_mount_namespace(config, container, common_mounts):
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "mount"]
    # What is mounted for such a container is mounted for everybody: no more than a program needs.
    config["mounts"] = [mount for mount in config["mounts"] if mount["type"] == "proc"]
    del config["linux"]["maskedPaths"], config["linux"]["readonlyPaths"]

    with leaves_no_trace():
        container.run()
        container.becomes("stopped")
        container.delete()


@requirement("delete.resources.cgroup-parents")
def test_delete_removes_the_cgroups_above_the_container_s_that_create_has_made(config, container):
    config["linux"]["cgroupsPath"] = f"/{container.id}/shelf/book"

    with leaves_no_trace():
        container.run()
        container.becomes("stopped")
        container.delete()


@requirement("delete.resources.rootfs")
def test_delete_removes_what_create_has_made_in_the_root_file_system(config, container, rootfs):
    config["mounts"] += [{"destination": "/attic/chest", "type": "tmpfs", "source": "none"}]
    before = names_below(rootfs)

    container.run()
    container.becomes("stopped")
    container.delete()

    assert sorted(names_below(rootfs) - before) == []


def names_below(directory):
    return {os.path.join(path, name) for path, directories, files in os.walk(directory) for name in directories + files}


@requirement("delete.id-reuse")
def test_the_id_of_a_deleted_container_can_be_used_again(config, container, another):
    config["annotations"] = {"org.example.round": "first"}
    container.run()
    container.becomes("stopped")
    container.delete()

    second = another(config | {"annotations": {"org.example.round": "second"}}, id=container.id)
    second.create()

    assert second.state().get("annotations") == {"org.example.round": "second"}


# --- what stays ------------------------------------------------------------------------------------------------------


@requirement("delete.keeps-foreign.ns")
@pytest.mark.parametrize(("kind", "name"), [("network", "net"), ("ipc", "ipc"), ("uts", "uts")])
def test_a_namespace_that_was_joined_outlives_the_container(
    config, container, namespace_of, file_of, kind, name, same_kernel
):
    given = namespace_of(kind)
    file = file_of(given)
    others = [entry for entry in config["linux"]["namespaces"] if entry["type"] != kind]
    config["linux"]["namespaces"] = [*others, {"type": kind, "path": file}]
    config.pop("hostname")

    joined = container.run().facts.namespaces[name]
    container.becomes("stopped")
    container.delete()

    assert joined == given.identity
    assert f"{name}:[{inode(file)}]" == given.identity


def inode(path):
    return os.stat(path).st_ino if os.path.exists(path) else None


@requirement("delete.keeps-foreign.process")
def test_another_process_that_has_got_the_container_s_pid_outlives_it(running, stranger):
    pid = running.pid
    running.hangs_up()
    running.becomes("stopped")
    lives = stranger(pid)

    running.delete()

    assert lives()


@requirement("delete.keeps-foreign.cgroup")
def test_a_cgroup_that_was_there_before_outlives_the_container(config, container, older_cgroup):
    config["linux"]["cgroupsPath"] = older_cgroup.path

    joined = older_cgroup.path in {line.split(":", 2)[2] for line in container.run().facts.cgroup or ()}
    container.becomes("stopped")
    container.delete()

    assert (joined, older_cgroup.missing) == (True, [])


@requirement("delete.keeps-foreign.mount-sources")
def test_bind_sources_outlive_the_container(config, container, place):
    library = place / "library"
    (library / "shelf").mkdir(parents=True)
    (library / "shelf" / "book").write_text("Middlemarch")
    config["mounts"] += [
        {"destination": "/library", "type": "bind", "source": str(library), "options": ["rbind", "rw"]}
    ]

    seen = container.run("read /library/shelf/book").answers
    container.becomes("stopped")
    container.delete()

    assert seen == {"read /library/shelf/book": "Middlemarch"}
    assert files(library) == {"shelf/book": b"Middlemarch"}


@requirement("delete.keeps-foreign.mount-sources")
def test_the_bundle_and_its_root_outlive_the_container(container, rootfs):
    (rootfs / "book").write_text("Middlemarch")
    before = sorted(os.listdir(rootfs))

    container.run()
    configured = (container.bundle / "config.json").read_bytes()
    container.becomes("stopped")
    container.delete()

    assert sorted(set(before) - set(os.listdir(rootfs))) == []
    assert text(rootfs / "book") == b"Middlemarch"
    assert text(container.bundle / "config.json") == configured


def text(path):
    return path.read_bytes() if path.is_file() else None


def files(directory):
    """What the files of a directory hold, by their path in it."""
    return {str(path.relative_to(directory)): text(path) for path in directory.rglob("*") if path.is_file()}
