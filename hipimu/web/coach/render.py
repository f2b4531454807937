"""From what a page shows to HTML."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from hipimu.report.numerals import clock
from hipimu.web.coach import words
from hipimu.web.coach.frame import frame_of

_FILTERS: Final[Mapping[str, Any]] = {
    "ago": words.ago,
    "angle": words.angle,
    "clock": clock,
    "day": words.day,
    "short_day": words.short_day,
    "when": words.when,
}


def respond(request: Request, template: str, *, status: int = 200, **shown: Any) -> Response:
    """Answer with a page.

    Parameters
    ----------
    request : Request
    template : str
        Its name; it extends ``base.html``.
    status : int
    shown
        What the template needs besides ``frame`` (what stands around it) and ``key`` (which each
        of its forms has to bring back).
    """
    frame = frame_of(request)
    return HTMLResponse(render(template, **{"frame": frame, "key": frame.key} | shown), status)


def render(name: str, /, **shown: Any) -> str:
    """Return a page as text.

    Parameters
    ----------
    name : str
        Of its template.
    shown
        What the template needs.
    """
    return _environment().get_template(name).render(**shown)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_FILTERS)
    return environment


@cache
def _source(name: str) -> str:
    return files("hipimu.web").joinpath("templates", "coach", name).read_text(encoding="utf-8")
