"""config.md#configHooks: in which order hooks are called, and with what on their standard input"""

import itertools

import pytest

from conformance import requirement
from conformance.harness import hooks

ANNOTATIONS = {"org.example.author": "Ada Lovelace", "org.example.note": 'G — "the first", {}'}
#: Several times what a pipe holds.
BIG = {f"org.example.volume-{number}": "x" * 30_000 for number in range(10)}


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.order"))
def test_hooks_are_called_one_after_the_other_as_listed(config, container, hook_log, kind):
    config["hooks"] = {kind: [hook_log.hook("z", "pause 0.1"), hook_log.hook("a"), hook_log.hook("m")]}

    hooks.live(container, kind)

    assert hook_log.names == ["z", "a", "m"]
    assert overlaps(hook_log.entries) == []


def overlaps(entries):
    """Hooks that began before the one before them had ended."""
    pairs = itertools.pairwise(entries)
    return [later["hook"] for earlier, later in pairs if later["begun"] < earlier["time"]]


@pytest.mark.parametrize("kind", hooks.each("hooks.{kind}.stdin-state"))
def test_each_hook_of_a_list_reads_the_containers_state(config, container, hook_log, kind):
    config["annotations"] = ANNOTATIONS
    config["hooks"] = {kind: [hook_log.hook("first"), hook_log.hook("second")]}

    hooks.live(container, kind)

    state = {"id": container.id, "bundle": str(container.bundle), "annotations": ANNOTATIONS}
    assert [{key: seen.get(key) for key in state} for seen in hook_log.states] == [state, state]


@requirement("hooks.state-on-stdin")
def test_hooks_before_and_after_the_program_read_the_state_of_their_own_container(config, container, another, hook_log):
    kinds = ("prestart", "poststart", "poststop")
    config["hooks"] = {kind: [hook_log.hook(kind)] for kind in kinds}
    twin = another()

    hooks.live(twin)
    hooks.live(container)

    assert [state["id"] for state in hook_log.states] == [twin.id] * 3 + [container.id] * 3


@requirement("hooks.state-unread")
@pytest.mark.parametrize("annotations", [{}, BIG], ids=["small", "big"])
@pytest.mark.parametrize("kind", hooks.KINDS)
def test_a_hook_need_not_read_its_standard_input(config, container, hook_log, kind, annotations):
    config["annotations"] = annotations
    config["hooks"] = {kind: [hooks.ending(0), hook_log.hook("reader")]}

    hooks.live(container, kind)

    assert len(hook_log.entry("reader")["stdin"]) > sum(map(len, annotations.values()))
