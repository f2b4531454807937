"""hipimu: hip range of motion from pelvis and thigh IMUs, and whether its end tires first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hipimu.export import bouts_frame, strides_frame, summary
    from hipimu.pipeline import analyse
    from hipimu.report import render, sentence

__all__ = ["analyse", "bouts_frame", "render", "sentence", "strides_frame", "summary"]

_HOME = {
    "analyse": "hipimu.pipeline",
    "bouts_frame": "hipimu.export",
    "render": "hipimu.report",
    "sentence": "hipimu.report",
    "strides_frame": "hipimu.export",
    "summary": "hipimu.export",
}


def __getattr__(name: str) -> Any:
    """Import the public functions on first use: `hipimu --help` needs none of them."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'hipimu' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
