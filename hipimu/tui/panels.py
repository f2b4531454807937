"""The three pictures of the terminal's face: guided start, run, end."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from hipimu.data import LivePhase, LiveState, Side, StartState
from hipimu.report.numerals import clock, counted, pace_of
from hipimu.tui.bar import progress
from hipimu.tui.widgets import Key, Said, SidePanel
from hipimu.tui.words import STEP_NAMES, cadence_words, pace_words

_WHERE: Final = """\
        .-.
       (   )        seen from behind
     .--'-'--.
     |       |
     |  [P]  |      P  pelvis: the flat bone between the hips
     |---+---|
    L|   |   |R     L, R  thighs: outside, halfway to the knee
     |   |   |
"""
_BAR_WIDTH: Final = 40


class StartPanel(Vertical):
    """What to do before the run, step by step."""

    DEFAULT_CSS = """
    StartPanel { height: 16; padding: 0 2; }
    StartPanel #steps { margin-bottom: 1; }
    StartPanel #said { height: 2; text-style: bold; }
    StartPanel #problem { height: 2; color: $warning; text-style: bold; }
    StartPanel #found { height: 8; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        names = ("steps", "said", "count", "problem", "found")
        self._lines = {name: Said(id=name) for name in names}

    def compose(self) -> ComposeResult:
        """Stack the pieces."""
        yield from self._lines.values()

    def show(self, state: LiveState) -> None:
        """Show how far the guided start has come."""
        start = state.start
        self._say("steps", "  ".join(_step(start, i) for i in range(len(start.steps))))
        self._say("said", start.said)
        self._say("count", _count(start))
        self._say("problem", f"! {start.problem}" if start.problem else "")
        found = "\n".join(f"✓ {text}" for text in start.found)
        self._say("found", _WHERE if start.step == "put_on" else found)

    def _say(self, name: str, text: str) -> None:
        self._lines[name].text = text


def _step(start: StartState, place: int) -> str:
    here = start.steps.index(start.step) if start.step in start.steps else 0
    mark = "✓" if place < here else "▶" if place == here else "·"
    return f"{mark} {STEP_NAMES[start.steps[place]]}"


def _count(start: StartState) -> str:
    if start.needed_s <= 0:
        return ""
    bar = progress(start.done_s / start.needed_s, _BAR_WIDTH)
    waiting = "" if start.going else "  waiting"
    return f"{bar}  {start.done_s:.1f} of {start.needed_s:.0f} s{waiting}"


class RunPanel(Vertical):
    """The numbers during the run."""

    DEFAULT_CSS = """
    RunPanel { height: 13; }
    RunPanel #hips { height: 10; }
    RunPanel #head { text-style: bold; padding: 0 1; }
    RunPanel #head.easy { background: #0072B2; color: white; }
    RunPanel #head.fast { background: #D55E00; color: black; }
    RunPanel #head.other { background: #999999; color: black; }
    RunPanel #so-far { height: 2; padding: 0 1; }
    """

    def __init__(self, sides: tuple[Side, ...], *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._head, self._so_far = Said(id="head"), Said(id="so-far")
        self._panels = [SidePanel(side) for side in sides]

    def compose(self) -> ComposeResult:
        """Stack the pieces."""
        yield self._head
        with Horizontal(id="hips"):
            yield from self._panels
        yield self._so_far

    def show(self, state: LiveState) -> None:
        """Show a moment of the run."""
        self._head.text = _head(state)
        for pace in ("easy", "fast", "other"):
            self._head.set_class(pace == state.pace, pace)
        self._so_far.text = f"So far: {state.so_far}" if state.so_far else ""
        for panel in self._panels:
            panel.show(state)


def _head(state: LiveState) -> str:
    source = {"button": "", "foot_pod": " by foot pod", "none": ""}[state.pace_source]
    parts = [
        clock(state.t_s),
        f"{pace_words(state)}{source}",
        f"cadence {cadence_words(state)}",
        counted(state.running_strides, "stride"),
    ]
    if state.speed_m_s is not None:
        parts.append(pace_of(state.speed_m_s))
    if state.heart_rate_bpm is not None:
        parts.append(f"{state.heart_rate_bpm:.0f} bpm")
    if state.mode != "sensors":
        parts.append(state.mode)
    return "   ".join(parts)


class EndPanel(Vertical):
    """The answer, or what went wrong."""

    DEFAULT_CSS = """
    EndPanel { padding: 2 4; }
    EndPanel #answer { height: 8; text-style: bold; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._answer, self._counts, self._report = Said(id="answer"), Said(), Said()

    def compose(self) -> ComposeResult:
        """Stack the pieces."""
        yield from (self._answer, self._counts, self._report)

    def show(self, state: LiveState) -> None:
        """Show how the run ended."""
        waits = "Finishing: what was recorded is being analysed …"
        self._answer.text = state.ended or waits
        strides = counted(state.running_strides, "running stride")
        self._counts.text = f"{state.name}: {clock(state.t_s)}, {strides}"
        self._report.text = "The report is ready." if state.report else ""


_LAPS: Final = {"e": "easy", "f": "fast", "r": "rest"}
_KEYS: Final = {**_LAPS, "u": "undo", "s": "sound", "Enter": "go on", "q": "end"}
_SHOWN: Final[dict[LivePhase, str]] = {"start": "s Enter q", "running": "e f r u s q"}


class Keys(Horizontal):
    """What can be pressed now."""

    DEFAULT_CSS = """
    Keys { height: 1; dock: bottom; }
    #key-e.on { background: #0072B2; color: white; }
    #key-f.on { background: #D55E00; color: black; }
    #key-r.on { background: #999999; color: black; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys = {key: Key(key, label) for key, label in _KEYS.items()}

    def compose(self) -> ComposeResult:
        """Put the keys side by side."""
        yield from self._keys.values()

    def show(self, state: LiveState) -> None:
        """Mark the lap and the sound that are on, and leave out what cannot be pressed."""
        lap = state.laps[-1].label if state.laps else None
        shown = _SHOWN.get(state.phase, "Enter").split()
        for name, key in self._keys.items():
            key.display = name in shown
            key.on = state.sound if name == "s" else _LAPS.get(name, "") == lap
        self._keys["s"].label = f"sound {'on' if state.sound else 'off'}"
        self._keys["Enter"].label = "go on" if state.phase == "start" else "close"
