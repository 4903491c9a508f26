"""A root file system made of what the probe itself has loaded: no download, no compiler, no image.

The interpreter and its files keep the paths that they have on the host, so the same command line runs the probe
inside the container and, as a hook, outside of it.
"""

import os
import shutil
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path

PROBE = Path(__file__).with_name("probe.py")
#: The interpreter itself, not the link to it in a virtual environment: its library is found from where it lies.
INTERPRETER = os.path.realpath(sys.executable)
#: How the probe is run in a container; a nonce and the commands follow.
PROBE_ARGS = [INTERPRETER, "-I", "-S", "-E", "/probe"]
#: How it is run as a hook, on either side; a name and the log's path follow.
HOOK_ARGS = [INTERPRETER, "-I", "-S", "-E", str(PROBE), "hook"]

DIRECTORIES = {"proc": 0o555, "sys": 0o555, "dev": 0o755, "run": 0o755, "etc": 0o755, "root": 0o755, "tmp": 0o1777}


@cache
def files() -> tuple[str, ...]:
    """Absolute paths of the files that the probe needs, the program loader included."""
    command = [INTERPRETER, "-I", "-S", "-E", str(PROBE.with_name("loaded.py"))]
    found = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout.splitlines()
    loader = program_loader(INTERPRETER)
    links = [link for path in found if ".so." in path for link in links_to(path)]
    return (*found, *links, *([loader] if loader else []))


def links_to(library: str) -> list[str]:
    """Its names beside it: the program loader asks for libffi.so.8, /proc/self/maps has libffi.so.8.1.2."""
    beside = Path(library).parent.glob(f"{Path(library).name.split('.so.')[0]}.so.*")
    return [str(link) for link in beside if link.is_symlink() and link.resolve() == Path(library)]


def program_loader(executable: str) -> str | None:
    """PT_INTERP of a 64-bit little-endian ELF file (elf(5)); None for a static one."""
    with open(executable, "rb") as file:
        header = file.read(64)
        (table,) = struct.unpack_from("<Q", header, 0x20)
        size, count = struct.unpack_from("<HH", header, 0x36)
        for index in range(count):
            file.seek(table + index * size)
            kind, _, offset, _, _, length = struct.unpack("<IIQQQQ", file.read(40))
            if kind == 3:
                file.seek(offset)
                return file.read(length).rstrip(b"\0").decode()
    return None


def build(directory: Path) -> None:
    """Fill a directory with the root file system; /probe is the probe.

    Raises OSError where the directory cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    for name, mode in DIRECTORIES.items():
        (directory / name).mkdir(exist_ok=True)
        (directory / name).chmod(mode)
    for path in files():
        add(directory, path)
    add(directory, str(PROBE))
    shutil.copy2(PROBE, directory / "probe")


def add(directory: Path, path: str) -> None:
    """Copy a host's file to the same path below `directory`, links on the way to it as links."""
    here = Path("/")
    for part in Path(path).parts[1:]:
        here /= part
        copy = directory / here.relative_to("/")
        if here.is_symlink():
            if not copy.is_symlink():
                copy.symlink_to(os.readlink(here))
            return add(directory, str(here.parent / os.readlink(here) / Path(path).relative_to(here)))
        if here.is_dir():
            copy.mkdir(mode=0o755, exist_ok=True)
        elif not copy.exists():
            shutil.copy2(here, copy)
    return None
