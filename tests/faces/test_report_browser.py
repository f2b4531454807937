"""The report in a real browser, opened from a file: every width, both schemes, paper."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Page

from hipimu.report import render
from tests.unit.report.sessions import VARIANTS

WIDTHS = (320, 360, 768, 1280)
SHOWN = ("supported", "short", "empty", "one_side", "proxy", "plain", "watch", "compensated")
CHARTS = 7

# Every element with text of its own: its colour against the nearest painted background.
LOW_CONTRAST = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (c) => c <= 10.31475 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = channels(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return channels(getComputedStyle(document.body).backgroundColor);
  };
  const low = []; let looked = 0;
  for (const e of document.body.querySelectorAll("*")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || ["SCRIPT", "STYLE"].includes(e.tagName)) continue;
    const style = getComputedStyle(e);
    const colour = channels(e.namespaceURI.endsWith("svg") ? style.fill : style.color);
    const [a, b] = [luminance(colour), luminance(ground(e))].sort((x, y) => y - x);
    looked += 1;
    if ((a + 0.05) / (b + 0.05) < 4.5) low.push([e.tagName, e.textContent.slice(0, 40), colour]);
  }
  return { low, looked };
}"""

SMALL_TEXT = """() => {
  const sizes = [...document.querySelectorAll("svg text")]
    .filter((t) => t.getClientRects().length)
    .map((t) => parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a);
  return { count: sizes.length, least: Math.min(...sizes) };
}"""


@dataclass
class Opened:
    """A page and what it complained about or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


def report_in(folder: Path, variant: str) -> Path:
    """The report of one variant, drawn when it is first asked for."""
    path = folder / f"{variant}.html"
    if not path.exists():
        path.write_text(render(VARIANTS[variant]()), encoding="utf-8")
    return path


@pytest.fixture
def open_report(browser: Browser, folder: Path) -> Iterator[Open]:
    with ExitStack() as contexts:

        def open_(
            variant: str = "supported",
            width: int = 1280,
            scheme: Literal["light", "dark"] = "light",
            **how: Any,
        ) -> Opened:
            context = browser.new_context(
                viewport={"width": width, "height": 800}, color_scheme=scheme, **how
            )
            contexts.callback(context.close)
            opened = Opened(context.new_page())
            opened.page.on("console", lambda message: opened.complaints.append(message.text))
            opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
            opened.page.on("request", lambda request: opened.requests.append(request.url))
            opened.page.goto(report_in(folder, variant).as_uri())
            return opened

        yield open_


def drawing(page: Page, number: int = 0) -> Locator:
    """The visible drawing of the chart with this number."""
    return page.locator("figure.chart").nth(number).locator("svg:visible")


def hover(svg: Locator, share: float) -> None:
    """Point into the first panel of a drawing, at a share of the drawing's width."""
    box = svg.bounding_box()
    panels = json.loads(svg.get_attribute("data-panels") or "[]")
    width = float((svg.get_attribute("viewBox") or "").split()[2])
    assert box is not None
    y = (panels[0]["y"][0] + 40) * box["width"] / width
    svg.hover(position={"x": share * box["width"], "y": y}, force=True)


@pytest.mark.parametrize("variant", SHOWN)
def test_opens_quietly_offline_and_fits(open_report: Open, variant: str) -> None:
    opened = open_report(variant)

    for width in WIDTHS:
        opened.page.set_viewport_size({"width": width, "height": 800})
        overflow = opened.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{overflow} px too wide at {width} px"
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize(("width", "layout"), [(320, "narrow"), (767, "narrow"), (768, "wide")])
def test_only_the_fitting_drawings_show(open_report: Open, width: int, layout: str) -> None:
    page = open_report(width=width).page
    visible = page.locator("figure.chart svg:visible")

    assert visible.count() == CHARTS
    assert page.locator(f"figure.chart svg.{layout}:visible").count() == CHARTS


