"""The terminal's face in full: the same as on the page, for people on a laptop."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar, Final

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key as KeyTyped
from textual.events import Resize
from textual.widgets import ContentSwitcher

from hipimu.data import Cue, LiveState, MarkKind
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.sensor_dot import dot
from hipimu.tui.driver import driver_class
from hipimu.tui.panels import EndPanel, Keys, RunPanel, StartPanel
from hipimu.tui.screen import Screen
from hipimu.tui.widgets import Key, Said, Sensors
from hipimu.tui.words import cue_words

_LOOKS_PER_S = 10
_SURE_S = 5.0
_CUE_S = 20.0
_LINGER_S = 30.0
_TALL_ROWS = 30
_MARKS: Final[dict[str, MarkKind]] = {"e": "easy", "f": "fast", "r": "rest", "u": "undo"}
_DOTS: Final = {"good": "● Good", "attention": "▲ Attention", "bad": "■ Bad"}
_SURE: Final = "Press q once more to end the run, any other key to go on."


class LiveApp(App[None]):
    """Looks at a board ten times a second; nobody who writes there ever waits for it.

    Parameters
    ----------
    board : LiveBoard
    screen : Screen or None
        Where textual paints. What a terminal does not take would pile up and hold up this thread at
        last, so that nothing is painted meanwhile; and a closed one ends the face.
    linger_s : float
        How long the answer stands when nobody closes it.
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q,ctrl+c", "press('q')", show=False, priority=True),
    ]
    CSS = """
    Screen { overflow: hidden; }
    ContentSwitcher { height: auto; }
    #message { padding: 0 1; color: $warning; text-style: bold; }
    .running #message { height: 2; }
    Sensors { padding: 0 1; }
    .tall Keys, .tall Key { height: 3; }
    .tall #head, .tall #steps, .tall #message { margin: 1 0; }
    .tall RunPanel { height: 15; }
    .tall StartPanel { height: 18; }
    """

    def __init__(
        self, board: LiveBoard, screen: Screen | None = None, *, linger_s: float = _LINGER_S
    ) -> None:
        super().__init__(driver_class=None if screen is None else driver_class())
        self._board, self._terminal, self._linger_s = board, screen, linger_s
        self._panels: dict[str, StartPanel | RunPanel | EndPanel] = {
            "start": StartPanel(id="start"),
            "run": RunPanel(board.state.sides, id="run"),
            "end": EndPanel(id="end"),
        }
        self._switcher = ContentSwitcher(initial="start")
        self._message, self._sensors, self._keys = Said(id="message"), Sensors(), Keys()
        self._shown: LiveState | None = None
        self._asked_s: float | None = None
        self._cue: tuple[Cue | None, float] = (board.state.cue, -_CUE_S)
        self._ended_s: float | None = None

    def compose(self) -> ComposeResult:
        """Stack the pictures, what is urgent, sensors and keys."""
        with self._switcher:
            yield from self._panels.values()
        yield self._message
        yield self._sensors
        yield self._keys

    def on_mount(self) -> None:
        """Begin to look."""
        self._look()
        self.set_interval(1 / _LOOKS_PER_S, self._look)

    def on_resize(self, event: Resize) -> None:
        """Use the room there is: bars are as wide as their panel, keys as high as a finger."""
        self.screen.set_class(event.size.height >= _TALL_ROWS, "tall")
        self._shown = None

    def on_key(self, event: KeyTyped) -> None:
        """Do what the key says."""
        self.action_press(event.key)

    def on_key_pressed(self, message: Key.Pressed) -> None:
        """Do what was clicked."""
        self.action_press(message.key.lower())

    def action_press(self, key: str) -> None:
        """Do what a key asks for.

        Parameters
        ----------
        key : str
            As textual names it.
        """
        key, state = key.lower(), self._board.state
        if state.phase in ("done", "failed"):
            if key in ("q", "enter", "escape"):
                self.exit()
        elif key == "q":
            self._end()
        else:
            self._asked_s = None
            self._press(key, state)

    def _press(self, key: str, state: LiveState) -> None:
        if key in _MARKS:
            self._board.on_mark(_MARKS[key])
        elif key == "s":
            self._board.on_sound(not state.sound)
        elif key == "enter" and state.phase == "start":
            self._board.on_proceed()

    def _end(self) -> None:
        """End the run, if it is meant: asked once."""
        if self._asks():
            self._board.on_stop()
            self._asked_s = None
        elif self._board.state.phase in ("start", "running"):
            self._asked_s = monotonic()

    def _asks(self) -> bool:
        return self._asked_s is not None and monotonic() - self._asked_s < _SURE_S

    def _look(self) -> None:
        """Show the latest state, and what is urgent now."""
        if self._terminal is not None and self._terminal.gone():
            self.exit()
        elif self._terminal is None or self._terminal.takes():
            self._paint(self._board.state)

    def _paint(self, state: LiveState) -> None:
        level, said = dot(state.sensors)
        self._message.text = self._urgent(state, said if level == "bad" else "")
        if state is not self._shown:
            self._shown = state
            self._show(state, f"{_DOTS[level]}: {said}")
        self._leave_in_time(state)

    def _show(self, state: LiveState, sensors: str) -> None:
        name = {"start": "start", "running": "run"}.get(state.phase, "end")
        self._switcher.current = name
        self.screen.set_class(name == "run", "running")
        self._panels[name].show(state)
        self._sensors.display = name != "end"
        self._sensors.show(state, sensors)
        self._keys.show(state)

    def _urgent(self, state: LiveState, trouble: str) -> str:
        """Return the one thing to read first."""
        if self._asks():
            return _SURE
        now_s = monotonic()
        if state.cue != self._cue[0]:
            self._cue = (state.cue, now_s)
        cue, since_s = self._cue
        if cue is not None and now_s - since_s < _CUE_S:
            return f"♪ {cue_words(cue)}"
        warning = f"Attention: {state.warnings[-1]}" if state.warnings else ""
        return trouble or warning

    def _leave_in_time(self, state: LiveState) -> None:
        if state.phase not in ("done", "failed"):
            return
        if self._ended_s is None:
            self._ended_s = monotonic()
        if monotonic() - self._ended_s >= self._linger_s:
            self.exit()
