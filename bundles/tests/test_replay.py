"""Recipes and tokens, and their replay by little runtimes that only write down what they are asked."""

import base64
import contextlib
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import time
import zlib

import pytest

from bundles import contracts, entries, patch, recipe, replay, rootfs

FILES: list[recipe.Entry] = [
    {"path": "rootfs/shelf", "kind": "dir", "mode": 0o750},
    {"path": "rootfs/shelf/book", "kind": "file", "mode": 0o4755, "content": base64.b64encode(b"\0story").decode()},
    {"path": "rootfs/shelf/mark", "kind": "link", "target": "book"},
    {"path": "log", "kind": "fifo"},
]
PLACES = {"$BUNDLE": "/run/t1/bundle", "$ROOT": "/run/t1/state", "$ID": "t1-5e9f"}
CALLS = [
    ["--root", "/run/t1/state", "create", "--bundle", "/run/t1/bundle", "--pid-file=/run/t1/bundle/pid", "t1-5e9f"],
    ["--root", "/run/t1/state", "start", "t1-5e9f"],
]


def written(calls: list[list[str]] = CALLS, runtime: str = "/usr/sbin/runc") -> recipe.Recipe:
    config = contracts.ordinary()
    config["process"]["args"] = [*rootfs.PROBE_ARGS, "nonce"]
    config["hooks"] = {"prestart": [{"path": rootfs.INTERPRETER, "args": ["hook", "/run/t1/bundle/log"]}]}
    config["hostname"] = "not-t1-5e9f"
    return recipe.write(config, FILES, calls, runtime, PLACES)


@pytest.fixture
def places(tmp_path: pathlib.Path) -> dict[str, str]:
    (tmp_path / "bundle").mkdir()
    return {"$BUNDLE": str(tmp_path / "bundle"), "$ROOT": "/run/state", "$ID": "again"}


def runtime(directory: pathlib.Path, script: str) -> str:
    """A runtime of a few lines of shell."""
    path = directory / "runtime"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_token_is_read_as_it_was_written():
    assert recipe.read(recipe.token(written())) == written()


def test_a_token_may_be_broken_over_lines():
    token = recipe.token(written())

    assert recipe.read(f" {token[:50]}\n{token[50:]}\n") == written()


def test_what_differs_from_place_to_place_is_a_word():
    told = written()

    assert told["calls"][0] == ["--root", "$ROOT", "create", "--bundle", "$BUNDLE", "--pid-file=$BUNDLE/pid", "$ID"]
    assert {"op": "replace", "path": "/hostname", "value": "not-t1-5e9f"} in told["patch"]
    assert "/run/t1" not in str(told)
    assert rootfs.INTERPRETER not in str(told)


def test_the_bundle_is_rebuilt(places):
    recipe.rebuild(written(), places)

    bundle = pathlib.Path(places["$BUNDLE"])
    shelf = bundle / "rootfs" / "shelf"
    assert (shelf / "book").read_bytes() == b"\0story"
    assert stat.S_IMODE((shelf / "book").stat().st_mode) == 0o4755
    assert stat.S_IMODE(shelf.stat().st_mode) == 0o750
    assert os.readlink(shelf / "mark") == "book"
    assert (bundle / "log").is_fifo()
    assert (bundle / "rootfs" / "probe").is_file()
    assert f'"{bundle}/log"' in (bundle / "config.json").read_text()


def test_the_commands_are_those_of_this_place(places):
    commands = recipe.commands(written(), places, "/opt/other --debug")

    assert commands[1] == ["/opt/other", "--debug", "--root", "/run/state", "start", "again"]


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "../outside", "kind": "file"},
        {"path": "/outside", "kind": "file"},
        {"path": "rootfs/away/outside", "kind": "file"},
        {"path": "rootfs/odd", "kind": "socket"},
        {"path": "", "kind": "gone"},
    ],
)
def test_nothing_is_placed_outside_of_the_bundle(places, entry):
    told = written()
    told["files"] = [{"path": "rootfs/away", "kind": "link", "target": "/tmp"}, entry]

    with pytest.raises(recipe.TokenError):
        recipe.rebuild(told, places)


def test_a_file_does_not_follow_a_link_that_stands_there(places, tmp_path):
    (tmp_path / "treasure").write_text("gold")
    told = written()
    told["files"] = [
        {"path": "rootfs/chest", "kind": "link", "target": str(tmp_path / "treasure")},
        {"path": "rootfs/chest", "kind": "file", "content": ""},
    ]

    recipe.rebuild(told, places)

    assert (tmp_path / "treasure").read_text() == "gold"


def test_what_is_gone_is_not_there(places):
    told = written()
    told["files"] = [{"path": "config.json", "kind": "gone"}, {"path": "rootfs", "kind": "gone"}]

    recipe.rebuild(told, places)

    assert list(pathlib.Path(places["$BUNDLE"]).iterdir()) == []


def test_what_is_collected_can_be_placed(tmp_path):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    for entry in FILES:
        entries.place(tmp_path / "here", entry)

    collected = list(entries.collect(tmp_path / "here"))
    for entry in collected:
        entries.place(tmp_path / "there", entry)

    assert {"path": "rootfs/shelf", "kind": "dir", "mode": 0o750} in collected
    assert list(entries.collect(tmp_path / "there")) == collected


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
def test_what_an_overlay_hides_is_gone(tmp_path):
    os.mknod(tmp_path / "hidden", stat.S_IFCHR, 0)

    assert list(entries.collect(tmp_path, "rootfs")) == [{"path": "rootfs/hidden", "kind": "gone"}]


