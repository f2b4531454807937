"""The terminal in full: what stands where, what keys do, and that nobody waits for it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from threading import Thread

import pytest
from textual.pilot import Pilot
from textual.widgets import Digits

import hipimu.tui
from hipimu.data import Cue, LiveState, SensorNow, Side, StartState
from hipimu.errors import OutputError
from hipimu.pipeline.board import LiveBoard
from hipimu.tui.app import LiveApp
from hipimu.tui.widgets import Key, Said
from hipimu.units import rad_from_deg
from tests.live_board import PlayedRun
from tests.live_states import SO_FAR, Pressed, peak, running_state, sensor, start_state

SIZES = [(80, 24), (120, 40)]
FIVE: tuple[SensorNow, ...] = tuple(
    map(sensor, ("pelvis", "thigh_left", "thigh_right", "heart_rate", "foot_pod"))
)


def watched(
    board: LiveBoard,
    look: Callable[[Pilot[None], LiveApp], Coroutine[object, object, None]],
    size: tuple[int, int] = (80, 24),
) -> None:
    """Open the face on a board, without a terminal, and look at it."""

    async def main() -> None:
        app = LiveApp(board)
        async with app.run_test(size=size) as pilot:
            await shows(pilot, app)
            await look(pilot, app)

    asyncio.run(main())


async def shows(pilot: Pilot[None], app: LiveApp) -> None:
    """Wait until the latest state is on the screen."""
    until_s = time.monotonic() + 5.0
    await pilot.pause()
    while app._shown is not app._board.state:
        assert time.monotonic() < until_s
        await pilot.pause(0.02)
    await pilot.pause(0.05)


def texts(app: LiveApp) -> str:
    """Everything that stands on the screen, line by line."""
    return "\n".join(said.text for said in app.query(Said) if said.region.area)


def keys(app: LiveApp) -> list[str]:
    return [key.key for key in app.query(Key) if key.region.area]


STATES = {
    "start": start_state(sensors=FIVE),
    "put on": start_state(start=StartState("put_on", said="Put them on.", problem="One is off.")),
    "run": running_state(sensors=FIVE, warnings=("The axes are soft.",)),
    "done": running_state(phase="done", ended="Your range held."),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sides", [("left", "right"), ("right",)])
def test_everything_is_on_the_screen(size: tuple[int, int], sides: tuple[Side, ...]) -> None:
    board = LiveBoard(start_state(sides=sides))

    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        for name, state in STATES.items():
            board.put(replace(state, sides=sides))
            await shows(pilot, app)
            shown = [w for w in app.query("*") if w.display and w.region.area]
            assert len(shown) > 5
            for widget in shown:
                assert app.screen.region.contains_region(widget.region), (name, widget)
            assert not app.screen.show_vertical_scrollbar
            for key in app.query(Key):
                if key.region.area:
                    assert len(key.render().plain) <= key.size.width, "a key is cut"

    watched(board, look, size)


def test_the_run_says_what_the_page_says() -> None:
    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        said = texts(app)
        assert "12:34   fast   cadence 178   1874 strides" in said
        assert [d.value for d in app.query(Digits)] == ["52.3", "51.0"]
        assert "°\n−1.2°\nless" in said
        assert "°\n+0.1°\nas fresh" in said
        assert "fresh at fast 53.5° ± 1.0°" in said
        assert "extension 13.1° (−1.3) less" in said
        assert f"So far: {SO_FAR}" in said
        assert "● Good: All 3 sensors deliver." in said
        assert "thigh right  streaming" in said
        assert keys(app) == ["e", "f", "r", "u", "s", "q"]

    watched(LiveBoard(running_state()), look)


def test_the_guided_start() -> None:
    start = StartState(
        "stand", done_s=2.1, needed_s=5.0, said="Stand still.", problem="The pelvis moves."
    )

    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        said = texts(app)
        assert "✓ put on  ▶ stand still  · walk" in said
        assert "2.1 of 5 s  waiting" in said
        assert "! The pelvis moves." in said
        assert keys(app) == ["s", "Enter", "q"]
        app._board.put(start_state(start=StartState("put_on", said="Put the sensors on.")))
        await shows(pilot, app)
        assert "[P]" in texts(app)
        app._board.put(start_state(start=StartState("ready", found=("The knees bend forward.",))))
        await shows(pilot, app)
        assert "✓ The knees bend forward." in texts(app)

    watched(LiveBoard(start_state(start=start)), look)


def test_what_is_urgent_stands_in_one_place() -> None:
    cue = Cue(1, "left", "peak_flexion", "range_down", 754.0, rad_from_deg(-2.1))
    warned = running_state(warnings=("The axes are soft.",))

    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        message = app.query_one("#message", Said)
        assert message.text == "Attention: The axes are soft."
        app._board.put(running_state(sensors=(sensor("thigh_left", age_s=4.0),)))
        await shows(pilot, app)
        assert message.text == "Left thigh: nothing has come for 4.0 s."
        assert "■ Bad: Left thigh" in texts(app)
        app._board.put(running_state(cue=cue))
        await shows(pilot, app)
        assert message.text == "♪ 12:34 left hip: peak flexion −2.1° from your fresh range"

    watched(LiveBoard(warned), look)


def test_nothing_is_markup_and_nothing_steers_the_terminal() -> None:
    nasty = sensor(phase="waiting", link="down", why="[red]\x1b[2J[/nonsense]")

    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        painted = "\n".join(said.render().plain for said in app.query(Said))
        assert "[red] [2J[/nonsense]" in painted
        assert "\x1b" not in painted

    watched(LiveBoard(running_state(sensors=(nasty,))), look)


TYPED: list[tuple[LiveState, list[str], list[str]]] = [
    (running_state(), ["e", "f", "r", "u"], ["easy", "fast", "rest", "undo"]),
    (running_state(sound=True), ["s"], ["sound False"]),
    (running_state(), ["enter"], []),
    (start_state(), ["enter"], ["proceed"]),
    (running_state(), ["q"], []),
    (running_state(), ["q", "q"], ["stop"]),
    (running_state(), ["ctrl+c", "ctrl+c"], ["stop"]),
    (running_state(), ["q", "x", "q"], []),
    (running_state(phase="finishing"), ["q", "q"], []),
]


def test_keys() -> None:
    pressed = Pressed(running_state())

    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        for state, typed, asked in TYPED:
            pressed.board.put(state)
            await pilot.press("x")
            pressed.asked.clear()
            await pilot.press(*typed)
            assert pressed.asked == asked
            assert app.is_running

    watched(pressed.board, look)


def test_keys_can_be_clicked() -> None:
    pressed = Pressed(running_state())

    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        for key in ("f", "u", "q"):
            await pilot.click(f"#key-{key}")
        await pilot.pause(0.15)
        assert app.query_one("#message", Said).text.startswith("Press q once more")
        assert pressed.asked == ["fast", "undo"]

    watched(pressed.board, look)


@pytest.mark.parametrize("key", ["enter", "ctrl+c"])
def test_the_answer_stands_until_it_is_closed(key: str) -> None:
    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        assert "Your range held." in texts(app)
        assert keys(app) == ["Enter"]
        await pilot.press(key)
        assert not app.is_running

    watched(LiveBoard(running_state(phase="done", ended="Your range held.")), look)


def test_a_whole_run() -> None:
    run = PlayedRun(steps=("put_on", "stand", "ready"))

    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        await pilot.press("enter")
        run.advance(8.0, 20)
        await shows(pilot, app)
        assert "no pace" in texts(app)
        await pilot.press("f")
        run.advance(60.0, 60)
        await shows(pilot, app)
        assert app.query_one("#key-f", Key).on
        assert "▶ f fast" in app.query_one("#key-f", Key).render().plain
        assert app.query_one("#head", Said).has_class("fast")
        assert "fresh at fast" in texts(app)
        await pilot.press("q", "q")
        await shows(pilot, app)
        assert "Finishing" in texts(app)
        run.end("done", "Your range held.", "<html>")
        run.put()
        await shows(pilot, app)
        assert "Your range held." in texts(app)
        assert "The report is ready." in texts(app)

    watched(run.board, look)


def test_a_run_never_waits_for_it() -> None:
    board = LiveBoard(running_state())
    took: list[float] = []

    def put() -> None:
        begun_s = time.monotonic()
        for number in range(500):
            board.put(running_state(number=number))
        took.append(time.monotonic() - begun_s)

    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        writer = Thread(target=put)
        writer.start()
        time.sleep(0.5)  # the face is stuck meanwhile
        writer.join(timeout=0.1)
        assert took
        assert took[0] < 0.5

    watched(board, look)


def test_it_leaves_by_itself_at_last() -> None:
    async def main() -> None:
        app = LiveApp(LiveBoard(running_state(phase="done", ended="Over.")), linger_s=0.3)
        async with app.run_test() as pilot:
            await pilot.pause(0.8)
            assert not app.is_running

    asyncio.run(main())


def test_a_peak_that_is_missing_is_a_dash() -> None:
    async def look(pilot: Pilot[None], app: LiveApp) -> None:
        assert [d.value for d in app.query(Digits)] == ["-", "-"]

    watched(LiveBoard(running_state(peaks=(peak("left", None, 53.5),))), look)


def test_without_textual_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "hipimu.tui.app", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "textual"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "textual", None)
    with pytest.raises(OutputError, match=r"hipimu\[tui\]"):
        hipimu.tui.check()


def test_it_is_no_whole_terminal_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stdin__", None)
    assert not hipimu.tui.has_terminal()
