"""Activity files as watches write them, made from arrays: TCX, GPX and FIT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from garmin_fit_sdk import Encoder

from hipimu.data import FloatArray

STARTED_AT = datetime(2026, 5, 3, 7, 30, tzinfo=UTC)
_EARTH_M = 6_371_008.8
_START_DEG = 47.0, 8.0
_FIT_NUMBERS = {"file_id": 0, "session": 18, "lap": 19, "record": 20, "event": 21}
FitMessage = tuple[str, dict[str, Any]]
"""Name and fields."""
_FIT_INTENSITY = {"Active": "active", "Resting": "rest"}


@dataclass(frozen=True)
class RunLap:
    """A lap of a run, in seconds since its start, in TCX's words."""

    start_s: float
    end_s: float
    trigger: str = "Manual"
    intensity: str = "Active"


@dataclass(frozen=True)
class WatchRun:
    """What a watch is to have recorded; arrays (n,), None: it has no such sensor."""

    t_s: FloatArray
    """Since `started_at`."""
    speed_m_s: FloatArray
    cadence_spm: FloatArray | None = None
    heart_rate_bpm: FloatArray | None = None
    altitude_m: FloatArray | None = None
    laps: Sequence[RunLap] = ()
    """Without any, one over everything."""
    pauses_s: Sequence[tuple[float, float]] = ()
    """The timer stood still: between start and end nothing is written, and no way is counted."""
    started_at: datetime = STARTED_AT
    sport: str = "Running"
    says: frozenset[str] = frozenset(("speed", "distance", "position"))

    def distance_m(self) -> FloatArray:
        """Way since the start, (n,)."""
        steps = np.diff(self.t_s) * 0.5 * (self.speed_m_s[1:] + self.speed_m_s[:-1])
        middle = 0.5 * (self.t_s[1:] + self.t_s[:-1])
        for start, end in self.pauses_s:
            steps[(middle > start) & (middle < end)] = 0.0
        return np.concatenate(([0.0], np.cumsum(steps)))

    def timer_s(self, lap: RunLap) -> float:
        """Duration of a lap without pauses."""
        paused = [min(b, lap.end_s) - max(a, lap.start_s) for a, b in self.pauses_s]
        return lap.end_s - lap.start_s - sum(max(0.0, span) for span in paused)

    def lap_distance_m(self, lap: RunLap) -> float:
        """Way of a lap."""
        start, end = np.interp((lap.start_s, lap.end_s), self.t_s, self.distance_m())
        return float(end - start)

    def whole_laps(self) -> Sequence[RunLap]:
        """The laps; without any, one over everything."""
        return self.laps or [RunLap(float(self.t_s[0]), float(self.t_s[-1]) + 1.0)]

    def time(self, seconds: float) -> datetime:
        """Time of day of a moment."""
        return self.started_at + timedelta(seconds=float(seconds))

    def points(self) -> list[dict[str, float]]:
        """What is written, a row each: no pauses, and only what the watch says."""
        distance_m = self.distance_m()
        columns: Mapping[str, FloatArray | None] = {
            "t_s": self.t_s,
            "speed": self.speed_m_s if "speed" in self.says else None,
            "distance": distance_m if "distance" in self.says else None,
            "latitude": _START_DEG[0] + np.degrees(distance_m / _EARTH_M),
            "altitude": self.altitude_m,
            "heart_rate": self.heart_rate_bpm,
            "one_leg": None if self.cadence_spm is None else 0.5 * self.cadence_spm,
        }
        if "position" not in self.says:
            columns = {**columns, "latitude": None}
        known = {name: values.tolist() for name, values in columns.items() if values is not None}
        rows = [dict(zip(known, row, strict=True)) for row in zip(*known.values(), strict=True)]
        return [row for row in rows if not any(a < row["t_s"] < b for a, b in self.pauses_s)]


