"""What a runner reads: the sentence, the few lines in a terminal, the page.

`wording` and `terminal` are light; drawing the page imports matplotlib, so `render` does that only
when it is called.
"""

from __future__ import annotations

from hipimu.data import Session
from hipimu.report.terminal import lines
from hipimu.report.wording import sentence, verdict_words

__all__ = ["lines", "render", "sentence", "verdict_words"]


def render(session: Session) -> str:
    """Draw the report of one session.

    Parameters
    ----------
    session : Session

    Returns
    -------
    str
        One self-contained HTML page: no network, opens from a file, prints on A4.
    """
    from hipimu.report.page import page

    return page(session)
