"""The report on paper: A4 pages from the same HTML, charts as vectors."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from types import ModuleType
from typing import Any, NoReturn

from hipimu.data import Session
from hipimu.errors import OutputError


def check_pdf() -> None:
    """Refuse a PDF that cannot be made, before the long work and not after it.

    Raises
    ------
    OutputError
        When weasyprint is not installed, or lacks a library of the system.
    """
    _weasyprint()


def render_pdf(session: Session) -> bytes:
    """Draw the report of one session as a PDF.

    Parameters
    ----------
    session : Session

    Returns
    -------
    bytes
        A4 with page numbers, and links to its glossary.

    Raises
    ------
    OutputError
        When weasyprint is not installed, or lacks a library of the system.
    """
    weasyprint: Any = _weasyprint()
    from hipimu.report.page import page

    made = weasyprint.HTML(string=page(session, "paper"), url_fetcher=_nothing)
    document: bytes = made.write_pdf()
    return document


def _weasyprint() -> ModuleType:
    try:
        # Where a library of the system is missing it prints a page of its own.
        with redirect_stdout(io.StringIO()):
            import weasyprint
    except ImportError as error:
        raise OutputError(
            "The report cannot be made into a PDF: weasyprint is not installed.",
            "Install it with pip install 'hipimu[pdf]', or print report.html from a browser.",
        ) from error
    except OSError as error:
        raise OutputError(
            f"The report cannot be made into a PDF: weasyprint finds no {_library(error)}.",
            "Install Pango beside pip install 'hipimu[pdf]', or print report.html from a browser.",
        ) from error
    module: ModuleType = weasyprint
    return module


def _library(error: OSError) -> str:
    named = str(error).partition("'")[2].partition("'")[0]
    return named or "library of the system that it needs"


def _nothing(url: str, *_: object, **__: object) -> NoReturn:
    """The page is whole in itself: whatever a name in it seems to ask for is not fetched."""
    raise ValueError(f"a report asks for nothing, not for {url}")
