"""The live page in a browser, on the real server, over a run that was never run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from hipimu.data import StartStep
from hipimu.web import LiveServer
from tests.faces.live_web import port_of, served
from tests.live_board import PLAN, PlayedRun

PHONE = (360, 640)
STEPS: tuple[StartStep, ...] = ("sensors", "put_on", "stand", "lift", "walk", "ready")
TREMBLE_MS = 320
VIEWS = ("peak_flexion", "peak_extension", "chart")
VIOLATIONS = """
  window.violations = [];
  addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI}`), true);
"""
BOXES = """(selectors) => [...document.querySelectorAll(selectors)]
  .filter((node) => node.getClientRects().length)
  .map((node) => {
    const { x, y, width, height } = node.getBoundingClientRect();
    return [node.id || node.className || node.tagName, x, y, width, height].join(" ");
  })"""
FIXED = (
    "header > *, #laps button, .card, .card > *, .scale, .ends, .hip, .facts div, .facts dt, "
    ".said, nav, nav button, #plot, .readout, .reading"
)


@dataclass
class Opened:
    """A page, the run it shows, and what it complained about or asked for."""

    page: Page
    run: PlayedRun
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def advance(self, seconds: float, states: int = 1) -> None:
        """Let the run go on, and the page draw its last state."""
        self.run.advance(seconds, states)
        self.catch_up()

    def press(self, selector: str) -> None:
        """Press what the run is told of, and wait until it has been told."""
        # The page takes a second press so soon for a trembling thumb.
        self.page.wait_for_timeout(TREMBLE_MS)
        before = self.run.taken
        self.page.click(selector)
        wait_until(lambda: self.run.taken > before, f"{selector} taken")

    def catch_up(self) -> None:
        number = self.run.board.state.number
        self.until(f"hipimuLive.drawn.number >= {number}", f"state {number} drawn")

    def until(self, true: str, what: str = "", seconds: float = 8.0) -> None:
        """Wait for an expression: the page's policy forbids Playwright's own waiting."""
        wait_until(lambda: bool(self.page.evaluate(true)), what or true, seconds)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()

    def view(self, name: str) -> None:
        self.page.click(f"#nav [value={name}]")
        self.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")

    def card(self, side: str) -> Locator:
        return self.page.locator(f".card[aria-label^={side.capitalize()}]")

    def boxes(self) -> list[str]:
        found: list[str] = self.page.evaluate(BOXES, FIXED)
        return found

    def overflow(self) -> list[int]:
        """By how many pixels the page is wider and higher than the window."""
        found: list[int] = self.page.evaluate(
            "(({ scrollWidth: w, scrollHeight: h }) => [w - innerWidth, h - innerHeight])"
            "(document.documentElement)"
        )
        return found


def wait_until(true: Callable[[], bool], what: str, seconds: float = 8.0) -> None:
    until_s = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until_s, f"not within {seconds} s: {what}"
        time.sleep(0.02)


class Live:
    """Opens pages, of one run or of several; closes them at the end."""

    def __init__(self, browser: Browser, stack: ExitStack) -> None:
        self._browser, self._stack = browser, stack

    def serve(self, run: PlayedRun) -> LiveServer:
        return self._stack.enter_context(served(run.board))

    def open(
        self,
        run: PlayedRun,
        server: LiveServer | None = None,
        size: tuple[int, int] = PHONE,
        before: str = "",
        **how: Any,
    ) -> Opened:
        """Open the page on a phone, and wait until it shows the run."""
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, has_touch=True, **how
        )
        self._stack.callback(context.close)
        context.add_init_script(VIOLATIONS + before)
        opened = Opened(context.new_page(), run)
        page = opened.page
        page.on("console", lambda message: opened.complaints.append(message.text))
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("request", lambda request: opened.requests.append(request.url))
        page.goto((server or self.serve(run)).url)
        opened.until("window.hipimuLive?.drawn.number >= 0", "the page shows the run")
        opened.catch_up()
        return opened


@contextmanager
def pages(browser: Browser) -> Iterator[Live]:
    with ExitStack() as stack:
        yield Live(browser, stack)


@contextmanager
def again(run: PlayedRun, server: LiveServer) -> Iterator[LiveServer]:
    """Another server of the same run at the same address."""
    back = LiveServer(run.board, port=port_of(server))
    back.start()
    try:
        yield back
    finally:
        back.stop()


# -- runs to show


def started(at_s: float = 20.0, **how: Any) -> PlayedRun:
    """A run that is under way, at easy pace."""
    run = PlayedRun(plan=[(0.0, "easy")], **how)
    run.advance(at_s)
    return run


def tired() -> PlayedRun:
    """In the third fast bout: range is lost."""
    run = PlayedRun(plan=PLAN)
    run.heart_rate_bpm, run.knows_speed = 164.0, True
    run.warnings = ("Left and right may be swapped: look at the sensors.",)
    run.advance(295.0, 50)
    return run


def put_on() -> PlayedRun:
    """The sensors are there and have to be put on."""
    run = PlayedRun(steps=STEPS)
    run.advance(3.1)
    return run


def ended(phase: str) -> PlayedRun:
    run = tired()
    run.end(phase, "At fast pace you lost 4.1° of hip flexion.", "<p>the report</p>")
    return run
