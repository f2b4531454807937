"""A recording: what kind of folder it is, what it says, and its samples as they come."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from hipimu.data import Activity, FloatArray, ImuBlock, Lap, Segment, SpeedTrack
from hipimu.errors import RecordingError
from hipimu.sources.activity import read_activity
from hipimu.sources.checks import check_spans, check_times, check_values
from hipimu.sources.clipping import ClippingMonitor
from hipimu.sources.csv_folder import inside, open_sensors
from hipimu.sources.foreign.open import Opened, open_described, open_foreign
from hipimu.sources.laps import read_laps, read_speed
from hipimu.sources.mapping.model import FILE_NAME as MAPPING
from hipimu.sources.metadata import Metadata, read_metadata
from hipimu.sources.movella_dot import looks_like_dot, open_dot_folder
from hipimu.sources.plausibility import PlausibilityCheck
from hipimu.sources.samples import SampleFile, Samples, joined
from hipimu.sources.samples_parquet import open_samples

BLOCK_S = 120.0
"""Each block holds the samples of two minutes of the clock, however the files are cut."""

Progress = Callable[[float], None]

_KNOWN = (
    "Give a folder with recording.toml (format hipimu-csv/1) and pelvis.csv, thigh_left.csv or "
    "thigh_right.csv, a folder of Movella DOT CSV exports, a recording NAME.hipimu, or a file of "
    "another system: hipimu convert --list names those that are known."
)
_SETTINGS, _JOURNAL = "recording.toml", "journal.bin"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """An opened recording; its samples are read when `blocks` is iterated.

    Times are seconds on the recording's clock; cutting does not shift it.
    """

    name: str
    path: Path
    metadata: Metadata
    files: tuple[SampleFile, ...]
    laps: tuple[Lap, ...] = ()
    speed: SpeedTrack | None = None
    activity: Activity | None = None
    """What a watch recorded, on its own clock."""
    from_s: float | None = None
    until_s: float | None = None
    remarks: tuple[str, ...] = ()
    """What was assumed or left out where it is of another system, for people."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments that carry a sensor."""
        return tuple(file.segment for file in self.files)

    @property
    def rate_hz(self) -> float:
        """The highest declared sampling rate."""
        return max(file.rate_hz for file in self.files)

    @property
    def synchronised(self) -> bool:
        """Whether all sensors share one clock."""
        return bool(self.metadata.synchronised)

    @property
    def stand_s(self) -> tuple[float, float] | None:
        """Start and end of the standing pose, where the recording says it."""
        hint = self.metadata.calibration.stand_s
        return None if hint is None else (hint[0], hint[1])

    def mounting(self, segment: Segment) -> FloatArray | None:
        """Return the unit quaternion wxyz segment → sensor, (4,), or None where unknown."""
        sensor = self.metadata.sensors.by_segment().get(segment)
        return None if sensor is None or sensor.mounting is None else np.array(sensor.mounting)

    def blocks(self, progress: Progress | None = None) -> Iterator[ImuBlock]:
        """Read all sensors side by side, checking every row.

        Parameters
        ----------
        progress : callable or None
            Called with the share of the files read, 0–1.

        Yields
        ------
        ImuBlock
            Two minutes of one sensor. All sensors' blocks of one time come before any of the next.
            Without a common clock, time counts from each sensor's own start.

        Raises
        ------
        RecordingError
            At the first row that cannot be used; for what only shows at the end (too much
            clipping, sensors that end apart), at the end.
        """
        read = dict.fromkeys(self.segments, 0.0)
        spans_s: dict[Segment, tuple[float, float]] = {}
        streams = [self._stream(file) for file in self.files]
        for _, share, block in heapq.merge(*streams, key=lambda item: item[0]):
            start_s = spans_s.get(block.sensor, (float(block.t_s[0]), 0.0))[0]
            spans_s[block.sensor] = start_s, float(block.t_s[-1])
            read[block.sensor] = share
            if progress is not None:
                progress(sum(read.values()) / len(read))
            yield block
        if self.synchronised:
            files = {file.segment: file for file in self.files}
            own = self.metadata.format == "hipimu/1" or self.metadata.spans_apart
            check_spans(files, spans_s, start_together=not own, thigh_may_end=own)
        if progress is not None:
            progress(1.0)

    def _stream(self, file: SampleFile) -> Iterator[tuple[int, float, ImuBlock]]:
        clipping = ClippingMonitor(file)
        pieces = _checked(file, self.from_s, self.until_s)
        for number, samples in _slices(pieces, common_clock=self.synchronised):
            block = _block(file.segment, samples, clipping)
            yield number, samples.read, block
        clipping.flush()