def steady(seconds: int = 600, **changes: Any) -> WatchRun:
    """A run at 3 m/s and 160 steps a minute on flat ground, a record a second."""
    n = seconds + 1
    values: dict[str, Any] = {
        "t_s": np.arange(float(n)),
        "speed_m_s": np.full(n, 3.0),
        "cadence_spm": np.full(n, 160.0),
        "heart_rate_bpm": np.full(n, 140.0),
        "altitude_m": np.full(n, 400.0),
    }
    return WatchRun(**(values | changes))


def tcx_text(run: WatchRun) -> str:
    """Write TCX as Garmin Connect exports it: a track ends at each pause and each lap."""
    points = run.points()
    laps = "".join(_tcx_lap(run, lap, points) for lap in run.whole_laps())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<TrainingCenterDatabase"
        ' xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'
        ' xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">\n'
        f'<Activities><Activity Sport="{run.sport}"><Id>{_iso(run.started_at)}</Id>\n'
        f"{laps}</Activity></Activities></TrainingCenterDatabase>\n"
    )


def _tcx_lap(run: WatchRun, lap: RunLap, points: Sequence[dict[str, float]]) -> str:
    own = [point for point in points if lap.start_s <= point["t_s"] < lap.end_s]
    tracks = [
        f"<Track>\n{''.join(_tcx_point(run, point) for point in part)}</Track>\n"
        for part in _between_pauses(run, own)
    ]
    return (
        f'<Lap StartTime="{_iso(run.time(lap.start_s))}">'
        f"<TotalTimeSeconds>{run.timer_s(lap):.3f}</TotalTimeSeconds>"
        f"<DistanceMeters>{run.lap_distance_m(lap):.2f}</DistanceMeters>"
        f"<Intensity>{lap.intensity}</Intensity><TriggerMethod>{lap.trigger}</TriggerMethod>\n"
        f"{''.join(tracks)}</Lap>\n"
    )


def _tcx_point(run: WatchRun, point: Mapping[str, float]) -> str:
    formats = {
        "latitude": "<Position><LatitudeDegrees>{:.8f}</LatitudeDegrees>"
        f"<LongitudeDegrees>{_START_DEG[1]}</LongitudeDegrees></Position>",
        "altitude": "<AltitudeMeters>{:.1f}</AltitudeMeters>",
        "distance": "<DistanceMeters>{:.2f}</DistanceMeters>",
        "heart_rate": "<HeartRateBpm><Value>{:.0f}</Value></HeartRateBpm>",
    }
    extensions = {
        "speed": "<ns3:Speed>{:.3f}</ns3:Speed>",
        "one_leg": "<ns3:RunCadence>{:.0f}</ns3:RunCadence>",
    }
    return (
        f"<Trackpoint><Time>{_iso(run.time(point['t_s']))}</Time>{_written(point, formats)}"
        f"<Extensions><ns3:TPX>{_written(point, extensions)}</ns3:TPX></Extensions>"
        "</Trackpoint>\n"
    )


def gpx_text(run: WatchRun) -> str:
    """Write GPX 1.1 with Garmin's extensions: a segment ends at each pause. It has no laps."""
    segments = [
        f"<trkseg>\n{''.join(_gpx_point(run, point) for point in part)}</trkseg>\n"
        for part in _between_pauses(run, run.points())
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"'
        ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">\n'
        f"<trk><type>{run.sport.lower()}</type>\n{''.join(segments)}</trk></gpx>\n"
    )


def _gpx_point(run: WatchRun, point: Mapping[str, float]) -> str:
    extensions = {
        "heart_rate": "<gpxtpx:hr>{:.0f}</gpxtpx:hr>",
        "one_leg": "<gpxtpx:cad>{:.0f}</gpxtpx:cad>",
        "speed": "<gpxtpx:speed>{:.3f}</gpxtpx:speed>",
    }
    return (
        f'<trkpt lat="{point["latitude"]:.8f}" lon="{_START_DEG[1]}">'
        f"{_written(point, {'altitude': '<ele>{:.1f}</ele>'})}"
        f"<time>{_iso(run.time(point['t_s']))}</time>"
        f"<extensions><gpxtpx:TrackPointExtension>{_written(point, extensions)}"
        "</gpxtpx:TrackPointExtension></extensions></trkpt>\n"
    )


