"""File systems of this run's own, one below the other, as what a container's bind mounts are made from."""

from pathlib import Path

from . import libc

#: Flags of mount(2) by the words of mountinfo; the default for times is relatime.
FLAGS = {
    "ro": libc.MS_RDONLY,
    "nosuid": libc.MS_NOSUID,
    "nodev": libc.MS_NODEV,
    "noexec": libc.MS_NOEXEC,
    "nosymfollow": 1 << 8,
    "noatime": 1 << 10,
    "nodiratime": 1 << 11,
    "relatime": 1 << 21,
    "strictatime": 1 << 24,
}


class Tree:
    """A mounted file system, and another one mounted at its directory `box`; both forget everything at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.box = path / "box"
        path.mkdir()
        libc.mount("tree", str(path), "tmpfs")
        self.box.mkdir()
        libc.mount("box", str(self.box), "tmpfs")

    def give(self, *words: str) -> None:
        """Flags for both mounts, and for nothing else that shows their files."""
        flags = sum(FLAGS[word] for word in words)
        for mountpoint in (self.box, self.path):
            libc.mount("none", str(mountpoint), flags=libc.MS_REMOUNT | libc.MS_BIND | flags)

    def share(self) -> None:
        """As on a host whose mounts are shared: what is bound from here hears of new mounts."""
        for mountpoint in (self.path, self.box):
            libc.mount("none", str(mountpoint), flags=libc.MS_SHARED)

    def mount(self, directory: Path) -> None:
        """One more file system, with a file `ship`."""
        libc.mount("quay", str(directory), "tmpfs", data="size=64k")
        (directory / "ship").touch()

    @property
    def mountpoints(self) -> dict[str, set[str]]:
        """Mounts below the tree and the tree itself, from its top → the flags of each."""
        lines = (line.split(" ") for line in Path("/proc/self/mountinfo").read_text().splitlines())
        inside = [fields for fields in lines if f"{fields[4]}/".startswith(f"{self.path}/")]
        return {fields[4].removeprefix(str(self.path)): set(fields[5].split(",")) for fields in inside}

    def fell(self) -> None:
        libc.umount(str(self.path))
