"""The live page in WebKit, the engine of every browser on an iPhone.

Needs Debian's `webkit2gtk-driver` and `xvfb`; says so where they are missing. Its driver cannot
slow the processor down.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

_BROWSERS = tuple(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
_WINDOW = {"width": 400, "height": 760}


def missing() -> str:
    """Say what is not installed; empty where all is there."""
    if shutil.which("WebKitWebDriver") is None or not _BROWSERS:
        return "WebKit's driver is not installed: apt-get install webkit2gtk-driver"
    return "" if shutil.which("Xvfb") else "there is no screen: apt-get install xvfb"


class Driver:
    """A session of a browser, by W3C WebDriver."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}/session"
        options = {"binary": str(_BROWSERS[0]), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._root += "/" + self._call("POST", "", {"capabilities": wanted})["sessionId"]

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._root + path, data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60.0) as answer:  # noqa: S310
            return json.load(answer)["value"]

    def open(self, url: str) -> None:
        self._call("POST", "/window/rect", _WINDOW)
        self._call("POST", "/url", {"url": url})

    def run(self, script: str) -> Any:
        return self._call("POST", "/execute/sync", {"script": script, "args": []})

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("GET", "/screenshot")))

    def close(self) -> None:
        self._call("DELETE", "")


@contextmanager
def webkit() -> Iterator[Driver]:
    """Start a browser on a screen of its own."""
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x900x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    display = os.read(reading, 16).decode().strip()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    driver = subprocess.Popen(
        ["WebKitWebDriver", f"--port={port}"],
        env={**os.environ, "DISPLAY": f":{display}", "LIBGL_ALWAYS_SOFTWARE": "1"},
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(1.0)
        session = Driver(port)
        yield session
        session.close()
    finally:
        for process in (driver, screen):
            process.terminate()
            process.wait()
        os.close(reading)
        os.close(writing)


def seen(browser: Driver, child: subprocess.Popen[str]) -> bool:
    """Watch for twenty seconds; return whether every promise was kept."""
    browser.run(
        "window.trouble = []; addEventListener('error', e => window.trouble.push(e.message));"
    )
    until = time.monotonic() + 90.0
    while (
        not browser.run("return window.hipimuLive ? hipimuLive.history.length : 0")
        and child.poll() is None
    ):
        assert time.monotonic() < until, "no strides in WebKit"
        time.sleep(0.5)
    browser.run("hipimuLive.latency_ms.length = 0; hipimuLive.drawn.frames = 0")
    time.sleep(20.0)
    frames, delays, trouble, agent = browser.run(
        "return [hipimuLive.drawn.frames, Array.from(hipimuLive.latency_ms), window.trouble, "
        "navigator.userAgent]"
    )
    Path(".live").mkdir(exist_ok=True)
    browser.picture(Path(".live") / "webkit.png")
    p95 = float(np.percentile(delays, 95))
    print(f"{agent}: {frames / 20.0:.1f} updates a second, from packet to paint p95 {p95:.0f} ms")
    print(f"errors: {trouble or 'none'}")
    return frames >= 400 and p95 <= 150.0 and not trouble
