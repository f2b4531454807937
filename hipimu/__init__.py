"""hipimu: hip range of motion from pelvis and thigh IMUs, and whether its end tires first.

What stands in ``__all__`` here, the modules' own public names included, is public and stays;
everything else may change with any version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hipimu import data, errors, units
    from hipimu.export import bouts_frame, fatigue_frame, strides_frame, summary, write_tables
    from hipimu.gait import FINDERS as stride_finders  # noqa: N811 — as users know it
    from hipimu.motion import FILTERS as filters  # noqa: N811
    from hipimu.pipeline import analyse
    from hipimu.pipeline.keep import keep_recording
    from hipimu.pipeline.sample_stream import Stream
    from hipimu.report import plots, render, sentence
    from hipimu.sources import open_recording
    from hipimu.store import open_store
    from hipimu.strength import MEASURES as measures  # noqa: N811
    from hipimu.validation import laws

__all__ = [
    "Stream",
    "analyse",
    "bouts_frame",
    "data",
    "errors",
    "fatigue_frame",
    "filters",
    "keep_recording",
    "laws",
    "measures",
    "open_recording",
    "open_store",
    "plots",
    "render",
    "sentence",
    "stride_finders",
    "strides_frame",
    "summary",
    "units",
    "write_tables",
]

_HOME = {
    "Stream": "hipimu.pipeline.sample_stream:Stream",
    "analyse": "hipimu.pipeline:analyse",
    "bouts_frame": "hipimu.export:bouts_frame",
    "data": "hipimu.data:",
    "errors": "hipimu.errors:",
    "fatigue_frame": "hipimu.export:fatigue_frame",
    "filters": "hipimu.motion:FILTERS",
    "keep_recording": "hipimu.pipeline.keep:keep_recording",
    "laws": "hipimu.validation.laws:",
    "measures": "hipimu.strength:MEASURES",
    "open_recording": "hipimu.sources:open_recording",
    "open_store": "hipimu.store:open_store",
    "plots": "hipimu.report.plots:",
    "render": "hipimu.report:render",
    "sentence": "hipimu.report:sentence",
    "stride_finders": "hipimu.gait:FINDERS",
    "strides_frame": "hipimu.export:strides_frame",
    "summary": "hipimu.export:summary",
    "units": "hipimu.units:",
    "write_tables": "hipimu.export:write_tables",
}


def __getattr__(name: str) -> Any:
    """Import what is public on first use: `hipimu --help` needs none of it."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'hipimu' has no attribute {name!r}")
    module, _, own = _HOME[name].partition(":")
    found = import_module(module)
    return getattr(found, own) if own else found


def __dir__() -> list[str]:
    """Return what is public, for who looks around."""
    return [*__all__, *(name for name in globals() if name.startswith("__"))]
