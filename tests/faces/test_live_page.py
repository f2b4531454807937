"""The live page as a runner and a coach see it, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from hipimu.units import deg_from_rad
from tests.faces.live_page import PHONE, VIEWS, Live, Opened, ended, pages, put_on, started, tired
from tests.faces.test_report_browser import LOW_CONTRAST
from tests.live_board import PlayedRun

SIZES = ((360, 640), (320, 568), (640, 360))


@pytest.fixture
def live(browser: Browser) -> Iterator[Live]:
    with pages(browser) as opener:
        yield opener


SHOWN: dict[str, Callable[[], PlayedRun]] = {
    "fresh": started,
    "tired": tired,
    "put on": put_on,
    "finishing": lambda: ended("finishing"),
    "done": lambda: ended("done"),
}


# -- calm


def test_opens_quietly_and_asks_nobody_else(live: Live) -> None:
    opened = live.open(tired())

    for view in VIEWS:
        opened.view(view)
        opened.advance(1.0, 5)
    opened.page.click("#dot")
    opened.advance(1.0, 5)
    opened.page.keyboard.press("Escape")
    origin = opened.page.url.rstrip("/")
    assert opened.complaints == []
    assert opened.page.evaluate("violations") == []
    assert [url for url in opened.requests if not url.startswith((origin, "data:"))] == []


@pytest.mark.parametrize("shown", SHOWN)
def test_nothing_has_to_be_scrolled(live: Live, shown: str) -> None:
    opened = live.open(SHOWN[shown]())

    for view in VIEWS if shown == "tired" else (None,):
        if view:
            opened.view(view)
        for width, height in SIZES:
            opened.page.set_viewport_size({"width": width, "height": height})
            assert opened.overflow() == [0, 0], f"{view} at {width} × {height}"
        opened.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})


@pytest.mark.parametrize("size", [(320, 568), (180, 320)], ids=["320 px", "200 % zoom"])
def test_narrow_windows_hold_everything(live: Live, size: tuple[int, int]) -> None:
    opened = live.open(tired(), size=size)

    for view in ("chart", "peak_flexion"):
        opened.view(view)
        assert opened.overflow()[0] == 0, view
    for side in ("left", "right"):
        card, number = (
            opened.card(side).locator(what).bounding_box() for what in (".side", ".value >> nth=0")
        )
        assert card is not None
        assert number is not None
        assert number["height"] >= 30
        assert number["x"] + number["width"] <= card["x"] + card["width"]


@pytest.mark.parametrize("view", VIEWS)
def test_updates_change_numbers_never_layout(live: Live, view: str) -> None:
    run = PlayedRun()
    run.advance(1.0)
    opened = live.open(run)
    opened.view(view)
    boxes = opened.boxes()

    assert len(boxes) > 12
    texts = set()
    for mark in (None, "easy", "fast", "rest", "undo"):
        if mark:
            opened.press(f"[data-mark={mark}]")
        for seconds in (0.5, 12.0, 60.0):
            opened.advance(seconds, 2)
            assert opened.boxes() == boxes
            texts.add(opened.text("main"))
    run.silence("thigh_left")
    opened.advance(70.0, 2)
    assert opened.boxes() == boxes
    assert len(texts) > (1 if view == "chart" else 8)


def test_thumbs_find_the_buttons(live: Live) -> None:
    opened = live.open(started())

    for size in (*SIZES, (180, 320)):
        opened.page.set_viewport_size({"width": size[0], "height": size[1]})
        for button in opened.page.locator("#laps button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["width"] >= 56
            assert box["height"] >= 56


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(live: Live, scheme: Literal["light", "dark"]) -> None:
    looked = 0
    for run in (tired(), put_on(), ended("failed")):
        opened = live.open(run, color_scheme=scheme)
        looked += no_low_contrast(opened)
        if run.board.state.phase == "running":
            run.silence("thigh_left")
            opened.advance(6.0)
            for view in VIEWS:
                opened.view(view)
                looked += no_low_contrast(opened)
            opened.page.click("#dot")
            looked += no_low_contrast(opened)
    assert looked > 200


def no_low_contrast(opened: Opened) -> int:
    found = opened.page.evaluate(LOW_CONTRAST)
    assert found["low"] == []
    return int(found["looked"])


def test_colours_follow_the_phone_or_the_choice(live: Live) -> None:
    opened = live.open(started(), color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"

    assert opened.page.evaluate(ground) == "rgb(11, 13, 15)"
    opened.page.click("#dot")
    opened.page.click("#theme [value=light]")
    assert opened.page.evaluate(ground) == "rgb(252, 252, 251)"
    opened.page.reload()
    assert opened.page.evaluate(ground) == "rgb(252, 252, 251)"


# -- the numbers


def test_numbers_are_those_of_the_state(live: Live) -> None:
    opened = live.open(tired())
    peaks = {(peak.side, peak.outcome): peak for peak in opened.run.board.state.peaks}

    for side in ("left", "right"):
        peak = peaks[side, "peak_flexion"]
        card = opened.card(side)
        assert peak.value_rad is not None
        assert peak.baseline is not None
        assert peak.baseline.value_rad is not None
        now, fresh = (
            round(float(deg_from_rad(v)), 1) for v in (peak.value_rad, peak.baseline.value_rad)
        )
        assert card.locator(".number").inner_text() == f"{now:.1f}°"
        assert card.locator(".verdict").inner_text() == f"▼ {fresh - now:.1f}° less"
        assert card.locator(".middle").inner_text() == f"fresh {fresh:.1f}°"
    assert opened.text("#heart") == "164"
    assert opened.text("#speed") == "3:47"
    assert opened.text("#elapsed") == "4:55"
    assert opened.text("#so-far").startswith("At fast pace you lost 4.1°")


def test_before_there_is_a_baseline(live: Live) -> None:
    opened = live.open(PlayedRun())
    opened.advance(3.0, 2)
    assert opened.text(".verdict") == "press easy or fast"

    opened.press("[data-mark=easy]")
    opened.advance(8.0, 2)
    assert re.fullmatch(r"learning: \d+ of 30 strides", opened.text(".verdict"))

    opened.advance(30.0, 2)
    assert opened.text(".verdict") == "as fresh"


def test_laps_and_undo_go_there_and_back(live: Live) -> None:
    run = started()
    server = live.serve(run)
    runner, coach = live.open(run, server), live.open(run, server)

    runner.press("[data-mark=fast]")
    assert runner.page.get_attribute("[data-mark=fast]", "data-sent") == ""
    runner.advance(1.0, 2)
    coach.catch_up()
    for opened in (runner, coach):
        assert opened.text("#pace-word") == "Fast"
        assert opened.page.get_attribute("[data-mark=fast]", "aria-pressed") == "true"
    coach.press("[data-mark=undo]")
    runner.advance(1.0, 2)
    assert runner.text("#pace-word") == "Easy"
    assert [lap.label for lap in run.board.state.laps] == ["easy"]


def test_a_press_that_comes_to_nothing_is_told(live: Live) -> None:
    run = started()
    run.board.on_mark = lambda _: None
    opened = live.open(run)

    opened.page.click("[data-mark=fast]")
    opened.until("document.querySelector('#bar').textContent.includes('did not take')")
    assert opened.text("#pace-word") == "Easy"
    assert opened.page.get_attribute("[data-mark=fast]", "data-sent") is None


def test_one_side_alone(live: Live) -> None:
    opened = live.open(started(sides=("right",)))

    assert opened.page.locator(".card").count() == 1
    assert re.fullmatch(r"\d\d\.\d°", opened.card("right").locator(".number").inner_text())
