"""A recording folder to convert."""

from __future__ import annotations

from tests.unit.sources.conftest import run

__all__ = ["run"]
