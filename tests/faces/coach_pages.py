"""The coach's pages on the real server, over a small season, in a browser and without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, Locator, Page

from hipimu.store import Store, open_store
from hipimu.web.coach import CoachServer
from tests.coach_season import SQUAD, fill

PHONE = (320, 640)
DESK = (1280, 900)
A4 = (688, 1000)
"""Between its margins."""
ADA = "/athletes/Ada%20Bauer"
VIOLATIONS = """
  window.violations = [];
  addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI}`), true);
"""
UNNAMED = """() => {
  const named = (node) => (node.labels && node.labels.length) || node.getAttribute("aria-label")
    || node.getAttribute("aria-labelledby") || node.textContent.trim();
  const told = (node) => node.outerHTML.slice(0, 120);
  const fields = "input:not([type=hidden]), textarea, select, button, a[href], summary";
  const found = [...document.querySelectorAll(fields)].filter((node) => !named(node)).map(told);
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption || !table.querySelector("th[scope=col]")) found.push(told(table));
  }
  for (const svg of document.querySelectorAll("svg")) {
    if (!svg.getAttribute("aria-label") && svg.getAttribute("aria-hidden") !== "true")
      found.push(told(svg));
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  found.push(...ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => `twice: ${id}`));
  for (const node of document.querySelectorAll("[aria-labelledby], [aria-describedby]")) {
    const refs = `${node.getAttribute("aria-labelledby") ?? ""} ` +
      `${node.getAttribute("aria-describedby") ?? ""}`;
    found.push(...refs.trim().split(/\\s+/).filter((id) => !document.getElementById(id)));
  }
  if (document.querySelectorAll("main").length !== 1) found.push("not one main");
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  let before = 0;
  for (const head of document.querySelectorAll("h1, h2, h3, h4")) {
    const level = Number(head.tagName[1]);
    if (level > before + 1) found.push(`${head.tagName} ${head.textContent}`);
    before = level;
  }
  return found;
}"""
"""What a screen reader's user would miss."""

FAINT = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map((part) => Number(part) / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let own = node; own; own = own.parentElement) {
      const colour = getComputedStyle(own).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = new Set();
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const text = node instanceof SVGElement ? style.fill : style.color;
    if (!text.startsWith("rgb")) continue;
    const [a, b] = [light(text), light(ground(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio * Number(style.opacity) < 4.5)
      found.add(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return [...found];
}"""
"""Words with less contrast than 4.5:1."""


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Served:
    """A server, and ways to ask it."""

    url: str
    store: Store

    def ask(
        self,
        path: str,
        fields: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        body: bytes | None = None,
    ) -> Answer:
        told = urlsplit(self.url)
        connection = HTTPConnection(told.hostname or "", told.port, timeout=10)
        sent = {} if fields is None else {"Content-Type": "application/x-www-form-urlencoded"}
        content = urlencode(fields).encode() if fields is not None else body
        way = method or ("GET" if content is None else "POST")
        connection.request(way, path, content, {**sent, **(headers or {})})
        answer = connection.getresponse()
        got = Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        connection.close()
        return got

    def key(self) -> str:
        found = re.search(r'name="key" value="([^"]+)"', self.ask(ADA).text)
        assert found is not None
        return found[1]


@contextmanager
def served(store: Store) -> Iterator[Served]:
    server = CoachServer(store, port=0, author="Pat")
    server.start()
    try:
        yield Served(server.url, store)
    finally:
        server.stop()


@contextmanager
def small_season(folder: Path, squad: int = 5, sessions: int = 8) -> Iterator[Served]:
    with open_store(str(folder / "season.sqlite")) as store:
        fill(store, SQUAD[:squad], sessions, every_days=5.0, until=datetime.now(UTC))
        with served(store) as running:
            yield running


@dataclass
class Opened:
    """A page, and what it complained about or asked for."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.url.rstrip("/") + path)

    def follow(self, what: Locator) -> None:
        """Click, and wait for the page that comes."""
        with self.page.expect_navigation():
            what.click()

    def press(self, button: str) -> None:
        """Send a form, and wait for the page that comes."""
        self.follow(self.page.get_by_role("button", name=button).first)

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return wide

    def unnamed(self) -> list[str]:
        found: list[str] = self.page.evaluate(UNNAMED)
        return found

    def violations(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def check(self) -> None:
        """Hold the page against what every page must pass."""
        assert self.overflow() == 0
        assert self.unnamed() == []
        assert self.page.evaluate(FAINT) == []
        assert self.violations() == []


@contextmanager
def opened(
    browser: Browser, server: Served, size: tuple[int, int] = DESK, **how: Any
) -> Iterator[Opened]:
    """Open a page; in the end nothing may have gone wrong in it, nor anything outside be asked."""
    width, height = size
    still: dict[str, Any] = {"reduced_motion": "reduce"} | how
    context = browser.new_context(viewport={"width": width, "height": height}, **still)
    context.add_init_script(VIOLATIONS)
    shown = Opened(context.new_page(), server.url)
    page = shown.page
    page.on("console", lambda m: shown.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    page.on(
        "request",
        lambda r: None if r.url.startswith(server.url) else shown.strangers.append(r.url),
    )
    try:
        yield shown
        assert shown.complaints == []
        assert shown.strangers == []
    finally:
        context.close()