def test_text_in_drawings_stays_readable(open_report: Open) -> None:
    page = open_report().page

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        sizes = page.evaluate(SMALL_TEXT)
        assert sizes["count"] > 40
        assert sizes["least"] >= 11.0, f"at {width} px"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("variant", ["supported", "short"])
def test_contrast(open_report: Open, variant: str, scheme: Literal["light", "dark"]) -> None:
    found = open_report(variant, scheme=scheme).page.evaluate(LOW_CONTRAST)

    assert found["looked"] > 60
    assert found["low"] == []


def test_dark_is_dark(open_report: Open) -> None:
    grounds = [
        open_report(scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert grounds == ["rgb(252, 252, 251)", "rgb(18, 20, 23)"]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_crosshair_tells_the_stride_under_it(open_report: Open, width: int) -> None:
    opened = open_report(width=width)
    figure = opened.page.locator("figure.chart").first
    hover(drawing(opened.page), 0.2 if width == 1280 else 0.5)

    told = figure.locator(".readout").inner_text()
    match = re.fullmatch(
        r"Left stride (\d+) at \d+:\d\d, (easy|fast) pace \(\d+:\d\d min/km\), bout \d+: "
        r"flexion ([\d.]+)°, extension ([\d.]+)°",
        told,
    )
    assert match is not None, told
    stride = next(
        s for s in VARIANTS["supported"]().strides if (s.side, s.stride) == ("left", int(match[1]))
    )
    assert stride.pace == match[2]
    assert float(match[3]) == pytest.approx(stride.peak_flexion_rad * 57.29578, abs=0.06)
    assert drawing(opened.page).locator(".cross line").count() == 1
    assert opened.complaints == []


def test_the_crosshair_sits_on_its_dot(open_report: Open) -> None:
    """The ring must coincide with a drawn dot: pixels and degrees agree."""
    page = open_report().page
    hover(drawing(page), 0.2)
    distance = drawing(page).evaluate(
        """(svg) => {
          const ring = svg.querySelector(".cross circle");
          const [x, y] = [+ring.getAttribute("cx"), +ring.getAttribute("cy")];
          const dots = [...svg.querySelectorAll("path.dots")].flatMap((path) =>
            path.getAttribute("d").slice(1).split(" ").map(Number));
          const away = [];
          for (let i = 0; i < dots.length; i += 2)
            away.push(Math.hypot(dots[i] - x, dots[i + 1] - y));
          return Math.min(...away);
        }"""
    )
    assert distance < 0.5


def test_the_crosshair_follows_the_keyboard(open_report: Open) -> None:
    page = open_report(width=360).page
    plot = page.locator("figure.chart .plot").first
    readout = page.locator("figure.chart .readout").first
    plot.focus()
    page.keyboard.press("ArrowRight")
    first = readout.inner_text()
    page.keyboard.press("ArrowRight")

    assert first.startswith("Left stride ")
    assert readout.inner_text() != first


def test_the_page_is_whole_without_scripts(open_report: Open) -> None:
    page = open_report(java_script_enabled=False).page

    assert page.locator("figure.chart svg:visible").count() == CHARTS
    assert page.locator(".readout:visible").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_prints_on_white_a4(open_report: Open, scheme: Literal["light", "dark"]) -> None:
    page = open_report(width=360, scheme=scheme).page
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    page.emulate_media(media="print")

    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 30_000
    assert 5 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 14
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    assert box is not None
    assert (float(box[1]), float(box[2])) == pytest.approx((595, 842), abs=1.5)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert page.locator("figure.chart svg.wide:visible").count() == CHARTS
    assert page.evaluate(LOW_CONTRAST)["low"] == []


def test_the_tables_are_beside_the_page(open_report: Open) -> None:
    links = open_report().page.locator(".files a")

    assert [link.get_attribute("href") for link in links.all()] == [
        "strides.csv",
        "bouts.csv",
        "summary.json",
    ]
