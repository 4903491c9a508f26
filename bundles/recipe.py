"""What is needed to do a failure again, packed into one word that can be pasted anywhere, later.

    token  = base64url(zlib(JSON recipe))
    recipe = {"patch": what turns the ordinary config into this one, "files": what lay in the bundle beside it,
              "calls": the runtime's arguments, one list a call, "runtime": the command itself}

What differs from place to place is written as a word in capitals: $BUNDLE, $ROOT (the runtime's state directory),
$ID, and $PYTHON and $PROBE of the probe. `write` puts these words in, `rebuild` and `commands` take them out.
"""

import base64
import binascii
import json
import pathlib
import re
import shlex
import zlib
from collections.abc import Iterable
from typing import Any, TypedDict

from . import contracts, document, entries, patch, rootfs

LARGEST = 64 << 20  # bytes that a token may unpack to


class TokenError(Exception):
    """The word is no token, or asks for what no bundle holds."""


Entry = entries.Entry


class Recipe(TypedDict):
    patch: list[patch.Operation]
    files: list[Entry]
    calls: list[list[str]]
    runtime: str


def write(
    config: dict[str, Any],
    files: Iterable[Entry],
    calls: Iterable[list[str]],
    runtime: str,
    places: dict[str, str],
) -> Recipe:
    """What is needed to do these calls again; `places` says what $BUNDLE, $ROOT and $ID are here."""
    here = {path: word for word, path in {**places, **_probe()}.items()}
    return {
        "patch": patch.difference(contracts.ordinary(), _exchange(config, here)),
        "files": list(files),
        "calls": _exchange(list(calls), here),
        "runtime": runtime,
    }


def token(recipe: Recipe) -> str:
    """The recipe as one word."""
    packed = zlib.compress(json.dumps(recipe, separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(word: str) -> Recipe:
    """The recipe in a token. Raises TokenError."""
    word = "".join(word.split())
    try:
        packed = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        value = json.loads(unpacker.decompress(packed, LARGEST))
    except (binascii.Error, zlib.error, ValueError, RecursionError) as problem:
        raise TokenError(f"this is no replay token, or not the whole of it ({problem})") from problem
    if not unpacker.eof or not _is_recipe(value):
        raise TokenError("this is no replay token, or not the whole of it")
    return value


def _is_recipe(value: Any) -> bool:
    try:
        return (
            isinstance(value["runtime"], str)
            and all(entries.for_the_kernel(word) for call in value["calls"] for word in call)
            and all(isinstance(operation["path"], str) for operation in value["patch"])
            and all(map(entries.complete, value["files"]))
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def rebuild(recipe: Recipe, places: dict[str, str]) -> None:
    """Make the bundle at places["$BUNDLE"]. Raises TokenError, and OSError where it cannot be written."""
    bundle = pathlib.Path(places["$BUNDLE"])
    try:
        config = _exchange(patch.apply(contracts.ordinary(), recipe["patch"]), {**places, **_probe()})
    except patch.PatchError as problem:
        raise TokenError(f"the token's patch does not fit the ordinary config: {problem}") from problem
    rootfs.build(bundle / "rootfs")
    (bundle / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    try:
        for entry in recipe["files"]:
            entries.place(bundle, entry)
    except entries.EntryError as problem:
        raise TokenError(str(problem)) from problem


def commands(recipe: Recipe, places: dict[str, str], runtime: str | None = None) -> list[list[str]]:
    """The calls as argument lists."""
    words = {**places, **_probe()}
    return [command(recipe, runtime) + _exchange(call, words) for call in recipe["calls"]]


def command(recipe: Recipe, runtime: str | None = None) -> list[str]:
    """The runtime's command. Raises TokenError."""
    text = recipe["runtime"] if runtime is None else runtime
    try:
        words = shlex.split(text)
    except ValueError as problem:
        raise TokenError(f"{text!r} is no command: {problem}") from problem
    if not words:
        raise TokenError("the runtime's command is empty")
    return words


def _probe() -> dict[str, str]:
    return {"$PYTHON": rootfs.INTERPRETER, "$PROBE": str(rootfs.PROBE)}


def _exchange(value: Any, words: dict[str, str]) -> Any:
    """The value with one set of words, where they stand by themselves, exchanged for another in all its strings."""
    if isinstance(value, str):
        either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        return re.sub(rf"(?<![\w.-])({either})(?![\w.-])", lambda match: words[match[0]], value)
    if document.is_object(value):
        return {name: _exchange(child, words) for name, child in value.items()}
    if document.is_array(value):
        return [_exchange(child, words) for child in value]
    return value
