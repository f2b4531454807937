"""The live page when links break, the start, the end, the chart, sound: in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Browser, WebSocket

from hipimu.units import deg_from_rad
from tests.faces.live_page import STEPS, Live, Opened, again, pages, started, tired
from tests.live_board import FOUND, PlayedRun


@pytest.fixture
def live(browser: Browser) -> Iterator[Live]:
    with pages(browser) as opener:
        yield opener


# -- the truth, or how old it is


def test_a_silent_sensor_greys_its_side(live: Live) -> None:
    opened = live.open(started())
    number = opened.card("left").locator(".number").inner_text()

    opened.run.silence("thigh_left")
    opened.advance(12.4, 4)
    assert opened.card("left").get_attribute("data-stale") == ""
    assert opened.card("left").locator(".verdict").inner_text() == "12 s ago"
    assert opened.card("left").locator(".number").inner_text() == number
    assert opened.card("right").get_attribute("data-stale") is None
    assert opened.text("#dot-word") == "bad"

    opened.run.heard_again("thigh_left")
    opened.advance(1.0, 4)
    assert opened.card("left").get_attribute("data-stale") is None


def test_numbers_that_stand_still_do_not_look_fresh(live: Live) -> None:
    """States come again every second, but nothing new is in them."""
    opened = live.open(started())

    stale = "document.querySelectorAll('.card[data-stale]').length === 2"
    opened.until(stale, seconds=4.0)
    assert re.fullmatch(r"\d s ago", opened.text(".verdict"))


def test_a_phone_that_slept_knows_it(live: Live) -> None:
    """Where its own clock stood still meanwhile, the wall's tells."""
    slept = "window.slept = 0; const date = Date.now; Date.now = () => date() + window.slept;"
    opened = live.open(started(), before=slept)

    opened.page.evaluate("window.slept = 75_000")
    opened.until("document.querySelectorAll('.card[data-stale]').length === 2", seconds=1.5)
    assert re.fullmatch(r"1:1\d min ago", opened.text(".verdict"))
    opened.until("document.querySelector('#bar').hidden")
    opened.advance(1.0, 2)
    assert opened.page.locator(".card[data-stale]").count() == 0


def test_lost_and_found_again(live: Live) -> None:
    run = started()
    server = live.serve(run)
    opened = live.open(run, server)
    server.stop()

    opened.until("!document.querySelector('#bar').hidden")
    assert "Trying again" in opened.text("#bar")
    assert opened.page.get_attribute("[data-mark=easy]", "aria-disabled") == "true"
    opened.until("document.querySelectorAll('.card[data-stale]').length === 2")
    assert opened.page.get_attribute("#pace", "data-stale") == ""
    run.advance(30.0)
    with again(run, server):
        opened.until("document.querySelector('#bar').hidden")
        opened.advance(1.0, 2)
        assert history(opened) == times(run)
        assert opened.page.locator(".card[data-stale]").count() == 0


def history(opened: Opened) -> list[float]:
    found: list[float] = opened.page.evaluate("hipimuLive.history.t")
    return found


def times(run: PlayedRun) -> list[float]:
    return [round(stride.t_s, 3) for stride in run.board.strides()]


def test_a_broken_link_goes_on_where_it_was(live: Live) -> None:
    opened = live.open(started())
    have = len(opened.run.board.strides())
    said: list[dict[str, Any]] = []
    heard: list[dict[str, Any]] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda text: said.append(json.loads(text)))
        socket.on("framereceived", lambda text: heard.append(json.loads(text)))

    opened.page.on("websocket", listen)
    opened.page.evaluate("hipimuLive.connection.socket.close()")
    opened.run.advance(10.0)
    opened.until("hipimuLive.connection.up && hipimuLive.history.length > " + str(have))
    hello = next(message for message in said if message["type"] == "hello")
    pieces = [message["from"] for message in heard if message["type"] == "strides"]
    assert hello["have"] == have
    assert pieces == [have]
    assert history(opened) == times(opened.run)