def open_recording(
    path: str | Path,
    *,
    laps: Path | None = None,
    activity: Path | None = None,
    from_s: float | None = None,
    until_s: float | None = None,
    roles: Mapping[Segment, str] | None = None,
) -> Recording:
    """Open a recording, recognised by what is in it.

    Parameters
    ----------
    path : path
        A recording folder (``hipimu-csv/1``; sensor files may also be Parquet), a folder of
        Movella DOT CSV exports, a finished recording ``NAME.hipimu``, or a file or folder of
        another system (`hipimu.sources.foreign`).
    laps : Path or None
        Laps to use instead of the folder's own ``laps.csv``.
    activity : Path or None
        A watch's FIT, TCX or GPX file.
    from_s, until_s : float or None
        Use only the samples from, and before, these times on the recording's clock.
    roles : mapping of segment to label, or None
        Which sensor of another system's file is worn where; None: as their names say.

    Returns
    -------
    Recording
        With everything checked but the samples, which are checked as they are read.

    Raises
    ------
    RecordingError
        When it is no recording, or one that cannot be used.
    """
    path = Path(path)
    _check_cut(path, from_s, until_s)
    folder = path.parent if path.name == "recording.toml" and path.is_file() else path
    opened = _opened(folder, roles)
    own_laps, own_speed = _beside(folder, "laps.csv"), _beside(folder, "speed.csv")
    lap_file = laps or own_laps
    return Recording(
        name=folder.resolve().name,
        path=folder,
        metadata=opened.metadata,
        files=opened.files,
        laps=opened.laps if lap_file is None else read_laps(lap_file),
        speed=None if own_speed is None else read_speed(own_speed),
        activity=None if activity is None else read_activity(activity),
        from_s=from_s,
        until_s=until_s,
        remarks=opened.remarks,
    )


def _check_cut(path: Path, from_s: float | None, until_s: float | None) -> None:
    start_s = -math.inf if from_s is None else from_s
    end_s = math.inf if until_s is None else until_s
    if not start_s < end_s:
        raise RecordingError(
            f"{path.name} cannot be cut from {start_s:g} s until {end_s:g} s.",
            "Give --from and --until in seconds, --from first.",
            path=path,
        )


def _opened(folder: Path, roles: Mapping[Segment, str] | None) -> Opened:
    try:
        described = (folder / _SETTINGS).exists()
        is_folder = folder.is_dir()
        told = described or (folder / MAPPING).exists()
        is_dot = is_folder and not told and any(map(looks_like_dot, folder.glob("*.csv")))
    except (OSError, ValueError):
        described = is_folder = is_dot = False
    if described and roles is not None:
        raise RecordingError(
            f"{folder.name} says in its {_SETTINGS} which sensor is worn where.",
            "Leave the roles out, or change that file.",
            path=folder / _SETTINGS,
        )
    if described:
        return _open_described(folder)
    if is_dot and roles is None:
        return _open_dot(folder, None)
    foreign = open_foreign(folder, roles)
    if foreign is not None:
        return foreign
    raise _unknown(folder, is_folder=is_folder)


def _open_described(
    folder: Path,
) -> Opened:
    metadata = read_metadata(folder / _SETTINGS)
    if metadata.format == "foreign/1":
        return open_described(folder, metadata)
    if metadata.format == "movella-dot/1":
        return _open_dot(folder, metadata)
    if metadata.format == "hipimu/1":
        return Opened(metadata, _open_finished(folder, metadata))
    return Opened(metadata, open_sensors(folder, metadata))


def _open_dot(folder: Path, metadata: Metadata | None) -> Opened:
    complete, files, remarks = open_dot_folder(folder, metadata)
    return Opened(complete, files, remarks=remarks)


