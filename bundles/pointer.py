"""JSON pointers (RFC 6901): addresses inside a document."""

from collections.abc import Iterable


def join(parts: Iterable[str | int]) -> str:
    """The pointer of a path: ("mounts", 0) is /mounts/0."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def split(pointer: str) -> list[str]:
    """The path of a pointer. Raises ValueError where it is none."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON pointer")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
