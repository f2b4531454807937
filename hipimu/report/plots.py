"""The charts of the report as matplotlib figures, to show in notebooks, change and save.

from hipimu import plots
plots.run(session).savefig("run.png", dpi=200)
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.text import Text

from hipimu.data import Session
from hipimu.errors import NothingToDrawError
from hipimu.report.cycle_figure import draw_cycle
from hipimu.report.figures import Draw
from hipimu.report.forest_figure import draw_forest
from hipimu.report.pelvis_figure import draw_pelvis
from hipimu.report.profile_figure import draw_profile
from hipimu.report.run_figure import draw_run
from hipimu.report.split_figure import draw_split
from hipimu.report.style import PRINTED, WHITE, Layout, look
from hipimu.report.symmetry_figure import draw_symmetry

__all__ = ["cycle", "forest", "pelvis", "profile", "run", "split", "symmetry"]

_NARROWER: Final = 0.9
"""The charts leave room for the letters of a page, and matplotlib's own are wider."""
_PARTS: Final = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
_COLOURS: Final = {to_rgba(name)[:3]: to_rgba(own)[:3] for name, own in PRINTED.items()}


def run(session: Session, layout: Layout = "wide") -> Figure:
    """Draw pace over the run, and every stride's peaks with the fitted lines.

    Parameters
    ----------
    session : Session
    layout : {"wide", "narrow"}
        Sides beside each other, or below.

    Returns
    -------
    matplotlib.figure.Figure
        Of its own: closing it is not needed.

    Raises
    ------
    NothingToDrawError
        When the session has nothing of it.
    """
    return _figure(draw_run, session, layout, "usable strides")


def forest(session: Session, layout: Layout = "wide") -> Figure:
    """Draw the changes at easy and fast pace and the extra loss, with intervals; see `run`."""
    return _figure(draw_forest, session, layout, "fatigue estimates")


def cycle(session: Session, layout: Layout = "wide") -> Figure:
    """Draw the mean hip angle over one stride, first against last third; see `run`."""
    return _figure(draw_cycle, session, layout, "mean cycles")


def profile(session: Session, layout: Layout = "wide") -> Figure:
    """Draw the change of the swing by hip angle; see `run`."""
    return _figure(draw_profile, session, layout, "profiles of the swing")


def symmetry(session: Session, layout: Layout = "wide") -> Figure:
    """Draw both sides' fitted peaks, fresh and at the end; see `run`."""
    return _figure(draw_symmetry, session, layout, "two sides to compare")


def split(session: Session, layout: Layout = "wide") -> Figure:
    """Draw the shares of hip and pelvis in the thigh's change; see `run`."""
    return _figure(draw_split, session, layout, "shares of hip and pelvis")


def pelvis(session: Session, layout: Layout = "wide") -> Figure:
    """Draw pelvis tilt of every stride over the run; see `run`."""
    return _figure(draw_pelvis, session, layout, "strides with pelvis tilt")


def _figure(draw: Draw, session: Session, layout: Layout, what: str) -> Figure:
    with look(layout):
        sheet = draw(session, layout)
        if sheet is None:
            raise NothingToDrawError(
                f"{session.recording} has no {what}.", "The report says what is missing, and why."
            )
        # Ticks are made when a figure is drawn first, in the colours of that moment.
        FigureCanvasAgg(sheet.figure).draw()  # type: ignore[no-untyped-call]
    for artist in sheet.figure.findobj():
        _recolour(artist)
        if isinstance(artist, Text):
            artist.set_fontsize(_NARROWER * float(artist.get_fontsize()))
            if artist.get_bbox_patch() is not None:
                _recolour(artist.get_bbox_patch())
    sheet.figure.set_facecolor(WHITE)
    return sheet.figure


def _recolour(artist: Any) -> None:
    """Put the colours of paper where the report has stand-ins."""
    for part in _PARTS:
        colour = getattr(artist, f"get_{part}", lambda: None)()
        try:
            before = to_rgba_array(() if colour is None else colour)
        except (TypeError, ValueError):  # "auto", and other words that are no colour
            continue
        after = np.array([(*_COLOURS.get(tuple(rgba[:3]), rgba[:3]), rgba[3]) for rgba in before])
        if len(after) and not np.array_equal(after, before):
            getattr(artist, f"set_{part}")(after if len(after) > 1 else after[0])