def _unknown(folder: Path, *, is_folder: bool) -> RecordingError:
    if is_folder:
        _refuse_unfinished(folder)
        what = (
            f"{folder.name or folder} is a folder without recording.toml or a known system's files."
        )
    elif folder.exists():
        what = f"{folder.name} is of no system that hipimu knows."
    else:
        what = f"There is no recording {folder}."
    return RecordingError(what, _KNOWN, path=folder)


def _open_finished(folder: Path, metadata: Metadata) -> tuple[SampleFile, ...]:
    sensors = metadata.sensors.by_segment()
    if not all((folder / sensor.file).exists() for sensor in sensors.values()):
        _refuse_unfinished(folder)
    return tuple(
        open_samples(segment, inside(folder, sensor.file, segment), sensor.rate_hz or 0.0)
        for segment, sensor in sensors.items()
    )


def _refuse_unfinished(folder: Path) -> None:
    """Refuse a recording of hipimu's own that is only a journal."""
    if (folder / _JOURNAL).exists():
        raise RecordingError(
            f"{folder.name or folder} has not been finished: it has a journal, but no samples.",
            f"Finish it by: hipimu recover {folder}.",
            path=folder,
        )


def _beside(folder: Path, name: str) -> Path | None:
    return inside(folder, name) if (folder / name).exists() else None


def _checked(file: SampleFile, from_s: float | None, until_s: float | None) -> Iterator[Samples]:
    """Cut and check; rows from `until_s` on are not even looked at."""
    check = PlausibilityCheck(file)
    last_s: float | None = None
    rows = 0
    for piece in file.pieces():
        stop = len(piece) if until_s is None else _reaches(piece.t_s, until_s)
        if stop == 0:
            break
        whole = stop == len(piece)
        piece = piece.part(0, stop)
        check_times(file, piece, last_s, from_s)
        last_s = float(piece.t_s[-1])
        start = 0 if from_s is None else int(np.searchsorted(piece.t_s, from_s))
        kept = piece.part(start, len(piece))
        if len(kept):
            check_values(file, kept)
            check.push(kept)
            rows += len(kept)
            yield kept
        if not whole:
            break
    if rows == 0:
        raise _nothing_left(file, from_s, until_s)
    check.flush()


def _reaches(t_s: FloatArray, until_s: float) -> int:
    later = t_s >= until_s
    return int(np.argmax(later)) if later.any() else len(t_s)


def _nothing_left(file: SampleFile, from_s: float | None, until_s: float | None) -> RecordingError:
    start = "the start" if from_s is None else f"{from_s:g} s"
    end = "the end" if until_s is None else f"{until_s:g} s"
    return RecordingError(
        f"{file.path.name} has no samples from {start} until {end}.",
        "Choose other times for --from and --until.",
        path=file.path,
        time_s=from_s,
        sensor=file.segment,
    )


def _slices(pieces: Iterator[Samples], *, common_clock: bool) -> Iterator[tuple[int, Samples]]:
    """Cut anew at fixed times, so that blocks do not depend on how the file was read."""
    held: list[Samples] = []
    held_slice = 0
    origin_s: float | None = 0.0 if common_clock else None
    for piece in pieces:
        origin_s = float(piece.t_s[0]) if origin_s is None else origin_s
        slices = np.floor((piece.t_s - origin_s) / BLOCK_S).astype(np.int64)
        bounds = [0, *(np.flatnonzero(np.diff(slices)) + 1).tolist(), len(piece)]
        for start, stop in pairwise(bounds):
            if held and slices[start] != held_slice:
                yield held_slice, joined(held)
                held = []
            held_slice = int(slices[start])
            held.append(piece.part(start, stop))
    if held:
        yield held_slice, joined(held)


def _block(segment: Segment, samples: Samples, clipping: ClippingMonitor) -> ImuBlock:
    clipped = clipping.push(samples)
    arrays = (samples.t_s, samples.gyr_rad_s, samples.acc_m_s2, clipped)
    for array in (*arrays, samples.mag_ut, samples.counter):
        if array is not None:
            array.setflags(write=False)
    return ImuBlock(
        sensor=segment,
        t_s=samples.t_s,
        gyr_rad_s=samples.gyr_rad_s,
        acc_m_s2=samples.acc_m_s2,
        clipped=clipped,
        mag_ut=samples.mag_ut,
        counter=samples.counter,
    )
