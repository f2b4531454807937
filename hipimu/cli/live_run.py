"""The threads of `hipimu live`: the run in one, its page in another, the terminal in the main one.

The run waits for nobody. It puts states on the board; faces and sounds read them there.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import typer

# All of it now and by one thread: two that import the same modules at once find them half made.
from hipimu import tui
from hipimu.cli.aside import told_aside
from hipimu.cli.live_board import update
from hipimu.cli.live_order import LiveOrder, check_extras, report_folder
from hipimu.cli.live_record import record_live
from hipimu.cli.live_replay import play
from hipimu.cli.output import verdict_code, write_results
from hipimu.data import SIDES, LiveMode, LiveState, StartState
from hipimu.errors import HipimuError
from hipimu.pipeline import analyse
from hipimu.pipeline.board import LiveBoard
from hipimu.pipeline.publisher import Publisher
from hipimu.publish import LslPublisher, MqttPublisher
from hipimu.report import lines, sentence
from hipimu.sound import Player, SpeakCues
from hipimu.web import LiveServer, qr_text

_SEEN_S = 600.0
"""Pages that are open may show the report for so long after the end."""
_BACK_S = 3.0
"""Who has gone from the page to the report may come back."""


def run_live(order: LiveOrder) -> int:
    """Run until it is ended, analyse it, and return the exit code.

    Raises
    ------
    HipimuError
        What kept the run from beginning or ended it, or why it cannot be analysed. What was
        recorded stays.
    """
    check_extras(order)
    board = LiveBoard(_first_state(order))
    run = Run(order, board)
    with told_aside(), ExitStack() as stack:
        server = _serve(order, board, stack)
        publishers = _publish(order, board.state.name, stack)
        _speak(board, stack)
        with _interrupted_by(run.stop):
            thread = threading.Thread(target=run.go, args=(publishers,), name="run", daemon=True)
            thread.start()
            # Only now: a terminal that takes nothing must not keep the run from beginning.
            _announce(order, server)
            _face(order, board)
            thread.join()
        for publisher in publishers:
            publisher.state(board.state)
        _say_end(run)
        _wait_for_viewers(server)
    if run.failure is not None:
        raise run.failure
    return run.code


def _first_state(order: LiveOrder) -> LiveState:
    mode: LiveMode = "sensors"
    if order.replay is not None:
        mode = "replay"
    elif order.virtual:
        mode = "virtual"
    source = order.replay or order.folder
    name = "" if source is None else source.stem
    return LiveState(
        1, 0.0, 0, "start", mode, name, StartState("sensors"), SIDES, sound=order.sound
    )


class Run:
    """The run itself: from looking for sensors to the report.

    Parameters
    ----------
    order : LiveOrder
    board : LiveBoard
    """

    def __init__(self, order: LiveOrder, board: LiveBoard) -> None:
        self.stop = threading.Event()
        self.failure: HipimuError | None = None
        self.lines: list[str] = []
        """What to say at the end."""
        self.code = 0
        self._order, self._board = order, board
        board.on_stop = self.stop.set
        board.on_sound = lambda on: update(board, sound=on)

    def go(self, publishers: tuple[Publisher, ...]) -> None:
        """Do it all; runs in a thread, and never raises."""
        try:
            recording = self._play(publishers)
            if recording is None:
                update(self._board, phase="done", ended="Ended before anything was recorded.")
            else:
                self._analyse(recording)
        except HipimuError as error:
            self.failure = error
        except Exception as error:  # noqa: BLE001 - the faces have to be told, whatever it is
            self.failure = _unexpected(error)
        if self.failure is not None:
            update(self._board, phase="failed", ended=str(self.failure))

    def _play(self, publishers: tuple[Publisher, ...]) -> Path | None:
        if self._order.replay is not None:
            play(self._order, self._board, self.stop, publishers)
            return self._order.replay
        return record_live(self._order, self._board, self.stop, publishers, self.lines)

    def _analyse(self, recording: Path) -> None:
        update(self._board, phase="finishing")
        session = analyse(recording, method="causal" if self._order.causal else "refined")
        report = write_results(session, report_folder(recording))
        self.lines += [*lines(session), f"Report: {report}"]
        self.code = verdict_code(session)
        page = report.read_text(encoding="utf-8")
        update(self._board, page, phase="done", ended=sentence(session), report=True)


def _unexpected(error: Exception) -> HipimuError:
    return HipimuError(
        f"The run ended by a fault in hipimu: {type(error).__name__}: {error}.",
        "What was recorded is kept: hipimu recover NAME.hipimu finishes it. Please report this.",
    )


def _serve(order: LiveOrder, board: LiveBoard, stack: ExitStack) -> LiveServer | None:
    """Begin with the page."""
    if order.port is None:
        return None
    server = LiveServer(
        board,
        port=order.port,
        lan=order.lan,
        https=order.https,
        simulated=bool(order.virtual),
    )
    server.start()
    stack.callback(server.stop)
    return server


def _announce(order: LiveOrder, server: LiveServer | None) -> None:
    """Say how to open the page."""
    if server is None:
        return
    typer.echo(f"Page: {server.url}", err=True)
    if order.lan and sys.stderr.isatty():
        typer.echo(qr_text(server.url), err=True)
        typer.echo("Open it with the camera of a phone in the same network.", err=True)
    if order.lan and len(server.urls) == 1:
        typer.echo("Attention: this computer is in no network; no phone can reach it.", err=True)
    if server.certificate is not None:
        typer.echo(
            "The browser will warn of the certificate, which was made on this computer. Its "
            f"fingerprint: {server.certificate.fingerprint}",
            err=True,
        )


def _publish(order: LiveOrder, name: str, stack: ExitStack) -> tuple[Publisher, ...]:
    """Begin to publish what was asked for."""
    publishers: list[Publisher] = []
    if order.lsl:
        publishers.append(LslPublisher(name))
    if order.mqtt is not None:
        publishers.append(MqttPublisher(order.mqtt, name))
    for publisher in publishers:
        stack.callback(publisher.close)
    return tuple(publishers)


def _speak(board: LiveBoard, stack: ExitStack) -> None:
    """Stand ready to make sounds; whether any is made is for the state to say."""
    player = Player()
    stack.callback(player.close)
    stack.callback(SpeakCues(board, player).close)
    if player.missing and board.state.sound:
        typer.echo(player.missing, err=True)


@contextmanager
def _interrupted_by(stop: threading.Event) -> Iterator[None]:
    """Set `stop` at Ctrl-C or SIGTERM; a second one interrupts as usual."""
    before: dict[int, Any] = {}

    def stopped(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, before[number])

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, stopped)
    if hasattr(signal, "SIGHUP"):
        # A terminal that is closed ends nothing: the page goes on.
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        for caught, handler in before.items():
            signal.signal(caught, handler)


def _face(order: LiveOrder, board: LiveBoard) -> None:
    """Show the run in this terminal until it has ended."""
    if order.tui:
        tui.run(board)
    else:
        tui.run_plain(board, threading.Event())


def _say_end(run: Run) -> None:
    for line in run.lines:
        typer.echo(line)


def _wait_for_viewers(server: LiveServer | None) -> None:
    """Whoever looks at a page may still read the report."""
    if server is None or not server.viewers:
        return
    typer.echo("The page shows the report until it is closed; Ctrl-C ends this too.", err=True)
    ended_s = seen_s = time.monotonic()
    with suppress(KeyboardInterrupt):
        while seen_s < ended_s + _SEEN_S and time.monotonic() < seen_s + _BACK_S:
            time.sleep(0.25)
            seen_s = time.monotonic() if server.viewers else seen_s
