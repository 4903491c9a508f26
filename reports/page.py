"""report.html: one self-contained file, drawn from results.jsonl; works offline, and without its script."""

import base64
import hashlib
import json
import shlex
from pathlib import Path
from typing import cast

import jinja2
import markupsafe

from . import gate, results, views, words

_FOLDER = Path(__file__).parent / "templates"
LINE = 90
REPLAY_LIMIT = 400_000  # a replay that was cut would be of no use, so only absurd ones are


def write(run: results.Results, target: Path, verdict: gate.Verdict | None = None) -> None:
    target.write_text(render(run, verdict), encoding="utf-8")


def render(run: results.Results, verdict: gate.Verdict | None = None) -> str:
    """The page: every word in it goes through `visible` and autoescaping, and the script carries no data."""
    script = (_FOLDER / "script.js").read_text(encoding="utf-8")
    return (
        _room()
        .get_template("report.html")
        .render(
            run=run,
            report=views.report(run),
            gate=verdict,
            style=markupsafe.Markup((_FOLDER / "style.css").read_text(encoding="utf-8")),
            script=markupsafe.Markup(script),
            policy=_policy(script),
        )
    )


def _room() -> jinja2.Environment:
    room = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        # No words reach the page unseen: jinja2 gives each expression to this before it escapes it.
        finalize=_shown,
    )
    room.filters["pretty"] = pretty
    room.filters["shell"] = shlex.join
    room.filters["replay"] = _replay
    return room


def _shown(value: object) -> object:
    if isinstance(value, markupsafe.Markup):
        return value
    return "" if value is None else words.visible(str(value))


def _replay(text: str) -> markupsafe.Markup:
    return markupsafe.escape(words.visible(text, REPLAY_LIMIT))


def pretty(value: object, indent: str = "") -> str:
    """JSON, with whatever fits a line on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= LINE or len(indent) > LINE // 2 or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        members = [f"{json.dumps(key, ensure_ascii=False)}: {pretty(member, deeper)}" for key, member in pairs]
    else:
        members = [pretty(member, deeper) for member in cast("list[object]", value)]
    opened, closed = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f",\n{deeper}".join([f"{opened}\n{deeper}{members[0]}", *members[1:]]) + f"\n{indent}{closed}"


def _policy(script: str) -> str:
    """Nothing is loaded from anywhere, and no script runs but this one, whatever the words on the page manage."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = ("default-src 'none'", "style-src 'unsafe-inline'", f"script-src 'sha256-{digest}'")
    return "; ".join((*rules, "img-src data:", "base-uri 'none'", "form-action 'none'"))
