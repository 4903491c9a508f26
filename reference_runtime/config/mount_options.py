"""config.md#configLinuxMountOptions"""

from __future__ import annotations

from ..kernel.mounts import Attribute, Mount

#: Options that set a flag, and options that clear one.
SET = {
    "bind": Mount.BIND,
    "dirsync": Mount.DIRSYNC,
    "iversion": Mount.I_VERSION,
    "lazytime": Mount.LAZYTIME,
    "mand": Mount.MANDLOCK,
    "noatime": Mount.NOATIME,
    "nodev": Mount.NODEV,
    "nodiratime": Mount.NODIRATIME,
    "noexec": Mount.NOEXEC,
    "nosuid": Mount.NOSUID,
    "nosymfollow": Mount.NOSYMFOLLOW,
    "rbind": Mount.BIND | Mount.REC,
    "relatime": Mount.RELATIME,
    "remount": Mount.REMOUNT,
    "ro": Mount.RDONLY,
    "silent": Mount.SILENT,
    "strictatime": Mount.STRICTATIME,
    "sync": Mount.SYNCHRONOUS,
}
CLEAR = {
    "async": Mount.SYNCHRONOUS,
    "atime": Mount.NOATIME,
    "defaults": Mount.NONE,
    "dev": Mount.NODEV,
    "diratime": Mount.NODIRATIME,
    "exec": Mount.NOEXEC,
    "loud": Mount.SILENT,
    "noiversion": Mount.I_VERSION,
    "nolazytime": Mount.LAZYTIME,
    "nomand": Mount.MANDLOCK,
    "norelatime": Mount.RELATIME,
    "nostrictatime": Mount.STRICTATIME,
    "rw": Mount.RDONLY,
    "suid": Mount.NOSUID,
    "symfollow": Mount.NOSYMFOLLOW,
}
PROPAGATION = {
    "private": Mount.PRIVATE,
    "rprivate": Mount.PRIVATE | Mount.REC,
    "shared": Mount.SHARED,
    "rshared": Mount.SHARED | Mount.REC,
    "slave": Mount.SLAVE,
    "rslave": Mount.SLAVE | Mount.REC,
    "unbindable": Mount.UNBINDABLE,
    "runbindable": Mount.UNBINDABLE | Mount.REC,
}
#: Options for a mount and all below it: the attributes to set and those to clear.
RECURSIVE = {
    "rro": (Attribute.RDONLY, Attribute.NONE),
    "rrw": (Attribute.NONE, Attribute.RDONLY),
    "rnosuid": (Attribute.NOSUID, Attribute.NONE),
    "rsuid": (Attribute.NONE, Attribute.NOSUID),
    "rnodev": (Attribute.NODEV, Attribute.NONE),
    "rdev": (Attribute.NONE, Attribute.NODEV),
    "rnoexec": (Attribute.NOEXEC, Attribute.NONE),
    "rexec": (Attribute.NONE, Attribute.NOEXEC),
    "rnodiratime": (Attribute.NODIRATIME, Attribute.NONE),
    "rdiratime": (Attribute.NONE, Attribute.NODIRATIME),
    "rnosymfollow": (Attribute.NOSYMFOLLOW, Attribute.NONE),
    "rsymfollow": (Attribute.NONE, Attribute.NOSYMFOLLOW),
    "rrelatime": (Attribute.RELATIME, Attribute.ATIME),
    "rnorelatime": (Attribute.RELATIME, Attribute.ATIME),
    "rnoatime": (Attribute.NOATIME, Attribute.ATIME),
    "ratime": (Attribute.RELATIME, Attribute.ATIME),
    "rstrictatime": (Attribute.STRICTATIME, Attribute.ATIME),
    "rnostrictatime": (Attribute.RELATIME, Attribute.ATIME),
}
#: Options about the mount's uidMappings and gidMappings.
IDMAP = ("idmap", "ridmap")
COPY_UP = "tmpcopyup"
#: What a flag of mount(2) is as an attribute: a bind mount takes no flags when it is made.
ATTRIBUTES = {
    Mount.RDONLY: Attribute.RDONLY,
    Mount.NOSUID: Attribute.NOSUID,
    Mount.NODEV: Attribute.NODEV,
    Mount.NOEXEC: Attribute.NOEXEC,
    Mount.NODIRATIME: Attribute.NODIRATIME,
    Mount.NOSYMFOLLOW: Attribute.NOSYMFOLLOW,
}
TIMES = {
    Mount.NOATIME: Attribute.NOATIME,
    Mount.RELATIME: Attribute.RELATIME,
    Mount.STRICTATIME: Attribute.STRICTATIME,
}


class Options:
    """What the options of one mount ask for, sorted by the call that grants it."""

    __slots__ = (
        "attributes",
        "clear",
        "cleared",
        "copy_up",
        "data",
        "flags",
        "idmap",
        "propagation",
        "recursive",
        "tree_clear",
    )

    def __init__(self) -> None:
        self.flags = Mount.NONE
        self.cleared = Mount.NONE
        #: Attributes for the mount and everything below it.
        self.recursive = Attribute.NONE
        self.tree_clear = Attribute.NONE
        self.propagation: list[Mount] = []
        self.idmap = ""
        self.copy_up = False
        #: Not for us: the file system's own options.
        self.data: list[str] = []
        self.attributes = Attribute.NONE
        self.clear = Attribute.NONE


def parse(words: list[str]) -> Options:
    """The last word wins where two contradict each other, as in mount(8)."""
    options = Options()
    for word in words:
        if word in SET:
            options.flags |= SET[word]
            options.cleared &= ~SET[word]
        elif word in CLEAR:
            options.flags &= ~CLEAR[word]
            options.cleared |= CLEAR[word]
        elif word in PROPAGATION:
            options.propagation.append(PROPAGATION[word])
        elif word in RECURSIVE:
            add_recursive(options, *RECURSIVE[word])
        elif word in IDMAP:
            options.idmap = word
        elif word == COPY_UP:
            options.copy_up = True
        else:
            options.data.append(word)
    add_attributes(options)
    return options


def add_recursive(options: Options, attributes: Attribute, clear: Attribute) -> None:
    options.recursive = (options.recursive & ~clear) | attributes
    options.tree_clear = (options.tree_clear & ~attributes) | clear


def add_attributes(options: Options) -> None:
    """The flags said again, as attributes."""
    for flag, attribute in ATTRIBUTES.items():
        if flag in options.flags:
            options.attributes |= attribute
        if flag in options.cleared:
            options.clear |= attribute
    for flag, attribute in TIMES.items():
        if flag in options.flags | options.cleared:
            options.clear |= Attribute.ATIME
        if flag in options.flags:
            options.attributes |= attribute


def names() -> list[str]:
    """Every option that is more to us than the file system's own."""
    return sorted({*SET, *CLEAR, *PROPAGATION, *RECURSIVE, *IDMAP, COPY_UP})
