"""A run to draw from: every verdict, every weight, and words that try to get out of the page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reports import results

#: What the fixture `read` gives: results with these tests in them.
Reader = Callable[..., results.Results]

MEGABYTE = 1 << 20
HOSTILE = (
    "<script>document.title='owned'</script>",
    "</script><script>document.title='owned'</script>",
    '"onload="document.title=\'owned\'" x="',
    "'><img src=x onerror=document.title='owned'>",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x00 \x7f \x9b2J \u202egnp.exe\u202c \u2028",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; <!-- ]]> `${document.title}`",
    "\ud800 alone",
)
SPEC = "https://github.com/opencontainers/runtime-spec/blob/v1.1.0"
DOCUMENTS = ("bundle.md", "runtime.md", "config.md", "config-linux.md")


def entry(id: str, section: str, level: str = "MUST", document: str = "config-linux.md", **more: Any) -> dict[str, Any]:
    link = f"{SPEC}/{document}#{section}" if document.endswith(".md") else None
    what = more.pop("what", f"What {id} demands of a runtime, said in one sentence.")
    return {"id": id, "document": document, "section": section, "level": level, "since": "1.0.0", "until": None} | {
        "what": what,
        "contested": None,
        "soft": None,
        "untested": None,
        "link": link,
        **more,
    }


CATALOGUE = [
    entry("bundle.config", "containerFormat01", document="bundle.md", what="A bundle has a config.json at its top."),
    entry("state.status", "state", "DEFINED", "runtime.md", what="The state says in which status a container is."),
    entry("create.unique-id", "create", document="runtime.md", what="An id that is in use is refused."),
    entry("kill.unknown", "kill", "SHOULD", "runtime.md", what="A signal sent to a stopped container is an error."),
    entry("hostname.seen", "hostname", document="config.md", what="Processes inside see the configured hostname."),
    entry("domainname.seen", "domainname", document="config.md", since="1.1.0"),
    entry(
        "hooks.order", "posix-platform-hooks", document="config.md", contested="Disputed; see upstream's issue 1087."
    ),
    entry("annotations.unknown", "annotations", "MAY", "config.md"),
    entry("user.whole", "user", document="config.md", soft="A decoder cannot tell a missing uid from 0."),
    entry("warn.unknown", "extensibility", "SHOULD", "config.md"),
    entry("ns.uts.new", "configLinuxNamespaces", what="A uts entry without a path is a new namespace."),
    entry("ns.uts.duplicate", "configLinuxNamespaces", what="A second uts entry is an error."),
    entry("ns.time.new", "configLinuxNamespaces", since="1.1.0"),
    entry("masked.file", "configLinuxMaskedPaths", what="A masked path cannot be read."),
    entry(
        "masked.relative", "configLinuxMaskedPaths", untested="No observation tells it from a path that is not there."
    ),
    entry("sysctl.set", "configLinuxSysctl"),
    entry("netdev.move", "configLinuxNetDevices", since="1.3.0", what="A network device named here moves inside."),
    entry("rdt.schema", "configLinuxIntelRdt", what="The schema is written to the group of the process."),
    entry("time.declined", "configLinuxTimeOffset", since="1.1.0"),
    entry("exec.tty", "exec", "CALLER", "command_line", what="exec --tty gives the process a terminal."),
    entry("escape.proc-self-exe", "procfs", "SECURITY", "security", what="The runtime's own file cannot be written."),
]


def call(*argv: str, exit: int = 0, stdout: str = "", stderr: str = "", **more: Any) -> dict[str, Any]:
    signal, timed_out = more.get("signal"), more.get("timed_out", False)
    known = {"argv": list(argv), "exit": exit, "signal": signal, "timed_out": timed_out, "seconds": 0.031}
    return known | {"stdout": stdout, "stderr": stderr}


def line(requirement: str | None, outcome: str, name: str = "", **more: Any) -> dict[str, Any]:
    name = name or f"test_{(requirement or 'ordinary').replace('.', '_').replace('-', '_')}"
    known: dict[str, Any] = {
        "kind": "test",
        "test": f"conformance/specification/test_sample.py::{name}",
        "title": name.removeprefix("test_").replace("_", " "),
        "requirement": requirement,
        "chapter": "specification",
        "outcome": outcome,
        "seconds": 0.061,
        "runtime_seconds": 0.05,
        "reason": None,
        "expected": None,
        "seen": None,
        "trace": None,
        "calls": [],
        "patch": None,
        "replay": None,
        "facts": None,
    }
    return known | more


DUPLICATE = line(
    "ns.uts.duplicate",
    "failed",
    expected="create generates an error",
    seen="create succeeded, and left a container in status “created”",
    trace="test_namespaces.py:12: in test_a_second_uts_entry_is_an_error\n    with generates_an_error():\nE   no error",
    calls=[
        call("/usr/sbin/runc", "--root", "/run/r", "create", "--bundle", "/b", "c1", stderr='time="…" level=warning\n'),
        call("/usr/sbin/runc", "--root", "/run/r", "state", "c1", stdout='{"id": "c1", "status": "created"}\n'),
        call(
            "/usr/sbin/runc", "--root", "/run/r", "delete", "--force", "c1", exit=-1, signal="SIGKILL", timed_out=True
        ),
    ],
    patch=[{"op": "add", "path": "/linux/namespaces/-", "value": {"type": "uts"}}],
    replay="python -m bundles replay reports/latest/results.jsonl ns.uts.duplicate --runtime /usr/sbin/runc",
    facts={"uid": 0, "cwd": "/"},
)
TESTS = [
    line(None, "passed", "test_the_ordinary_bundle_runs"),
    line("bundle.config", "passed"),
    line("state.status", "passed"),
    line("create.unique-id", "passed", calls=[call("runc", "create", "c1", exit=1, stderr="container exists\n")]),
    line("kill.unknown", "advice not followed", expected="an error", seen="kill succeeded"),
    line("hostname.seen", "passed", patch=[{"op": "replace", "path": "/hostname", "value": "shelf"}]),
    line("domainname.seen", "passed"),
    line("hooks.order", "contested", expected="createRuntime after prestart", seen="the other way round"),
    line("annotations.unknown", "informational", expected="the annotation in the state", seen="none"),
    line("warn.unknown", "passed"),
    line("ns.uts.new", "passed"),
    DUPLICATE,
    line("ns.time.new", "not on this host", reason="this kernel has no time namespace"),
    line(
        "masked.file",
        "failed",
        title=HOSTILE[0],
        expected="".join(HOSTILE),
        seen="\n".join(HOSTILE),
        reason=HOSTILE[2],
        trace=HOSTILE[1],
        calls=[call("runc", *HOSTILE, exit=1, stdout="".join(HOSTILE), stderr="words and " * (MEGABYTE // 5))],
        patch=[{"op": "add", "path": HOSTILE[0], "value": HOSTILE[1]}],
        replay=f"replay {HOSTILE[2]}",
        facts={HOSTILE[0]: HOSTILE[4]},
    ),
    line("sysctl.set", "passed"),
    line("netdev.move", "not in this version", reason="since 1.3.0"),
    line("rdt.schema", "not on this host", reason="this host has no resctrl"),
    line("time.declined", "declined", reason="features: linux.namespaces does not list time"),
    line("user.whole", "soft", expected="an error", seen="success"),
    line("exec.tty", "passed", chapter="command_line"),
    line("escape.proc-self-exe", "failed", chapter="security", expected="EROFS or ETXTBSY", seen="written"),
]


def header(**more: Any) -> dict[str, Any]:
    return {
        "kind": "header",
        "format": 1,
        "suite": "0.1.0",
        "started": "2026-03-01T12:00:00+00:00",
        "command": ["pytest", "--runtime=/usr/sbin/runc", "-n", "2"],
        "runtime": {
            "command": "/usr/sbin/runc",
            "path": "/usr/sbin/runc",
            "sha256": "5f" * 32,
            "version": "runc version 1.1.5+ds1\nspec: 1.0.2-dev\ngo: go1.19.8\nlibseccomp: 2.5.4",
            "claims": "1.0.2-dev",
        },
        "specification": {"version": "1.1.0", "why": "--spec-version"},
        "host": {
            "kernel": "6.18.5",
            "architecture": "x86_64",
            "distribution": "Debian GNU/Linux 12 (bookworm)",
            "cgroup": "hybrid",
            "lsm": ["capability", "landlock"],
            "lacks": ["time namespace", "resctrl"],
        },
        "ordinary": {"ociVersion": "1.0.0", "hostname": "ordinary", "linux": {"namespaces": [{"type": "uts"}]}},
        "catalogue": CATALOGUE,
    } | more


def footer(**more: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "kind": "footer",
        "finished": "2026-03-01T12:01:11+00:00",
        "exit": 1,
        "interrupted": False,
        "counts": {},
        "wall": 71.3,
        "workers": 2,
        "runtime_seconds": 115.4,
        "tests": len(TESTS),
        "harness_ms_per_test": 9.8,
        "runtime_share": 0.81,
    }
    return known | more


def run(*tests: dict[str, Any], **end: Any) -> list[dict[str, Any]]:
    """The lines of a whole run of these tests."""
    return [header(), *tests, footer(**end)]


def write(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
