"""The terminal's face: the page for people on a laptop, or one line where there is less."""

from __future__ import annotations

import os
import sys
from threading import Event
from typing import TYPE_CHECKING

from hipimu.errors import OutputError
from hipimu.pipeline.board import LiveBoard
from hipimu.tui.plain import ENDED, PlainFace, run_plain
from hipimu.tui.screen import Screen

if TYPE_CHECKING:
    from hipimu.tui.app import LiveApp

__all__ = ["PlainFace", "check", "has_terminal", "run", "run_plain"]


def has_terminal() -> bool:
    """Tell whether there is a terminal that the whole face can be painted on, and keys be read.

    Textual paints on standard error.
    """
    streams = (sys.__stdin__, sys.__stderr__)
    return os.environ.get("TERM") != "dumb" and all(s is not None and s.isatty() for s in streams)


def check() -> None:
    """Refuse the full terminal where it cannot be, before the run and not in it.

    Raises
    ------
    OutputError
        When textual is not installed.
    """
    _app()


def run(board: LiveBoard) -> None:
    """Show a run in the whole terminal until it has ended.

    It must be called in the main thread; the run is in another. Should the picture fail or its
    terminal be closed, the plain face goes on, with or without somebody who reads it; and it does
    all of it where there is no terminal.

    Parameters
    ----------
    board : LiveBoard

    Raises
    ------
    OutputError
        When textual is not installed.
    """
    face = _app()
    if has_terminal() and sys.__stderr__ is not None:
        face(board, Screen(sys.__stderr__)).run()
        if board.state.phase in ENDED:
            return
    run_plain(board, Event())


def _app() -> type[LiveApp]:
    try:
        from hipimu.tui.app import LiveApp
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "textual":
            raise
        raise OutputError(
            "The run cannot be shown in the whole terminal: textual is not installed.",
            "Install it with pip install 'hipimu[tui]', or use the page or the plain line.",
        ) from error
    return LiveApp