def test_a_patch_that_does_not_fit_is_told(places):
    told = written()
    told["patch"] = [{"op": "remove", "path": "/tide"}]

    with pytest.raises(recipe.TokenError):
        recipe.rebuild(told, places)


def packed(text: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text)).decode()


@pytest.mark.parametrize(
    "word",
    [
        "",
        "tide",
        "täglich",
        recipe.token(written())[:-20],
        packed(b"[]"),
        packed(b"{"),
        packed(b"{}"),
        packed(b'{"patch": [], "files": [], "calls": [[3]], "runtime": "r"}'),
        packed(b'{"patch": [{}], "files": [], "calls": [], "runtime": "r"}'),
        packed(b'{"patch": [], "files": [{"path": "x"}], "calls": [], "runtime": "r"}'),
        packed(b'{"patch": [], "files": [{"path": "x", "kind": "file", "mode": "7"}], "calls": [], "runtime": "r"}'),
        packed(b"\xff"),
        packed(b'{"patch": [], "files": [], "calls": [["a\\u0000"]], "runtime": "r"}'),
        packed(b'{"patch": [], "files": [{"path": "x", "kind": "file", "content": "a"}], "calls": [], "runtime": "r"}'),
    ],
)
def test_a_word_is_no_token(word):
    with pytest.raises(recipe.TokenError):
        recipe.read(word)


def test_each_call_is_shown_with_its_end(tmp_path, capsys):
    told = written(runtime=runtime(tmp_path, 'echo "$3 said"; test "$3" != start'))

    assert replay.perform(told, None, deadline=10) == 0

    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("$ ")]
    assert lines == ["create said", "→ exit 0", "start said", "→ exit 1"]


def test_a_call_that_hangs_is_ended_with_all_its_processes(tmp_path, capsys):
    told = written(runtime=runtime(tmp_path, f"echo $$ >> {tmp_path}/pids; sleep 60 & wait"))

    assert replay.perform(told, None, deadline=1) == 1

    assert capsys.readouterr().out.count("→ no answer within 1 s") == 2
    groups = {int(pid) for pid in (tmp_path / "pids").read_text().split()}
    assert groups
    assert have_ended(groups)


def have_ended(groups):
    """A process that was killed needs a processor to end on."""
    deadline = time.monotonic() + 30
    while groups & living_groups():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def living_groups():
    """The process groups that have a member which has not ended: a zombie waits for whoever is to reap it."""
    found = set()
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, group, *_ = status.read_text().rpartition(")")[2].split()
            found |= set() if state == "Z" else {int(group)}
    return found


def test_a_terminal_does_not_obey_the_runtime(tmp_path, capsys):
    replay.perform(written(runtime=runtime(tmp_path, r"printf '\033[2Jbye\377'")), None, deadline=10)

    assert "\\x1b[2Jbye\\xff" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["", "runc 'unfinished"])
def test_a_command_is_none(command):
    with pytest.raises(recipe.TokenError):
        replay.perform(written(), command, deadline=10)


def test_a_replay_that_is_terminated_leaves_nothing(tmp_path):
    script = runtime(tmp_path, 'test "$3" = create && kill -TERM $PPID && exec sleep 60')
    environment = {**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parents[2]), "TMPDIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-m", "bundles", "replay", "--deadline=30", recipe.token(written(runtime=script))],
        env=environment,
        timeout=60,
        capture_output=True,
    )

    assert (done.returncode, done.stderr) == (2, b"")
    assert list(tmp_path.glob("replay-*")) == []


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("runc"), reason="needs root and a runtime (apt install runc)")
def test_a_real_container_is_replayed(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(replay, "PATIENCE", 30.0)
    config = contracts.ordinary()
    config["process"]["args"] = [*rootfs.PROBE_ARGS, "nonce", "read /shelf/book"]
    calls = [*CALLS, ["--root", "/run/t1/state", "delete", "t1-5e9f"]]
    told = recipe.write(config, FILES[:2], calls, shutil.which("runc") or "", PLACES)

    assert replay.perform(told, None, deadline=20) == 0

    said = capsys.readouterr().out
    assert said.count("→ exit 0") == 3
    assert '"end": "nonce"' in said
    assert "story" in said


def test_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    replay.perform(written(runtime=runtime(tmp_path, "exit 3")), None, deadline=10)

    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_bundle_can_be_kept(tmp_path, capsys):
    replay.keep(written(), "runc", tmp_path / "kept")

    assert (tmp_path / "kept/bundle/rootfs/shelf/book").is_file()
    assert capsys.readouterr().out.startswith(
        f"runc --root {tmp_path}/kept/state create --bundle {tmp_path}/kept/bundle "
    )


def test_a_token_is_short():
    assert len(recipe.token(written())) < 700


def test_the_patch_is_what_the_test_changed():
    assert [operation["path"] for operation in written()["patch"]] == ["/process/args", "/hostname", "/hooks"]
    assert patch.apply(contracts.ordinary(), written()["patch"])["process"]["args"][0] == "$PYTHON"
