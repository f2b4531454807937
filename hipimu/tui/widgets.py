"""The pieces that the terminal's face is made of; updating one never moves another."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Digits

from hipimu.data import LiveState, PeakNow, Side
from hipimu.report.numerals import number
from hipimu.tui.bar import SPAN_DEG, bar
from hipimu.tui.words import (
    SENSOR_COLUMNS,
    baseline_words,
    change_rad,
    peak_of,
    peak_words,
    printable,
    sensor_words,
    signed,
    standing_words,
)
from hipimu.units import deg_from_rad


class Said(Widget):
    """Text that changes in its place."""

    DEFAULT_CSS = "Said { height: 1; }"

    text: reactive[str] = reactive("")

    def render(self) -> Text:
        """Return the text as it is: nothing in it is markup."""
        return Text(printable_lines(self.text), overflow="ellipsis")


def printable_lines(text: str) -> str:
    """Take control characters out of every line."""
    return "\n".join(map(printable, text.split("\n")))


class Key(Widget):
    """A key that may be clicked as well."""

    DEFAULT_CSS = """
    Key { width: 1fr; height: 1; content-align: center middle; background: $panel;
          margin-right: 1; }
    Key:hover { text-style: reverse; }
    Key.on { text-style: bold; }
    """

    label: reactive[str] = reactive("")
    on: reactive[bool] = reactive(False)

    class Pressed(Message):
        """Somebody clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, key: str, label: str) -> None:
        super().__init__(id=f"key-{key}")
        self.key = key
        self.label = label

    def render(self) -> Text:
        """Return key and label; what is on has a mark, not only a colour."""
        mark = "▶ " if self.on else ""
        return Text(f"{mark}{self.key} {self.label}")

    def watch_on(self, on: bool) -> None:
        """Paint what is on."""
        self.set_class(on, "on")

    def on_click(self, event: Click) -> None:
        """Pass it on as if the key was typed."""
        event.stop()
        self.post_message(self.Pressed(self.key))


class SidePanel(Vertical):
    """One hip: peak flexion large, peak extension below, each against its baseline."""

    DEFAULT_CSS = """
    SidePanel { width: 1fr; height: 10; border: round $foreground 50%; padding: 0 1; }
    SidePanel Horizontal { height: 3; }
    SidePanel Digits { width: 18; height: 3; text-style: bold; }
    SidePanel .beside { width: 1fr; height: 3; }
    """

    def __init__(self, side: Side) -> None:
        super().__init__(id=side)
        self.side = side
        self.border_title = f"{side} hip"
        self.border_subtitle = f"less ◀ {SPAN_DEG:.0f}° │ {SPAN_DEG:.0f}° ▶ more"
        self._heading, self._fresh = Said(), Said()
        self._digits, self._beside = Digits("–"), Said(classes="beside")
        self._bar, self._extension, self._extension_bar = Said(), Said(), Said()

    def compose(self) -> ComposeResult:
        """Stack the pieces."""
        yield self._heading
        with Horizontal():
            yield self._digits
            yield self._beside
        yield self._bar
        yield self._fresh
        yield self._extension
        yield self._extension_bar

    def show(self, state: LiveState) -> None:
        """Show one side of a state."""
        flexion = peak_of(state, self.side, "peak_flexion")
        extension = peak_of(state, self.side, "peak_extension")
        # An odd number of columns has a middle one, for the baseline.
        width = max(self.size.width - 3, 1) | 1
        self._heading.text = "peak flexion, last 5 strides"
        self._show_digits(flexion)
        self._beside.text = f"°\n{_change(flexion)}\n{standing_words(flexion)}"
        self._bar.text = bar(flexion, width)
        self._fresh.text = baseline_words(flexion.baseline if flexion else None, state.pace)
        beside = standing_words(extension)
        self._extension.text = f"extension {peak_words(extension)} {beside}".rstrip()
        self._extension_bar.text = bar(extension, width)

    def _show_digits(self, peak: PeakNow | None) -> None:
        known = None if peak is None else peak.value_rad
        shown = "-" if known is None else number(deg_from_rad(known)).replace("−", "-")
        if self._digits.value != shown:
            self._digits.update(shown)


def _change(peak: PeakNow | None) -> str:
    change = None if peak is None else change_rad(peak)
    return "" if change is None else f"{signed(change)}°"


class Sensors(Said):
    """A row for every sensor, and the dot in words."""

    DEFAULT_CSS = "Sensors { height: 7; }"

    def show(self, state: LiveState, said: str) -> None:
        """Show the sensors of a state.

        Parameters
        ----------
        state : LiveState
        said : str
            How they are as a whole.
        """
        rows = [SENSOR_COLUMNS, *map(sensor_words, state.sensors)]
        self.text = "\n".join([said, *(_row(row) for row in rows)])


def _row(cells: tuple[str, ...]) -> str:
    role, link, *numbers, wrong = cells
    return f"{role:12} {link:12}{''.join(f'{cell:>9}' for cell in numbers)}   {wrong}".rstrip()
