"""GPX, the exchange format of positions: tracks of points, read with gpxpy.

Speed, heart rate and cadence are no part of GPX 1.1; watches put them into extensions, of which
Garmin's TrackPointExtension and Cluetrust's gpxdata are read. Laps are not exchanged.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import gpxpy
import gpxpy.gpx

from hipimu.sources.activity.clock import NO_ZONE, breaks
from hipimu.sources.activity.watch_file import (
    Row,
    WatchFile,
    column,
    columns_of,
    numbers,
    refusal,
)
from hipimu.sources.activity.xml_text import XmlText, local_name

_EXTENSIONS: Final = {
    "hr": "heart_rate_bpm",
    "cad": "cadence_per_min",
    "cadence": "cadence_per_min",
    "speed": "speed",
    "distance": "distance_m",
}
# gpxpy searches the text for namespaces with patterns whose time grows with the square of what
# follows "xmlns", and registers each for good: what no writer does is refused beforehand.
_STRAY = re.compile(r"\sxmlns[^=]{200}")
_NAMESPACE = re.compile(r'\sxmlns[\w:.-]*="[^"]*"')
_MOST_NAMESPACES = 50


def read_gpx(xml: XmlText, path: Path) -> WatchFile:
    """Read a GPX file.

    Parameters
    ----------
    xml : XmlText
    path : Path
        For messages.

    Returns
    -------
    WatchFile

    Raises
    ------
    RecordingError
        When gpxpy cannot read it, or there is no track with times in it.
    """
    track, others = _track(_parsed(xml.text, path).tracks, path)
    segments = [[_row(point) for point in segment.points] for segment in track.segments]
    rows = [row for segment in segments for row in segment]
    return WatchFile(
        **columns_of(rows),
        speeds_m_s=(column(rows, "speed"),),
        laps=(),
        pauses_s=tuple(breaks(segments)),
        sport=_sport(track.type),
        warnings=(*xml.warnings, *others, *_zone_warning(track)),
    )


def _parsed(text: str, path: Path) -> gpxpy.gpx.GPX:
    odd = _STRAY.search(text) or len(set(_NAMESPACE.findall(text))) > _MOST_NAMESPACES
    if odd:
        raise refusal(path, "has namespaces that no GPX file has", "Export it again.")
    try:
        return gpxpy.parse(text)
    except (gpxpy.gpx.GPXException, ArithmeticError, LookupError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        remedy = "Export it again, or correct that value."
        raise refusal(path, f"cannot be read as GPX ({reason:.120})", remedy) from None


def _track(tracks: Sequence[Any], path: Path) -> tuple[Any, tuple[str, ...]]:
    """Choose the track with most points that have a time."""
    timed = [sum(p.time is not None for s in t.segments for p in s.points) for t in tracks]
    if not any(timed):
        raise refusal(
            path,
            "has no track whose points have times: perhaps it is a planned route",
            "Export the activity itself, or use its FIT or TCX file.",
        )
    chosen = tracks[max(range(len(tracks)), key=timed.__getitem__)]
    if sum(map(bool, timed)) == 1:
        return chosen, ()
    return chosen, (f"it holds {len(tracks)} tracks: only the longest is used",)


def _row(point: Any) -> Row:
    inside = [node for extension in point.extensions for node in extension.iter()]
    texts = {local_name(node.tag).lower(): node.text for node in inside if node.text}
    own = {"speed": point.speed, "altitude": point.elevation}
    names = {"speed": "speed", "altitude": "altitude_m"}
    return numbers({k: v for k, v in own.items() if v is not None}, names) | {
        **numbers(texts, _EXTENSIONS),
        "time_s": _seconds(point.time),
        "latitude_rad": math.radians(point.latitude),
        "longitude_rad": math.radians(point.longitude),
    }


def _seconds(time: datetime | None) -> float:
    try:
        if time is None:
            return math.nan
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def _zone_warning(track: Any) -> tuple[str, ...]:
    points = (point for segment in track.segments for point in segment.points)
    if any(point.time is not None and point.time.tzinfo is None for point in points):
        return (NO_ZONE,)
    return ()


def _sport(said: str | None) -> str | None:
    """GPX has free text here; Strava writes a number, of which 9 is a run."""
    return "running" if said == "9" else said
