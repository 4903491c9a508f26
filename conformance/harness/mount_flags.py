"""What a flag of a mount does to those who use it: asked of the probe at a mount point, and read off its report."""

from dataclasses import dataclass
from typing import Any

from . import facts

#: The owner of a set-user-ID program; nobody else.
OWNER = 77
#: Where the container has the program of `programs`.
PROGRAM = "/program"


@dataclass(frozen=True, slots=True)
class Flag:
    """An option that forbids something, the one that allows it again, and how it goes with each."""

    clearing: str
    #: The probe's commands, with {} for the mount point: the last is what is forbidden or allowed.
    commands: tuple[str, ...]
    forbidden: Any
    allowed: Any = None

    def ask(self, *mountpoints: str) -> list[str]:
        return [command.format(mountpoint) for mountpoint in mountpoints for command in self.commands]

    def seen(self, report: facts.Report, *mountpoints: str) -> dict[str, Any]:
        """How the last command went: the errno's name or what came of it."""
        last = {mountpoint: self.commands[-1].format(mountpoint) for mountpoint in mountpoints}
        return {
            mountpoint: report.attempts.get(command, "not tried") or report.answers.get(command)
            for mountpoint, command in last.items()
        }


FLAGS = {
    "ro": Flag("rw", ("write {}/book",), "EROFS"),
    "noexec": Flag("exec", (f"copy {PROGRAM} {{}}/plain", "chmod {}/plain 755", "run {}/plain"), "EACCES", 0),
    "nosuid": Flag(
        "suid",
        (f"copy {PROGRAM} {{}}/set", f"chown {{}}/set {OWNER} 0", "chmod {}/set 4755", "run {}/set"),
        forbidden=0,
        allowed=OWNER,
    ),
    "nodev": Flag("dev", ("mknod {}/null c 1 3", "open {}/null"), "EACCES"),
    "nosymfollow": Flag("symfollow", ("mkdir {}/shelf", "symlink shelf {}/link", "list {}/link"), "ELOOP", []),
}

#: The device that the question about nodev makes.
NULL = {"allow": True, "type": "c", "major": 1, "minor": 3, "access": "rwm"}


def leave_it_to_the_flags(config: dict[str, Any]) -> None:
    """Nothing else in the config decides: set-user-ID counts, and /dev/null may be made anew."""
    config["process"]["noNewPrivileges"] = False
    config["linux"]["resources"]["devices"] += [NULL]


#: Files that were read long ago, and in times to come: relatime looks only after the first.
STALE, AHEAD = 1_000_000, 4_000_000_000
READ = {"stale": STALE, "ahead": AHEAD, "shelf": STALE}
LOOK = (
    "write {}/stale",
    "write {}/ahead",
    "mkdir {}/shelf",
    *(f"utime {{}}/{name} {time}" for name, time in READ.items()),
    "read {}/stale",
    "read {}/ahead",
    "list {}/shelf",
    *(f"accessed {{}}/{name}" for name in READ),
)
#: Which of them have a new time of access after all have been read, and the words of mountinfo that go with it.
TIMES = {
    "relatime": ({"stale", "shelf"}, {"relatime"}),
    "strictatime": ({"stale", "ahead", "shelf"}, set[str]()),
    "noatime": (set[str](), {"noatime"}),
    "relatime, nodiratime": ({"stale"}, {"relatime", "nodiratime"}),
    "strictatime, nodiratime": ({"stale", "ahead"}, {"nodiratime"}),
}


def look_at_times(*mountpoints: str) -> list[str]:
    return [command.format(mountpoint) for mountpoint in mountpoints for command in LOOK]


def times(report: facts.Report, mountpoint: str) -> str:
    """How times of access are kept on a mount: one of TIMES, or in words what was seen."""
    found = {name: report.answers.get(f"accessed {mountpoint}/{name}") for name in READ}
    moved = {name for name, time in found.items() if time != READ[name]}
    mount = report.facts.mount_at(mountpoint)
    words = mount.options & {"noatime", "nodiratime", "relatime"} if mount else set[str]()
    if None in found.values() or mount is None:
        return f"no times at {mountpoint}"
    known = [name for name, (changed, said) in TIMES.items() if (changed, said) == (moved, words)]
    return known[0] if known else f"{sorted(words)}, and changed: {sorted(moved)}"
