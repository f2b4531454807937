"""The page as text: self-contained, honest, light, the same every time."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from hipimu.data import Reason
from hipimu.report import render, sentence, tables
from tests.unit.report.pages import PAGES, Pages, text_of
from tests.unit.report.sessions import (
    VARIANTS,
    empty_session,
    interval_session,
    one_side_session,
    short_session,
    simulated_session,
)

MEGABYTE = 1_000_000


class Outline(HTMLParser):
    """Headings, ids, open elements and references of a page."""

    VOID = frozenset({"meta", "link", "br", "use", "path", "line", "circle", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.stack: list[str] = []
        self.landmarks: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, dict(attrs))
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.stack.pop() == tag

    def _note(self, tag: str, attrs: dict[str, str | None]) -> None:
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(tag)
        if tag in ("header", "main", "footer"):
            self.landmarks.add(tag)
        self.ids += [value for name, value in attrs.items() if name == "id" and value]
        self.links += [value for name, value in attrs.items() if name in ("href", "src") and value]


@pytest.fixture
def pages() -> Pages:
    return PAGES


@pytest.mark.parametrize("variant", VARIANTS)
def test_outline_landmarks_and_ids(variant: str, pages: Pages) -> None:
    outline = Outline()
    outline.feed(pages[variant])

    assert outline.stack == []
    assert outline.headings[0] == "h1"
    assert set(outline.headings[1:]) <= {"h2", "h3"}
    assert outline.headings[1] == "h2"
    assert outline.landmarks == {"header", "main", "footer"}
    assert len(outline.ids) == len(set(outline.ids))
    assert '<html lang="en">' in pages[variant]


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_points_outside(variant: str, pages: Pages) -> None:
    outline = Outline()
    outline.feed(pages[variant])
    files = {"strides.csv", "bouts.csv", "summary.json"}

    assert {link for link in outline.links if not link.startswith(("#", "data:"))} == files
    assert "default-src 'none'" in pages[variant]
    # References inside the drawings all find their target.
    wanted = set(re.findall(r'(?:href="|url\()#([\w-]+)', pages[variant]))
    assert wanted <= set(outline.ids)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_sentence_is_the_heading(variant: str, pages: Pages) -> None:
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", pages[variant], re.DOTALL)

    assert heading is not None
    assert sentence(VARIANTS[variant]()).startswith(html.unescape(heading[1]))
    assert sentence(VARIANTS[variant]()) in text_of(pages[variant])
    assert re.search(r"\b(nan|None|inf)\b", text_of(pages[variant])) is None


def test_the_policy_lets_this_script_run_and_no_other(pages: Pages) -> None:
    script = re.search(r"<script>(.*?)</script>", pages["supported"], re.DOTALL)
    allowed = re.search(r"script-src 'sha256-([^']+)'", pages["supported"])

    assert script is not None
    assert allowed is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert allowed[1] == digest


def test_the_same_session_gives_the_same_page(pages: Pages) -> None:
    assert render(VARIANTS["one_side"]()) == pages["one_side"]


@pytest.mark.parametrize("minutes", [18.0, 60.0])
def test_weight_and_time(minutes: float) -> None:
    # 18 min is about the most that is still drawn stride by stride.
    session = interval_session(minutes=minutes)
    started = time.process_time()
    page = render(session)
    took_s = time.process_time() - started

    assert len(page.encode()) < MEGABYTE
    assert ("is the median of" in text_of(page)) == (minutes > 20)
    # The aim is 4 s; a slow machine is allowed some more.
    assert took_s < 8.0


def test_names_cannot_smuggle_markup() -> None:
    wicked = '<script>alert("x")</script>'
    page = render(replace(short_session(), recording=wicked, athlete=wicked, notice=wicked))

    assert wicked not in page
    assert wicked in html.unescape(page)


def test_simulated_and_foreign_recordings_are_marked(pages: Pages) -> None:
    assert "Simulated." in text_of(pages["simulated"])
    assert "Simulated." not in text_of(pages["supported"])
    assert render(simulated_session()).count("simulated") >= 2
    assert "CC BY 4.0" in text_of(pages["short"])


def test_one_banner_tells_simulated_from_real(pages: Pages) -> None:
    marked = render(replace(simulated_session(), notice="Simulated runner, seed 7."))

    assert marked.count('class="banner') == 1
    assert "A real recording" not in marked
    assert "A real recording, made by others. Measured by others" in text_of(pages["short"])
    assert "from a simulated recording" in text_of(marked)
    assert "from a measured recording" in text_of(pages["supported"])


def test_a_warning_is_said_once(pages: Pages) -> None:
    base = short_session()
    twice = replace(base, calibration=replace(base.calibration, warnings=base.warnings))

    assert text_of(render(twice)).count(base.warnings[0]) == 1


def test_walking_before_the_run_does_not_squeeze_the_dots(pages: Pages) -> None:
    base = short_session()
    first = base.strides[0]
    walked = first._replace(t_peak_flexion_s=first.t_peak_flexion_s - 15, gait="walking")
    page = render(replace(base, strides=(walked, *base.strides)))

    def begins(html_text: str) -> float:
        panels = re.search(r'data-panels="([^"]*)"', html_text)
        assert panels is not None
        return float(json.loads(html.unescape(panels[1]))[0]["t"][0])

    assert begins(page) == begins(pages["short"])


def test_unpopulated_states_say_what_why_and_what_to_do(pages: Pages) -> None:
    assert "No strides were found." in text_of(pages["empty"])
    assert "No pace is known" in text_of(pages["short"])
    assert "--laps" in text_of(pages["short"])
    assert "Only the left thigh" in text_of(pages["one_side"])
    assert 'class="chart"' not in pages["empty"]


def test_strides_all_set_aside_is_its_own_state() -> None:
    base = short_session()
    none_left = tuple(stride._replace(quality=0.0) for stride in base.strides)

    assert "No stride can be used." in text_of(render(replace(base, strides=none_left)))


def test_unknown_numbers_do_not_silence_the_crosshair() -> None:
    base = one_side_session()
    strides = tuple(
        stride._replace(pelvis_tilt_rad=math.nan) if stride.stride % 10 == 0 else stride
        for stride in base.strides
    )
    page = render(replace(base, strides=strides))
    points = re.search(r'id="points">(.*?)</script>', page, re.DOTALL)

    assert points is not None
    tilt = json.loads(points[1], parse_constant=pytest.fail)["left"]["pelvis_tilt"]
    assert None in tilt
    assert "nan" not in text_of(page)


def test_every_drawing_has_a_label_and_both_layouts(pages: Pages) -> None:
    drawings = re.findall(
        r'<svg class="(wide|narrow)"[^>]*role="img" aria-label="[^"]{20,}"', pages["supported"]
    )

    assert sorted(drawings) == ["narrow"] * 7 + ["wide"] * 7


def test_the_why_of_strides_set_aside(pages: Pages) -> None:
    left = [stride for stride in VARIANTS["supported"]().strides if stride.side == "left"]
    gaps = sum(Reason.GAP in stride.reasons for stride in left)

    assert gaps > 0
    assert f"samples missing ({gaps})" in text_of(pages["supported"])
    assert empty_session().warnings[0] in text_of(pages["empty"])


def test_the_cycles_say_what_is_in_them_and_what_is_not() -> None:
    session = interval_session()
    aside = {"gap": 3, "slip": 5}
    spoilt = [replace(cycle, set_aside=aside) for cycle in session.cycles if cycle.side == "left"]
    said = tables.averaged(replace(session, cycles=tuple(spoilt)))

    reasons = "strap slipped (5), samples missing (3)"
    assert said == " ".join(
        f"Left, {pace}: 120 strides a curve; set aside: {reasons}." for pace in ("easy", "fast")
    )
    assert "set aside" not in tables.averaged(session)
    assert tables.averaged(replace(session, cycles=())) == ""
