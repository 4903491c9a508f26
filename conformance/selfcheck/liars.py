"""Runtimes that lie, each in its own way: the harness must see through all of them.

    python liars.py NAME REAL ARGUMENT…

NAME is a function below; it is given the real runtime's command line and either carries it out or does something
else. Nothing here is a test: test_liars.py says what the harness must make of each.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

OPERATIONS = ("create", "start", "state", "kill", "delete")


def operation(command: list[str]) -> str:
    return next((word for word in command[1:] if word in OPERATIONS), "")


def carry_out(command: list[str]) -> int:
    return subprocess.run(command).returncode


def bundle(command: list[str]) -> Path:
    return Path(command[command.index("--bundle") + 1])


def nonce(command: list[str]) -> str:
    return json.loads((bundle(command) / "config.json").read_text())["process"]["args"][5]


def refuses_everything(command: list[str]) -> int:
    print("no", file=sys.stderr)
    return 1


def agrees_to_everything(command: list[str]) -> int:
    """Prints a right answer and does nothing."""
    if operation(command) == "state":
        print(json.dumps({"ociVersion": "1.0.2", "id": command[-1], "status": "running", "pid": 1, "bundle": "/"}))
    return 0


def prints_a_report_and_does_nothing(command: list[str]) -> int:
    """The program's report without the program: it has never seen this run's nonce."""
    if operation(command) == "create":
        print(json.dumps({"facts": {"hostname": "lovelace"}}), json.dumps({"end": "0123456789abcdef"}), sep="\n")
    return agrees_to_everything(command)


def forges_a_whole_report(command: list[str]) -> int:
    """It has read the nonce in the config, and speaks before the program could."""
    if operation(command) == "create":
        print(json.dumps({"facts": {"hostname": "lovelace"}}), json.dumps({"end": nonce(command)}), sep="\n")
    return carry_out(command)


def truncates_the_report(command: list[str]) -> int:
    """The container's words reach the caller but for the last line."""
    if operation(command) != "create":
        return carry_out(command)
    inward, outward = os.pipe()
    if os.fork() == 0:
        os.close(outward)
        with os.fdopen(inward) as lines:
            for line in lines:
                if '"end"' not in line:
                    os.write(1, line.encode())
        os._exit(0)
    os.close(inward)
    return subprocess.run(command, stdout=outward).returncode


def leaves_a_process(command: list[str]) -> int:
    status = carry_out(command)
    if operation(command) == "delete" and status == 0:
        subprocess.Popen(
            ["sleep", "1000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
    return status


def leaves_a_mount(command: list[str]) -> int:
    if operation(command) == "create":
        target = bundle(command).parent / "left"
        target.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "left", str(target)], check=True)
    return carry_out(command)


def leaves_a_cgroup(command: list[str]) -> int:
    status = carry_out(command)
    if operation(command) == "delete" and status == 0:
        places = [Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup")]
        (next(place for place in places if place.is_dir()) / f"left-{command[-1]}").mkdir(exist_ok=True)
    return status


def refuses_to_kill(command: list[str]) -> int:
    return refuses_everything(command) if operation(command) == "kill" else carry_out(command)


def deletes_by_force(command: list[str]) -> int:
    if operation(command) == "delete":
        command.insert(command.index("delete") + 1, "--force")
    return carry_out(command)


def says_nothing_in_state(command: list[str]) -> int:
    return 0 if operation(command) == "state" else carry_out(command)


def leaves_out_the_status(command: list[str]) -> int:
    if operation(command) != "state":
        return carry_out(command)
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    del told["status"]
    print(json.dumps(told))
    return 0


def prints_megabytes(command: list[str]) -> int:
    for _ in range(200):
        os.write(2, b"x" * 65536)
    return 0


def dies_of_a_signal(command: list[str]) -> int:
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


def hangs_in(name: str) -> Callable[[list[str]], int]:
    def hangs(command: list[str]) -> int:
        if operation(command) == name:
            signal.pause()
        return carry_out(command)

    return hangs


LIARS: dict[str, Callable[[list[str]], int]] = {
    liar.__name__: liar
    for liar in (
        refuses_everything,
        agrees_to_everything,
        prints_a_report_and_does_nothing,
        forges_a_whole_report,
        truncates_the_report,
        leaves_a_process,
        leaves_a_mount,
        leaves_a_cgroup,
        refuses_to_kill,
        deletes_by_force,
        says_nothing_in_state,
        leaves_out_the_status,
        prints_megabytes,
        dies_of_a_signal,
    )
} | {f"hangs_in_{name}": hangs_in(name) for name in OPERATIONS}


if __name__ == "__main__":
    sys.exit(LIARS[sys.argv[1]](sys.argv[2:]))
