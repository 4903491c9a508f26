"""What is kept of a container."""

from __future__ import annotations

import os

import pytest

from reference_runtime import errors
from reference_runtime.runtime import record


def container(root, id="one"):
    return record.Container(str(root), id, "/bundle", {"ociVersion": "1.0.0", "root": {"path": "rootfs"}})


@pytest.mark.parametrize("id", ["", ".", "..", "a/b", "../x", "-a", ".a", "x" * 300, "a b", "a\nb", "ä"])
def test_an_id_that_is_no_plain_word_is_refused(id):
    with pytest.raises(errors.Usage):
        record.refuse_invalid_id(id)


@pytest.mark.parametrize("id", ["a", "0", "_x", "a.b-c_d+e", "x" * record.LONGEST])
def test_a_plain_word_is_an_id(id):
    record.refuse_invalid_id(id)


def test_an_id_is_given_once(tmp_path):
    first = container(tmp_path)
    record.reserve(first)

    with pytest.raises(errors.AlreadyExists):
        record.reserve(container(tmp_path))

    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    record.remove(first)
    os.close(first.lock)


def test_what_is_written_is_read(tmp_path):
    written = container(tmp_path)
    record.reserve(written)
    written.pid, written.started, written.created, written.made = 12, 34, True, [["/a"], []]
    record.write(written)

    read = record.load(str(tmp_path), "one")

    assert {name: getattr(read, name) for name in record.Container.KEPT} == {
        name: getattr(written, name) for name in record.Container.KEPT
    }
    os.close(written.lock)


def test_the_lock_is_held_until_the_last_holder_lets_go(tmp_path):
    made = container(tmp_path)
    record.reserve(made)
    heir = os.dup(made.lock)

    record.unlock(made)
    held = record.is_locked(made)
    os.close(heir)

    assert (held, record.is_locked(made)) == (True, False)


def test_nobody_is_nowhere(tmp_path):
    with pytest.raises(errors.NoSuchContainer):
        record.load(str(tmp_path), "nobody")


def test_of_a_container_that_is_gone_nothing_is_waited_for(tmp_path):
    record.wait_until_unlocked(container(tmp_path))