def test_a_reload_loses_nothing(live: Live) -> None:
    opened = live.open(tired())
    opened.view("chart")

    opened.page.reload()
    opened.until("window.hipimuLive?.drawn.number >= 0")
    opened.catch_up()
    assert history(opened) == times(opened.run)
    assert opened.page.locator("#chart").is_visible()


def test_how_long_a_number_takes_is_known(live: Live) -> None:
    opened = live.open(started())
    opened.until("hipimuLive.connection.clock.offset !== null")

    for _ in range(20):
        opened.advance(0.04)
    values = opened.page.evaluate("hipimuLive.latency_ms")
    offset = opened.page.evaluate("hipimuLive.connection.clock.offset")
    assert len(values) > 10
    assert abs(offset) < 20
    assert -20 < median(values) < 500
    opened.page.click("#dot")
    opened.advance(0.1)
    assert re.fullmatch(r"\d+ ms", opened.text("#delay"))


# -- from start to end


def test_the_guided_start(live: Live) -> None:
    opened = live.open(PlayedRun(steps=STEPS))
    run = opened.run
    opened.advance(0.1)
    assert opened.text("#step-title") == "Sensors"
    assert "battery 90 %" in opened.text("#step-sensors")

    opened.advance(3.1)
    assert opened.text("#step-title") == "Put them on"
    assert opened.page.locator("#wearing").is_visible()
    opened.press("text=They are on")
    run.still = False
    opened.advance(1.2, 2)
    assert opened.text("#step-title") == "Stand still"
    assert "moves" in opened.text("#step-problem")
    assert opened.page.get_attribute("#ring", "data-going") is None

    run.still = True
    opened.advance(2.2, 2)
    assert opened.text("#ring-number") == "3"
    assert opened.text("#step-problem") == ""
    opened.advance(3.0, 2)
    assert opened.text("#step-title") == "Lift the left knee"
    opened.press("text=Skip")
    opened.advance(8.0, 2)
    assert opened.text("#step-title") == "Walk"
    assert opened.text("#ring-number") == "12"

    opened.advance(13.0, 2)
    assert [item.inner_text() for item in opened.page.locator("#found li").all()] == list(FOUND)
    opened.press("[data-mark=easy]")
    opened.advance(1.0, 2)
    assert opened.page.locator("#now").is_visible()
    assert opened.text("#pace-word") == "Easy"
    assert opened.complaints == []


def test_stopping_asks_once_and_the_end_says_the_answer(live: Live) -> None:
    opened = live.open(tired())
    opened.view("chart")
    opened.page.click("#dot")
    opened.page.click("#stop")
    assert opened.run.board.state.phase == "running"
    opened.page.click("#stop-no")
    opened.page.click("#stop")
    opened.page.click("#stop-yes")
    opened.until("document.body.dataset.part === 'end'")
    assert "Saving" in opened.text("#end-word")
    assert not opened.page.locator("#report").is_visible()

    said = "Your range held: any extra loss at fast pace is smaller than this run can show."
    opened.run.end("done", said, "<p>the report</p>")
    opened.run.put()
    opened.catch_up()
    assert opened.text("#end-said") == said
    assert opened.text("#saved-strides") == str(opened.run.board.state.running_strides)
    opened.page.click("#end-chart")
    opened.view("end")
    opened.page.click("#report")
    assert opened.text("p") == "the report"


# -- the run so far


