"""The report's charts as matplotlib figures."""

from __future__ import annotations

import io
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from hipimu.errors import NothingToDrawError
from hipimu.report import plots
from hipimu.report.style import GRID, MUTED, PAPER, TEXT
from tests.unit.report.sessions import interval_session


@pytest.mark.parametrize("name", plots.__all__)
def test_every_chart_is_a_figure_in_colours_of_paper(name: str) -> None:
    before = dict(mpl.rcParams)
    figure = getattr(plots, name)(interval_session())

    assert isinstance(figure, Figure)
    assert dict(mpl.rcParams) == before
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg")
    for stand_in in (TEXT, MUTED, GRID, PAPER):
        assert stand_in not in drawn.getvalue()
    figure.canvas.draw()
    assert np.asarray(figure.canvas.buffer_rgba())[0, 0].tolist() == [255] * 4  # type: ignore[attr-defined]


def test_nothing_to_draw_is_said() -> None:
    session = replace(interval_session(), fatigue=())

    with pytest.raises(NothingToDrawError, match="no fatigue estimates"):
        plots.forest(session)
