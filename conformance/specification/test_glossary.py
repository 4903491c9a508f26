"""glossary.md#glossaryContainerNamespace, glossary.md#glossaryJson, glossary.md#glossaryRuntimeNamespace"""

import json
import os

import pytest

from conformance import requirement
from conformance.harness import seccomp

WORDS = "Grüße, 聖母院, 😀, e\u0301"


def upside_down(document):
    """The same JSON document, the members of each object in reverse."""
    if isinstance(document, dict):
        return {name: upside_down(document[name]) for name in reversed(document)}
    if isinstance(document, list):
        return [upside_down(entry) for entry in document]
    return document


def alphabetical(document):
    return json.loads(json.dumps(document, sort_keys=True))


# --- JSON ------------------------------------------------------------------------------------------------------------


@requirement("json.utf8")
def test_a_config_in_utf_8_is_understood(config, container, rootfs):
    (rootfs / "Größe").mkdir()
    config["annotations"] = {"org.example.title": WORDS}
    config["process"] |= {"args": container.program(f"say {WORDS}"), "cwd": "/Größe"}
    config["process"]["env"] += [f"WORDS={WORDS}"]
    (container.bundle / "config.json").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")

    container.create_as_written()
    annotations = container.state().get("annotations")
    container.start()

    facts = container.report().facts
    assert annotations == {"org.example.title": WORDS}
    words = [variable for variable in facts.env if variable.startswith("WORDS=")]
    assert (facts.args[-1], words, facts.cwd) == (f"say {WORDS}", [f"WORDS={WORDS}"], "/Größe")


@requirement("json.order-insignificant")
@pytest.mark.parametrize("order", [upside_down, alphabetical])
def test_the_order_of_the_members_means_nothing(config, container, place, order):
    config["process"] |= {"args": container.program("say hello", "read /shelf/book"), "cwd": "/tmp"}
    config["process"]["user"] = {"uid": 1234, "gid": 5678}
    (place / "library").mkdir()
    (place / "library" / "book").write_text("Middlemarch")
    bind = {"type": "bind", "source": str(place / "library"), "options": ["bind"]}
    config["mounts"] += [{"destination": "/shelf", **bind}]
    config |= {"hostname": "lovelace", "annotations": {"a": "1", "b": "2"}}
    (container.bundle / "config.json").write_text(json.dumps(order(config)))

    container.create_as_written()
    annotations = container.state().get("annotations")
    container.start()

    report = container.report()
    assert annotations == {"a": "1", "b": "2"}
    assert report.answers == {"say hello": "hello", "read /shelf/book": "Middlemarch"}
    assert (report.facts.hostname, report.facts.cwd, report.facts.uid) == ("lovelace", "/tmp", [1234] * 3)


@requirement("json.order-insignificant")
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_a_member_means_the_same_wherever_it_stands(config, container, first):
    """A filter: without it, the container would be as ordinary as any."""
    seccomp.filters(config, seccomp.DENIED)
    for owner, name in ((config["linux"], "seccomp"), (config, "linux")):
        member, others = {name: owner.pop(name)}, dict(owner)
        owner.clear()
        owner.update(member | others if first else others | member)

    attempts = container.run(seccomp.CALL, seccomp.OTHER).attempts

    assert attempts == {seccomp.CALL: "EPERM", seccomp.OTHER: None}


# --- namespaces ------------------------------------------------------------------------------------------------------


@requirement("ns.def.container")
def test_the_container_s_process_has_the_namespaces_of_the_program(container):
    container.create("linger")
    kinds = ("mnt", "pid", "net", "ipc", "uts")
    before = {kind: link(container.process / "ns" / kind) for kind in kinds}
    container.start()

    namespaces = container.heard("facts").get("namespaces", {})
    assert {kind: namespaces.get(kind) for kind in kinds} == before


def link(path):
    return os.readlink(path) if path.is_symlink() else None


@requirement("ns.def.runtime")
def test_paths_of_the_config_are_looked_up_where_the_runtime_runs(config, container, place, runtime):
    (place / "library").mkdir()
    (place / "library" / "book").write_text("outside")
    # The runtime has a mount namespace of its own, in which another directory lies there.
    arrange = f"mount -t tmpfs none {place}/library && echo -n inside > {place}/library/book"
    runtime.command = ("unshare", "--mount", "sh", "-c", f'{arrange} && exec "$0" "$@"', *runtime.command)
    bind = {"type": "bind", "source": str(place / "library"), "options": ["bind"]}
    config["mounts"] += [{"destination": "/library", **bind}]

    assert container.run("read /library/book").answers == {"read /library/book": "inside"}
