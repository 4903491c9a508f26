"""A headless Chromium, spoken to through its debugging pipe: fds 3 and 4, JSON messages that end in NUL."""

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
DEADLINE = 30.0
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
#: A program that gives its two first arguments, descriptors, the numbers that Chromium wants, and becomes the rest.
AS_3_AND_4 = "import os, sys; a = sys.argv; os.dup2(int(a[1]), 3); os.dup2(int(a[2]), 4); os.execv(a[3], a[3:])"


class Tab:
    """One page; `see` evaluates JavaScript in it, whether or not its own script may run."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self.browser = browser
        self.session = session
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **parameters)

    def go(self, url: str) -> "Tab":
        self.browser.events.clear()
        self.call("Page.navigate", url=url)
        self.browser.until(lambda event: event.get("method") == "Page.loadEventFired")
        return self

    def see(self, expression: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        code = {"Tab": 9, "Enter": 13, "Escape": 27}.get(key, 0)
        common = {"key": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def media(self, kind: str = "", **features: str) -> None:
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=kind, features=listed)

    def happened(self, method: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self.browser.events if event.get("method") == method]


class Browser:
    """The process and its pipe."""

    def __init__(self, to: int, back: int) -> None:
        self.to, self.back = to, back
        self.number = 0
        self.events: list[dict[str, Any]] = []
        self._received = b""

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        os.write(self.to, json.dumps(message).encode() + b"\0")
        answer = self.until(lambda event: event.get("id") == number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def until(self, wanted: Any) -> dict[str, Any]:
        """The first message that is wanted: it may have come already, for all of them are kept as events."""
        deadline = time.monotonic() + DEADLINE
        while not (found := [event for event in self.events if wanted(event)]):
            self.events.append(self._message(deadline))
        return found[0]

    def _message(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self.back], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"Chromium said nothing for {DEADLINE} s"
            more = os.read(self.back, 1 << 16)
            assert more, "Chromium is gone"
            self._received += more
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)

    @contextmanager
    def tab(self) -> Iterator[Tab]:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        yield Tab(self, session)
        self.call("Target.closeTarget", targetId=target)


@contextmanager
def launched(profile: Path) -> Iterator[Browser]:
    (their_in, to), (back, their_out) = _pipe(), _pipe()
    command = [str(PROGRAM), *FLAGS, f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        [sys.executable, "-c", AS_3_AND_4, str(their_in), str(their_out), *command],
        pass_fds=(their_in, their_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"HOME": str(profile)},
    )
    os.close(their_in)
    os.close(their_out)
    try:
        browser = Browser(to, back)
        yield browser
        browser.call("Browser.close")
        process.wait(DEADLINE)
    finally:
        process.kill()
        process.wait()
        os.close(to)
        os.close(back)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are neither 3 nor 4."""
    low = os.pipe()
    reading, writing = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in low)
    for end in low:
        os.close(end)
    return reading, writing
