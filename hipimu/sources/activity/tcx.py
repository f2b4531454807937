"""TCX, Garmin's Training Center XML: laps, and in them tracks of points.

Element names are of the schemas TrainingCenterDatabase v2 and ActivityExtension v2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from hipimu.data import WatchLap
from hipimu.sources.activity.clock import NO_ZONE, breaks, has_no_zone, seconds_of
from hipimu.sources.activity.laps import trigger_of
from hipimu.sources.activity.watch_file import (
    Row,
    WatchFile,
    column,
    columns_of,
    number,
    numbers,
    refusal,
)
from hipimu.sources.activity.xml_text import XmlText, local_name, tree_of

_NUMBERS: Final = {
    "DistanceMeters": "distance_m",
    "AltitudeMeters": "altitude_m",
    "Value": "heart_rate_bpm",
    "Cadence": "cadence_per_min",
    "RunCadence": "cadence_per_min",
    "Speed": "speed",
}
"""Of a point and all that is in it; of two names for one thing the later counts."""
_INTENSITIES: Final = {"resting": "rest"}
"""In FIT's words."""

_Track = list[Row]


def read_tcx(xml: XmlText, path: Path) -> WatchFile:
    """Read a TCX file.

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
        When there is no activity with points or laps in it.
    """
    activity, others = _activity(tree_of(xml, path), path)
    laps = _named(activity, "Lap")
    tracks = [[_tracked(lap_track) for lap_track in _named(lap, "Track")] for lap in laps]
    rows = [row for lap_tracks in tracks for track in lap_tracks for row in track]
    times = [node.text for node in activity.iter() if local_name(node.tag) == "Time"]
    zone = (NO_ZONE,) if any(map(has_no_zone, times)) else ()
    return WatchFile(
        **columns_of(rows),
        speeds_m_s=(column(rows, "speed"),),
        laps=tuple(lap for pair in zip(laps, tracks, strict=True) for lap in _laps(*pair)),
        pauses_s=tuple(pause for lap_tracks in tracks for pause in breaks(lap_tracks)),
        started_s=seconds_of(_texts(activity).get("Id")),
        sport=activity.get("Sport"),
        warnings=(*xml.warnings, *others, *zone),
    )


def _activity(root: ET.Element, path: Path) -> tuple[ET.Element, tuple[str, ...]]:
    """Choose the activity with most points, a run before anything else."""
    found = [node for node in root.iter() if local_name(node.tag) == "Activity"]
    usable = [node for node in found if _named(node, "Lap")]
    if not usable:
        raise refusal(
            path,
            "holds no activity: perhaps a course or a workout",
            "Export the activity itself as TCX.",
        )

    def rank(node: ET.Element) -> tuple[bool, int]:
        return node.get("Sport") == "Running", sum(1 for _ in node.iter())

    chosen = max(usable, key=rank)
    if len(usable) == 1:
        return chosen, ()
    sports = ", ".join(str(node.get("Sport")) for node in usable)
    return chosen, (
        f"it holds {len(usable)} activities ({sports:.80}): only the longest run is used",
    )


def _named(node: ET.Element, name: str) -> list[ET.Element]:
    return [child for child in node if local_name(child.tag) == name]


def _texts(node: ET.Element, *, deep: bool = False) -> dict[str, str]:
    """Texts by name, of the children or of everything inside."""
    inside = node.iter() if deep else iter(node)
    return {local_name(child.tag): child.text.strip() for child in inside if child.text}


def _tracked(track: ET.Element) -> _Track:
    return [_row(point) for point in _named(track, "Trackpoint")]


def _row(point: ET.Element) -> Row:
    texts = _texts(point, deep=True)
    return numbers(texts, _NUMBERS) | {
        "time_s": seconds_of(texts.get("Time")),
        "latitude_rad": math.radians(number(texts.get("LatitudeDegrees"))),
        "longitude_rad": math.radians(number(texts.get("LongitudeDegrees"))),
    }


def _laps(lap: ET.Element, tracks: Sequence[_Track]) -> Iterator[WatchLap]:
    """One lap, if its start is known.

    TotalTimeSeconds leaves pauses out: a lap ends with its last point where that is later.
    """
    texts = _texts(lap)
    timer_s, distance_m = (number(texts.get(n)) for n in ("TotalTimeSeconds", "DistanceMeters"))
    start_s = seconds_of(lap.get("StartTime"))
    ends = [start_s + timer_s, *(row["time_s"] for track in tracks for row in track[-1:])]
    known = [end for end in ends if not math.isnan(end)]
    if math.isnan(start_s) or not known:
        return
    intensity = texts.get("Intensity", "").lower()
    yield WatchLap(
        start_s=start_s,
        end_s=max(known),
        trigger=trigger_of(texts.get("TriggerMethod")),
        intensity=_INTENSITIES.get(intensity, intensity)[:20] or None,
        distance_m=None if math.isnan(distance_m) else distance_m,
        speed_m_s=distance_m / timer_s if distance_m >= 0 and timer_s > 0 else None,
    )
