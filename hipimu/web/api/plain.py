"""Nouns as JSON: numbers that are none become null, times are ISO 8601 in UTC."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from starlette.responses import Response


def plain(value: Any) -> Any:
    """Return a noun, or anything a noun is made of, as plain JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return _scalar(value.item() if isinstance(value, np.generic) else value)


def _scalar(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


class Json(Response):
    """A noun as a JSON answer.

    Parameters
    ----------
    noun : Any
        As for `plain`.
    status : int
    headers : mapping or None
    """

    media_type = "application/json"

    def __init__(
        self, noun: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(plain(noun), status, headers)

    def render(self, content: Any) -> bytes:
        """Write it; what is no JSON is a defect."""
        return as_bytes(content)


def as_bytes(content: Any) -> bytes:
    """Write plain values as JSON in UTF-8."""
    text = json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode()
