"""Change a board from outside the run: while sensors are looked for, and at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hipimu.pipeline.board import LiveBoard


def update(board: LiveBoard, page: str | None = None, **changes: Any) -> None:
    """Put the same state with some changes on the board.

    Parameters
    ----------
    board : LiveBoard
    page : str or None
        The report's page where there is one now.
    **changes
        Fields of `LiveState`.
    """
    board.change(lambda state: replace(state, number=state.number + 1, **changes), page)


def tell(board: LiveBoard, **changes: Any) -> None:
    """Change what is said of the guided start.

    Parameters
    ----------
    board : LiveBoard
    **changes
        Fields of `StartState`.
    """
    update(board, start=replace(board.state.start, **changes))