def test_an_hour_is_drawn_from_few_points(live: Live) -> None:
    run = PlayedRun(plan=[(300.0 * n, "fast" if n % 2 else "easy") for n in range(13)])
    run.advance(3600.0)
    opened = live.open(run)
    assert len(run.board.strides()) > 10_000
    opened.until(f"hipimuLive.history.length === {len(run.board.strides())}")

    opened.view("chart")
    opened.until("document.querySelector('#plot canvas')")
    opened.advance(0.1)
    assert 50 < opened.page.evaluate("hipimuLive.chart.points.length") < 200
    colours = opened.page.evaluate(
        """() => {
          const { width, height } = document.querySelector("#plot canvas");
          const { data } = document.querySelector("#plot canvas").getContext("2d")
            .getImageData(0, 0, width, height);
          const seen = {};
          for (let i = 0; i < data.length; i += 4) {
            const colour = [data[i], data[i + 1], data[i + 2]].join();
            if (data[i + 3] === 255) seen[colour] = (seen[colour] ?? 0) + 1;
          }
          return seen;
        }"""
    )
    assert colours["0,114,178"] > 200, "easy"
    assert colours["213,94,0"] > 200, "fast"


def test_the_crosshair_tells_the_median_under_it(live: Live) -> None:
    opened = live.open(tired())
    opened.view("chart")
    opened.until("document.querySelector('#plot canvas')")

    opened.page.focus("#plot")
    opened.page.keyboard.press("ArrowRight")
    told = re.fullmatch(
        r"0:\d\d easy · left ([\d.]+)° · right ([\d.]+)° \((\d+) strides\)", opened.text("#readout")
    )
    assert told is not None
    width = opened.page.evaluate("hipimuLive.chart.width")
    strides = [s for s in opened.run.board.strides() if s.t_s < width and s.quality > 0]
    assert int(told[3]) == len(strides)
    for side, shown in (("left", told[1]), ("right", told[2])):
        peaks = [deg_from_rad(s.peak_flexion_rad) for s in strides if s.side == side]
        assert float(shown) == pytest.approx(median(peaks), abs=0.11)
    opened.page.touchscreen.tap(200, 320)
    assert opened.text("#readout") != told[0]


def test_the_chart_bears_a_browser_without_a_language(live: Live) -> None:
    none = 'Object.defineProperty(Navigator.prototype, "language", { get: () => "en-US@posix" });'
    opened = live.open(tired(), before=none)

    opened.view("chart")
    opened.until("document.querySelector('#plot canvas')")
    assert opened.complaints == []


# -- sound and screen

SPY = """
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) {
    window.tones.push(Math.round(this.frequency.value));
    return start.call(this, at);
  };
"""


def test_sound_is_off_until_it_is_switched_on(live: Live) -> None:
    opened = live.open(started(), before=SPY)

    opened.run.cue("left")
    opened.advance(0.5)
    assert opened.page.evaluate("tones") == []
    assert opened.page.get_attribute("#sound-button", "aria-pressed") == "false"


def test_a_cue_sounds_once(live: Live) -> None:
    opened = live.open(started(), before=SPY)
    opened.page.click("#sound-button")
    opened.until("hipimuLive.sound.on")
    opened.advance(0.5)
    assert opened.page.evaluate("tones") == []

    opened.run.cue("right")
    for _ in range(5):
        opened.advance(0.2)
    falling = opened.page.evaluate("tones")
    played = opened.page.evaluate("hipimuLive.sound.played")
    assert len(falling) == 2
    assert falling[0] > falling[1]
    assert played == [{"pattern": "range_down", "clip": "right-down", "side": "right"}]
    opened.until("Object.keys(hipimuLive.sound.clips).length === 8")
    assert opened.complaints == []

    opened.page.reload()
    opened.until("window.hipimuLive?.drawn.number >= 0")
    opened.page.click("#elapsed")
    opened.advance(0.2)
    assert opened.page.evaluate("tones") == []


def test_the_screen_stays_on_or_it_is_said_how(live: Live) -> None:
    without = 'Object.defineProperty(Navigator.prototype, "wakeLock", { get: () => undefined });'
    opened = live.open(started(), before=without)
    opened.page.click("#dot")

    opened.advance(0.2)
    assert "set the phone's screen" in opened.text("#awake-said")
