"""`hipimu live --virtual 3` as a runner and a coach see it: on a phone whose processor is slow."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.faces.conftest import FLAGS, find_chromium
from tests.studies.live import Page as Plain
from tests.studies.live import live, processor_s

MINUTES = 8.0
SLOWED = 4
_FAST_SPM = 174.0
"""Between the cadences of the virtual runner's two paces."""


@dataclass
class Seen:
    """What the page said of itself."""

    trouble: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    delays_ms: list[float] = field(default_factory=list)
    frames_per_s: list[float] = field(default_factory=list)
    so_far: list[str] = field(default_factory=list)
    cores: list[float] = field(default_factory=list)


def seen_by_a_runner(pictures: Path) -> bool:
    """Take part in a whole run; return whether every promise was kept."""
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        out = Path(name)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        options = ("--virtual", "3", "--out", "run", "--minutes", str(MINUTES))
        with live(*options, out=out) as (child, url), _beside(url) as plain:
            seen = _followed(browser, url, pictures, child.pid)
        said = (out / "said.txt").read_text()
    return _judged(seen, plain, said)


class _beside:  # noqa: N801 - used like a function
    """A second page without a browser, to see when states reach the socket."""

    def __init__(self, url: str) -> None:
        self._page, self._url = Plain(url), url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        import asyncio

        async def stay() -> None:
            stop = asyncio.Event()
            staying = asyncio.create_task(self._page.stay(stop))
            while not self._stop.is_set():
                await asyncio.sleep(0.2)
            stop.set()
            staying.cancel()

        asyncio.run(stay())

    def __enter__(self) -> Plain:
        self._thread.start()
        return self._page

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def _followed(browser: Browser, url: str, pictures: Path, pid: int) -> Seen:
    seen = Seen()
    context = browser.new_context(
        viewport={"width": 360, "height": 640},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
    )
    page = context.new_page()
    _listen(page, seen, url)
    page.goto(url)
    slow(context.new_cdp_session(page), SLOWED)
    _through_the_start(page, seen, pictures)
    _through_the_run(page, seen, pictures, pid)
    _through_the_end(page, pictures)
    return seen


def slow(session: CDPSession, times: int) -> None:
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})


def _listen(page: Page, seen: Seen, url: str) -> None:
    page.on("pageerror", lambda error: seen.trouble.append(str(error)))
    page.on(
        "console",
        lambda line: seen.trouble.append(line.text) if line.type in ("error", "warning") else None,
    )
    page.on(
        "request",
        lambda request: (
            seen.foreign.append(request.url)
            if not request.url.startswith((url.rstrip("/"), "data:", "blob:"))
            else None
        ),
    )


def _through_the_start(page: Page, seen: Seen, pictures: Path) -> None:
    until = time.monotonic() + 120.0
    while time.monotonic() < until:
        title = page.locator("#step-title")
        if not page.locator("#start").is_visible():
            if page.locator("#now").is_visible():
                return
        elif (said := title.inner_text()) and said not in seen.steps[-1:]:
            seen.steps.append(said)
            page.wait_for_timeout(1500)
            step = said.lower().replace(" ", "-")
            page.screenshot(path=pictures / f"start-{len(seen.steps)}-{step}.png")
        page.wait_for_timeout(200)
    raise SystemExit(f"the guided start does not end: {seen.steps}")


def _through_the_run(page: Page, seen: Seen, pictures: Path, pid: int) -> None:
    """Press a button whenever the cadence says that the pace has changed."""
    pressed, taken = "", 0
    frames, spent, at = _frames(page), processor_s(pid), time.monotonic()
    while page.locator("#now").is_visible():
        page.wait_for_timeout(1000)
        wanted = _pace(page)
        if wanted and wanted != pressed:
            page.locator(f"#laps [data-mark={wanted}]").click()
            pressed = wanted
        said = page.locator("#so-far").inner_text()
        if said and said not in seen.so_far[-1:]:
            seen.so_far.append(said)
        if time.monotonic() - at >= 20.0:
            seconds = time.monotonic() - at
            seen.delays_ms += page.evaluate("Array.from(window.hipimuLive.latency_ms)")
            seen.frames_per_s.append((_frames(page) - frames) / seconds)
            seen.cores.append((processor_s(pid) - spent) / seconds)
            frames, spent, at = _frames(page), processor_s(pid), time.monotonic()
            taken += 1
            page.screenshot(path=pictures / f"run-{taken:02d}.png")


def _frames(page: Page) -> int:
    return int(page.evaluate("window.hipimuLive.drawn.frames"))


def _pace(page: Page) -> str:
    found = re.search(r"\d+", page.locator("#cadence").inner_text())
    if found is None:
        return ""
    return "fast" if float(found[0]) > _FAST_SPM else "easy"


def _through_the_end(page: Page, pictures: Path) -> None:
    page.screenshot(path=pictures / "end-1.png")
    page.locator("#report").wait_for(state="visible", timeout=120_000)
    page.screenshot(path=pictures / "end-2.png")
    page.locator("#report").click()
    page.wait_for_load_state()
    page.screenshot(path=pictures / "report.png")


def _judged(seen: Seen, plain: Plain, said: str) -> bool:
    painted = float(np.percentile(seen.delays_ms, 95))
    socket = float(np.percentile(plain.delays_ms, 95))
    frames = float(np.median(seen.frames_per_s))
    print(f"steps of the start: {' → '.join(seen.steps)}")
    print(f"so far: {' | '.join(seen.so_far)}")
    print(
        f"updates a second, processor slowed {SLOWED}×: median {frames:.1f}, least "
        f"{min(seen.frames_per_s):.1f}"
    )
    print(f"from packet to paint p95 {painted:.0f} ms; to the socket p95 {socket:.1f} ms")
    print(f"hipimu live, virtual sensors and their radio: {np.median(seen.cores):.0%} of a core")
    for what, found in (("console", seen.trouble), ("other hosts", seen.foreign)):
        print(f"{what}: {found or 'nothing'}")
    print(said[-600:])
    return (
        frames >= 20.0
        and painted <= 150.0
        and socket <= 30.0
        and not seen.trouble
        and not seen.foreign
        and not any("too early" in text.lower() for text in seen.so_far[-1:])
    )
