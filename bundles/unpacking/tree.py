"""A root file system that is filled from outside, and the one place where names out of an archive become files.

Every step down is an openat of one name that follows no link; a link on the way is put into the way as a container
would see it, and the walk begins again at the root. Nobody else can enter the tree while it is filled, so nothing
changes between two steps. Directories get owner, mode, attributes and time last, after all that lies in them.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TypeVar

from . import dress, faults, limits, tar

DEEPEST = 256  # directories; what removes a tree holds one descriptor for each
LONGEST = 3072  # bytes of a path: what is above the root must fit too
TURNS = 256  # links and .. on one way
CHUNK = 1 << 20
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
Parts = Sequence[bytes]
T = TypeVar("T")


class Tree:
    def __init__(self, root: os.PathLike[str], budget: limits.Budget, with_devices: bool = True) -> None:
        self.root = os.open(root, DIRECTORY)
        self.budget, self.with_devices = budget, with_devices
        self.clothes = dress.Clothes()
        self.waiting = {b"": _undescribed(b"")}  # directories, for what they get last
        self.placed: set[bytes] = set()  # by this layer
        self.above: set[bytes] = set()  # directories above these
        self.last: tuple[Parts, bytes, int] | None = None

    def close(self) -> None:
        self._forget()
        os.close(self.root)

    # --- ways ---

    def enter(self, parts: Parts, make: bool = True) -> tuple[bytes, int] | None:
        """The directory at a path: where it really is, and a descriptor that lasts until the next call.

        One that is not there is made, or is None. Raises Fault for what is no directory.
        """
        if self.last and self.last[0] == parts:
            return self.last[1:]
        self._forget()
        way = parts
        for _ in range(TURNS):
            _bound(way)
            found = self._walk(way, make)
            if isinstance(found, list):
                way = found
            elif found is None:
                return None
            else:
                self.last = parts, b"/".join(way), found
                return self.last[1:]
        raise faults.Fault("too many symbolic links on the way")

    def _walk(self, way: Parts, make: bool) -> int | list[bytes] | None:
        """A descriptor of the directory; where a link or .. turns off, the way to take instead."""
        here = os.dup(self.root)
        try:
            for index, name in enumerate(way):
                if name == b"..":
                    return [*way[: max(0, index - 1)], *way[index + 1 :]]
                try:
                    down = os.open(name, DIRECTORY, dir_fd=here)
                except FileNotFoundError:
                    if not make:
                        return None
                    self._make_between(here, name, way[: index + 1])
                    down = os.open(name, DIRECTORY, dir_fd=here)
                except OSError as problem:
                    target = _target(here, name, problem)
                    return [*_base(target, way[:index]), *split(target), *way[index + 1 :]]
                os.close(here)
                here = down
            return os.dup(here)
        finally:
            os.close(here)

    @contextlib.contextmanager
    def unlinked(self, parts: Parts) -> Generator[int | None, None, None]:
        """The directory that is at this very path, and not through a link; None if there is none."""
        here = os.dup(self.root)
        try:
            for name in parts:
                try:
                    down = os.open(name, DIRECTORY, dir_fd=here)
                except OSError as problem:
                    if problem.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                        raise
                    yield None
                    return
                os.close(here)
                here = down
            yield here
        finally:
            os.close(here)

    def _make_between(self, here: int, name: bytes, way: Parts) -> None:
        """A directory that no entry describes."""
        self.budget.enter()
        os.mkdir(name, 0o700, dir_fd=here)
        self.waiting[b"/".join(way)] = _undescribed(name)

    def _forget(self) -> None:
        if self.last:
            os.close(self.last[2])
        self.last = None

    def read(self, parts: Parts, most: int) -> bytes | None:
        """The content of a file as the container sees it, None where there is none. Raises Fault for a large one."""
        way = list(parts)
        for _ in range(TURNS):
            found = self.enter(way[:-1], make=False)
            if found is None:
                return None
            place, here = found
            try:
                descriptor = os.open(way[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
            except FileNotFoundError:
                return None
            except OSError as problem:
                target = _target(here, way[-1], problem)
                way = [*_base(target, split(place)), *split(target)] or [b"."]
                continue
            with open(descriptor, "rb") as file:
                content = file.read(most + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
            if len(content) > most:
                raise faults.Fault(f"{faults.shown(b'/'.join(way))} has more than {most} bytes")
            return content
        raise faults.Fault("too many symbolic links on the way")

    # --- entries ---

    def place(self, entry: tar.Entry, archive: tar.Reader) -> None:
        """Put an entry where it belongs, in place of what is there. Raises Fault, and OSError where the host cannot."""
        self.budget.enter()
        parts = inside(entry.name)
        if not parts:
            if entry.kind is not tar.Kind.DIRECTORY:
                raise faults.Fault(f"the root is a {entry.kind.value}")
            self.waiting[b""] = entry
            return
        target = self._linked(entry) if entry.kind is tar.Kind.HARD_LINK else -1
        try:
            place, here = self._parent(parts)
            path = _join(place, parts[-1])
            self._make(entry, archive, here, parts[-1], path, target)
        finally:
            if target >= 0:
                os.close(target)
        self._note(path)

    def _parent(self, parts: Parts) -> tuple[bytes, int]:
        found = self.enter(parts[:-1])
        assert found
        _bound([*split(found[0]), parts[-1]])
        return found

    def _make(self, entry: tar.Entry, archive: tar.Reader, here: int, name: bytes, path: bytes, target: int) -> None:
        match entry.kind:
            case tar.Kind.DIRECTORY:
                self._make_directory(entry, here, name, path)
            case tar.Kind.FILE:
                self._make_file(entry, archive, here, name, path)
            case tar.Kind.HARD_LINK:
                self._make_hard_link(entry, here, name, path, target)
            case tar.Kind.LINK:
                self._fresh(here, name, path, lambda: os.symlink(entry.target, name, dir_fd=here))
                self.clothes.put_on(here, name, entry)
            case tar.Kind.FIFO:
                self._fresh(here, name, path, lambda: os.mkfifo(name, 0o600, dir_fd=here))
                self.clothes.put_on(here, name, entry)
            case tar.Kind.CHARACTER | tar.Kind.BLOCK:
                self._make_device(entry, here, name, path)

    def _make_directory(self, entry: tar.Entry, here: int, name: bytes, path: bytes) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=here)
        if not stat.S_ISDIR(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
            self._fresh(here, name, path, lambda: os.mkdir(name, 0o700, dir_fd=here))
        self.waiting[path] = entry

    def _make_file(self, entry: tar.Entry, archive: tar.Reader, here: int, name: bytes, path: bytes) -> None:
        self.budget.spend(entry.size - sum(length for _, length in entry.segments))
        file = self._fresh(here, name, path, lambda: os.open(name, NEW, 0o600, dir_fd=here))
        try:
            written = 0
            for offset, length in entry.segments:
                if offset != written:
                    os.lseek(file, offset, os.SEEK_SET)
                _copy(archive, file, length)
                written = offset + length if length else written
            if written != entry.size:
                os.ftruncate(file, entry.size)
            self.clothes.put_on_file(file, entry)
        finally:
            os.close(file)

    def _linked(self, entry: tar.Entry) -> int:
        """A descriptor of what a hard link is to: the thing itself, be it a link."""
        parts = inside(entry.target)
        found = self.enter(parts[:-1], make=False)
        try:
            if not parts or found is None:
                raise FileNotFoundError
            target = os.open(parts[-1], os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=found[1])
        except FileNotFoundError:
            raise faults.Fault(f"a hard link to {faults.shown(entry.target)}, which is not there") from None
        if stat.S_ISDIR(os.fstat(target).st_mode):
            os.close(target)
            raise faults.Fault(f"a hard link to the directory {faults.shown(entry.target)}")
        return target

    def _make_hard_link(self, entry: tar.Entry, here: int, name: bytes, path: bytes, target: int) -> None:
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.stat(name, dir_fd=here, follow_symlinks=False), os.fstat(target)):
                return
        # Through /proc: linkat(AT_EMPTY_PATH) would need CAP_DAC_READ_SEARCH.
        source = f"/proc/self/fd/{target}"
        self._fresh(here, name, path, lambda: os.link(source, name, dst_dir_fd=here, follow_symlinks=True))

    def _make_device(self, entry: tar.Entry, here: int, name: bytes, path: bytes) -> None:
        if not self.with_devices or not self.clothes.is_root:
            self.clothes.left_out["devices"] += self.with_devices
            self.remove(here, name, path)
            return
        kind = stat.S_IFCHR if entry.kind is tar.Kind.CHARACTER else stat.S_IFBLK
        device = os.makedev(*entry.device)
        self._fresh(here, name, path, lambda: os.mknod(name, kind | 0o600, device, dir_fd=here))
        self.clothes.put_on(here, name, entry)

    def _fresh(self, here: int, name: bytes, path: bytes, make: Callable[[], T]) -> T:
        """What `make` makes, after what had the name is removed: nothing is ever written into."""
        try:
            return make()
        except FileExistsError:
            self.remove(here, name, path)
            return make()

    def _note(self, path: bytes) -> None:
        self.placed.add(path)
        parent = path.rpartition(b"/")[0]
        while parent and parent not in self.above:
            self.above.add(parent)
            parent = parent.rpartition(b"/")[0]

    # --- removal ---

    def begin_layer(self) -> None:
        self.placed.clear()
        self.above.clear()

    def remove(self, here: int, name: bytes, path: bytes) -> None:
        """Remove what has a name in a directory, if anything has, and all that is below."""
        try:
            os.unlink(name, dir_fd=here)
        except FileNotFoundError:
            return
        except IsADirectoryError:
            for child, below in _children(here, name):
                self.remove(below, child, _join(path, child))
            if self.last and (self.last[1] + b"/").startswith(path + b"/"):
                self._forget()
            os.rmdir(name, dir_fd=here)
        self.placed.discard(path)
        self.above.discard(path)
        self.waiting.pop(path, None)

    def hide(self, here: int, name: bytes, path: bytes) -> None:
        """Remove what lower layers have at a path, but not what this layer has put there."""
        if path not in self.placed and path not in self.above:
            self.remove(here, name, path)
            return
        if path in self.above:
            self.hide_all(here, name, path)
        if path not in self.placed:
            self.waiting[path] = _undescribed(name)

    def hide_all(self, here: int, name: bytes, path: bytes) -> None:
        """Hide all that is in a directory."""
        for child, below in _children(here, name):
            self.hide(below, child, _join(path, child))

    # --- the end ---

    def settle(self) -> None:
        """Give each directory what is its own, the deepest first, but the root."""
        for path in sorted(self.waiting, key=lambda path: path.count(b"/"), reverse=True):
            if path:
                with _named(path), self.unlinked(split(path)) as directory:
                    assert directory is not None
                    self.clothes.put_on_file(directory, self.waiting[path])
        self._forget()

    def settle_root(self) -> None:
        self.clothes.put_on_file(self.root, self.waiting[b""])


def inside(name: bytes) -> list[bytes]:
    """The steps to a name from the root, for which a leading / is nothing. Raises Fault for one that leads up."""
    parts = split(name)
    if b".." in parts:
        raise faults.Fault("leads out of the root with ..")
    return parts


def split(name: bytes) -> list[bytes]:
    return [part for part in name.split(b"/") if part not in (b"", b".")]


def _undescribed(name: bytes) -> tar.Entry:
    """A directory that no entry describes, of whoever unpacks."""
    return tar.Entry(name, tar.Kind.DIRECTORY, uid=os.geteuid(), gid=os.getegid())


def _join(path: bytes, name: bytes) -> bytes:
    return path + b"/" + name if path else name


def _base(target: bytes, place: Parts) -> Parts:
    return [] if target.startswith(b"/") else place


def _bound(parts: Parts) -> None:
    if len(parts) > DEEPEST:
        raise faults.Fault(f"lies deeper than {DEEPEST} directories")
    if sum(map(len, parts)) + len(parts) > LONGEST:
        raise faults.Fault(f"has a path of more than {LONGEST} bytes")


def _target(here: int, name: bytes, problem: OSError) -> bytes:
    """Where a link leads that could not be opened; another problem, or another thing, is raised."""
    if problem.errno not in (errno.ENOTDIR, errno.ELOOP):
        raise problem
    try:
        return os.readlink(name, dir_fd=here)
    except OSError as not_a_link:
        raise faults.Fault(f"{faults.shown(name)} on the way is no directory") from not_a_link


def _copy(archive: tar.Reader, file: int, length: int) -> None:
    while length:
        content = memoryview(archive.read(min(length, CHUNK)))
        length -= len(content)
        while content:
            content = content[os.write(file, content) :]


def _children(here: int, name: bytes) -> Iterator[tuple[bytes, int]]:
    """Names in a directory, with a descriptor of it while they are looked at."""
    directory = os.open(name, DIRECTORY, dir_fd=here)
    try:
        yield from ((os.fsencode(child), directory) for child in os.listdir(directory))
    finally:
        os.close(directory)


@contextlib.contextmanager
def _named(path: bytes) -> Generator[None, None, None]:
    """The entry's name for what the host could not do."""
    try:
        yield
    except OSError as problem:
        raise faults.Fault(f"{faults.shown(path)}: {os.strerror(problem.errno or 0)}") from problem
