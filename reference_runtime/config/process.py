"""config.md#configProcess"""

from __future__ import annotations

import os

from .. import errors
from ..kernel import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from ..config_types import Config, Process


def check(config: Config) -> None:
    if "process" not in config:
        return
    process = config["process"]
    refuse_no_user(process)
    refuse_no_arguments(process)
    refuse_relative_directory(process)


def refuse_no_user(process: Process) -> None:
    """Both numbers are given: root is never guessed. That there is a user at all, no text demands."""
    if "user" not in process:
        raise errors.Unsupported("process.user", "without it, nobody is asked to run the program")
    for name in ("uid", "gid"):
        if name not in process["user"]:
            raise errors.InvalidConfig(f"process.user.{name}", "is missing")


def refuse_no_arguments(process: Process) -> None:
    """There is at least a program's name to run."""
    if not process.get("args"):
        raise errors.InvalidConfig("process.args", "at least one is needed")


def refuse_relative_directory(process: Process) -> None:
    if not process["cwd"].startswith("/"):
        raise errors.InvalidConfig("process.cwd", f"{process['cwd']!r} is not an absolute path")


def enter_directory(process: Process) -> None:
    """The working directory; it is not made, because nobody asked for one."""
    os.chdir(process["cwd"])


def execute(process: Process) -> NoReturn:
    """Become the program."""
    failure = OSError()
    for path in candidates(process):
        try:
            processes.execve(path, arguments(process), environment(process))
        except (FileNotFoundError, NotADirectoryError) as error:
            failure = failure if failure.errno else error
        except OSError as error:
            failure = error
    raise failure


def candidates(process: Process) -> list[str]:
    """args[0] as execvp(3) takes it: a name with a slash is a path, any other is looked for in the container's PATH."""
    name = process["args"][0]
    return [name] if "/" in name else [os.path.join(directory or ".", name) for directory in search_path(process)]


def search_path(process: Process) -> list[str]:
    paths = [variable[5:] for variable in environment(process) if variable.startswith("PATH=")]
    return (paths[0] if paths else "/bin:/usr/bin").split(":")


def arguments(process: Process) -> list[str]:
    """argv, exactly as configured."""
    return process["args"]


def environment(process: Process) -> list[str]:
    """The container's own variables, exactly as configured, and none of the runtime's."""
    return process.get("env", [])
