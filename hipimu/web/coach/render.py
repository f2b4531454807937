"""From what a page shows to HTML."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jinja2

from hipimu.report.numerals import clock
from hipimu.web.coach import words

_FILTERS: Final[Mapping[str, Any]] = {
    "ago": words.ago,
    "angle": words.angle,
    "clock": clock,
    "day": words.day,
    "short_day": words.short_day,
    "when": words.when,
}


def render(name: str, **shown: Any) -> str:
    """Return a page.

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