def _written(point: Mapping[str, float], formats: Mapping[str, str]) -> str:
    return "".join(text.format(point[name]) for name, text in formats.items() if name in point)


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def _between_pauses(
    run: WatchRun, points: Sequence[dict[str, float]]
) -> list[Sequence[dict[str, float]]]:
    bounds = [-np.inf, *(b for _, b in sorted(run.pauses_s)), np.inf]
    parts = [
        [point for point in points if low <= point["t_s"] < high] for low, high in pairwise(bounds)
    ]
    return [part for part in parts if part]


def fit_bytes(run: WatchRun) -> bytes:
    """Write FIT as a watch does: events and records as they come, laps and session at the end."""
    return fit_messages(fit_parts(run))


def fit_parts(run: WatchRun) -> list[FitMessage]:
    """The messages of a FIT file, to be spoilt before they are written."""
    parts: list[FitMessage] = [
        ("file_id", {"type": "activity", "manufacturer": "development"}),
        ("event", _timer(run, 0.0, "start")),
    ]
    for start, end in run.pauses_s:
        parts += [("event", _timer(run, start, "stop_all")), ("event", _timer(run, end, "start"))]
    parts += [("record", _fit_record(run, point)) for point in run.points()]
    parts += [("event", _timer(run, float(run.t_s[-1]), "stop_all"))]
    parts += [("lap", _fit_lap(run, lap)) for lap in run.whole_laps()]
    whole = RunLap(0.0, float(run.t_s[-1]))
    return [*parts, ("session", _fit_summary(run, whole) | {"sport": run.sport.lower()})]


def fit_messages(messages: Sequence[FitMessage]) -> bytes:
    """Write any messages of FIT, as Garmin's SDK encodes them."""
    encoder = Encoder()
    for name, values in messages:
        encoder.write_mesg({"mesg_num": _FIT_NUMBERS[name], **values})
    return bytes(encoder.close())


def _timer(run: WatchRun, seconds: float, kind: str) -> dict[str, Any]:
    return {"timestamp": run.time(seconds), "event": "timer", "event_type": kind}


def _fit_record(run: WatchRun, point: Mapping[str, float]) -> dict[str, Any]:
    semicircles = 2**31 / 180.0
    fields: dict[str, Any] = {"timestamp": run.time(point["t_s"])}
    if "latitude" in point:
        fields["position_lat"] = round(point["latitude"] * semicircles)
        fields["position_long"] = round(_START_DEG[1] * semicircles)
    if "one_leg" in point:
        fields["cadence"] = int(point["one_leg"])
        fields["fractional_cadence"] = point["one_leg"] % 1.0
    if "heart_rate" in point:
        fields["heart_rate"] = round(point["heart_rate"])
    names = {"altitude": "enhanced_altitude", "distance": "distance", "speed": "enhanced_speed"}
    return fields | {theirs: point[ours] for ours, theirs in names.items() if ours in point}


def _fit_lap(run: WatchRun, lap: RunLap) -> dict[str, Any]:
    intensity = _FIT_INTENSITY.get(lap.intensity, lap.intensity.lower())
    return _fit_summary(run, lap) | {
        "lap_trigger": lap.trigger.lower(),
        "intensity": intensity,
    }


def _fit_summary(run: WatchRun, lap: RunLap) -> dict[str, Any]:
    return {
        "timestamp": run.time(lap.end_s),
        "start_time": run.time(lap.start_s),
        "total_elapsed_time": lap.end_s - lap.start_s,
        "total_timer_time": run.timer_s(lap),
        "total_distance": run.lap_distance_m(lap),
    }
