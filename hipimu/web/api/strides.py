"""Strides of a session in the form that was asked for."""

from __future__ import annotations

import io
from typing import Any, Final, Literal

import pandas as pd
from starlette.responses import Response

from hipimu.web.api.document import FILE, Responses, refusal
from hipimu.web.api.export import attachment
from hipimu.web.api.plain import Json
from hipimu.web.api.problems import ProblemError

Form = Literal["json", "csv", "parquet"]
_TYPES: Final[dict[str, Form]] = {
    "application/json": "json",
    "text/csv": "csv",
    "application/vnd.apache.parquet": "parquet",
}
"""Best first, where the caller does not mind."""

FORMS: Final[Responses] = {
    200: {
        "description": "The strides, in the form that was asked for.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.parquet": {"schema": FILE},
        },
    },
    **refusal("not_acceptable"),
}


def form_of(accept: str) -> Form:
    """Return the form that a header ``Accept`` likes best (RFC 9110, section 12.5.1).

    Raises
    ------
    ProblemError
        When it takes none.
    """
    liked = {kind: _liking(kind, accept) for kind in _TYPES}
    best = max(liked, key=lambda kind: liked[kind])
    if liked[best] <= 0:
        raise ProblemError(
            "not_acceptable",
            "Strides are JSON, CSV or Parquet.",
            f"Accept {', '.join(_TYPES)}, or say format=csv.",
        )
    return _TYPES[best]


def _liking(kind: str, accept: str) -> float:
    """How much a type is liked, 0–1: what names it most closely says it."""
    parts = (part.partition(";") for part in accept.split(","))
    liked = {told.strip().lower(): _weight(rest) for told, _, rest in parts}
    ranges = (kind, f"{kind.partition('/')[0]}/*", "*/*")
    return next((liked[told] for told in ranges if told in liked), 0.0)


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def strides_answer(
    session: str, strides: pd.DataFrame, form: Form, offset: int, limit: int
) -> Response:
    """Answer with strides.

    Parameters
    ----------
    session : str
        Name.
    strides : pandas.DataFrame
        As `Store.strides` gives them.
    form : {"json", "csv", "parquet"}
    offset, limit : int
        Strides to leave out at first, and the most to give.
    """
    piece = strides.iloc[offset : offset + limit]
    varies = {"Vary": "Accept"}
    if form == "json":
        told = {"session": session, "total": len(strides), "offset": offset}
        return Json(told | {"strides": _rows(piece)}, headers=varies)
    named = varies | {"Content-Disposition": attachment(f"{session}.{form}")}
    if form == "csv":
        text = piece.to_csv(index=False, lineterminator="\n")
        return Response(text, headers=named, media_type="text/csv")
    buffer = io.BytesIO()
    piece.to_parquet(buffer, index=False, compression="zstd")
    return Response(buffer.getvalue(), headers=named, media_type="application/vnd.apache.parquet")


def _rows(strides: pd.DataFrame) -> list[dict[Any, Any]]:
    known = strides.astype(object).where(strides.notna(), None)
    rows: list[dict[Any, Any]] = known.to_dict("records")
    for row in rows:
        row["reasons"] = [reason for reason in (row["reasons"] or "").split(";") if reason]
    return rows
