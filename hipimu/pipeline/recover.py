"""From a journal to a finished recording: at the end of a run, after a crash, or decoded anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from hipimu.data import SEGMENTS, Beside, Entry, FloatArray, Lap, SensorHealth
from hipimu.errors import JournalError, UnknownNameError
from hipimu.gait import laps_of_marks
from hipimu.pipeline.radio import RadioPath, Wanted
from hipimu.protocol import Protocol, chosen, count_scale, known, read_protocol
from hipimu.sources.journal import Damage, Journal, JournalMetadata, read_journal
from hipimu.sources.laps import FASTEST_M_S
from hipimu.sources.metadata import Athlete, Metadata, Sensor, Sensors
from hipimu.sources.metadata_text import (
    write_heart_rate,
    write_laps,
    write_metadata,
    write_speed,
)
from hipimu.sources.samples_parquet import SamplesWriter, Scales

JOURNAL = "journal.bin"
SAMPLES = "samples.parquet"
LAPS = "laps.csv"
PROTOCOLS = "protocols"
"""Folder in a recording for protocol files that did not come with hipimu."""
_AT_ONCE = 8192

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Recovered:
    """What a journal gave."""

    folder: Path
    damage: Damage
    health: tuple[SensorHealth, ...]
    duration_s: float


def recover(folder: Path, *, progress: Progress | None = None) -> Recovered:
    """Decode a recording's journal, and write its samples and what describes them.

    Parameters
    ----------
    folder : Path
        ``NAME.hipimu``; its ``journal.bin`` is read and never changed.
    progress : callable or None
        Called with the share done, 0–1.

    Returns
    -------
    Recovered
        With what of the journal is damaged.

    Raises
    ------
    JournalError
        When there is no journal, or nothing in it can be used.
    UnknownNameError
        When a sensor speaks a protocol that is not known here.
    OutputError
        When the files cannot be written.
    """
    journal = read_journal(folder / JOURNAL)
    path = RadioPath(wanted(journal.metadata, folder))
    scales = scales_of(journal.metadata, folder)
    if not scales:
        raise JournalError(
            f"{folder.name} holds no sensor on pelvis or thighs.",
            "Record again with --role pelvis=ADDRESS and a thigh.",
            path=journal.path,
        )
    last_s = 0.0
    with SamplesWriter(folder / SAMPLES, scales) as writer:
        for share, batch in _batches(journal):
            for block in path.push(batch):
                writer.write(block)
            last_s = max(last_s, max(entry.t_host_ns for entry in batch) * 1e-9)
            if progress is not None:
                progress(share)
        for block in path.flush():
            writer.write(block)
    write_beside(folder, path.beside)
    _write_laps(folder, laps_of_marks(path.marks, last_s))
    health = path.health(last_s)
    described = {h.sensor for h in health if h.samples}
    write_metadata(folder / "recording.toml", described_by(journal.metadata, described))
    return Recovered(folder, journal.damage, health, last_s)


def _write_laps(folder: Path, laps: Sequence[Lap]) -> None:
    """Laps that are there may have been corrected by hand since: those stay."""
    if laps and not (folder / LAPS).exists():
        write_laps(folder / LAPS, laps)


def _batches(journal: Journal) -> Iterator[tuple[float, list[Entry]]]:
    total = max(journal.packets + journal.link_events + journal.notes, 1)
    entries = journal.entries()
    done = 0
    while batch := list(islice(entries, _AT_ONCE)):
        done += len(batch)
        yield min(done / total, 1.0), batch


def wanted(metadata: JournalMetadata, folder: Path) -> dict[str, Wanted]:
    """Return what each sensor of a journal speaks, and how it was set.

    Parameters
    ----------
    metadata : JournalMetadata
    folder : Path
        The recording: where protocols that hipimu does not bring may lie.

    Raises
    ------
    UnknownNameError
    """
    return {
        entry.sensor: Wanted(
            _protocol(entry.protocol, folder),
            {name: float(value) for name, value in entry.settings.items()},
        )
        for entry in metadata.sensors
    }


def _protocol(name: str, folder: Path) -> Protocol:
    # What comes with hipimu may have been mended since the recording.
    if name in known():
        return known()[name]
    own = folder / PROTOCOLS / f"{name}.toml"
    if "/" in name or "\\" in name or not own.is_file():
        raise UnknownNameError("sensor protocol", name, tuple(known()))
    return read_protocol(own)


def scales_of(metadata: JournalMetadata, folder: Path) -> dict[str, Scales]:
    """Return the worth of a count of every sensor on a segment."""
    found: dict[str, Scales] = {}
    for name, entry in wanted(metadata, folder).items():
        if name in SEGMENTS:
            values = chosen(entry.protocol, entry.settings)
            worth = {
                field: count_scale(entry.protocol, field, values) for field in ("acc", "gyr", "mag")
            }
            found[name] = Scales(*(None if w is None else abs(w) for w in worth.values()))
    return found


def described_by(metadata: JournalMetadata, delivered: Iterable[str]) -> Metadata:
    """Return what ``recording.toml`` says of a recording.

    Parameters
    ----------
    metadata : JournalMetadata
    delivered : iterable of str
        Sensors that sent samples; others are left out.
    """
    entries = {e.sensor: e for e in metadata.sensors if e.sensor in set(delivered)}
    sensors = {
        segment: Sensor(
            file=SAMPLES,
            rate_hz=entries[segment].rate_hz,
            protocol=entries[segment].protocol,
            device=entries[segment].device or None,
            address=entries[segment].address or None,
            serial=entries[segment].serial,
        )
        for segment in SEGMENTS
        if segment in entries
    }
    return Metadata(
        format="hipimu/1",
        started_at=metadata.started_at,
        synchronised=True,
        simulated=metadata.simulated,
        athlete=metadata.athlete or Athlete(),
        sensors=Sensors(**sensors),
    )


def write_beside(folder: Path, beside: Iterable[Beside]) -> None:
    """Write heart rate and speed that were recorded beside the IMUs, where there are any.

    Parameters
    ----------
    folder : Path
    beside : iterable of Beside
    """
    tracks = _tracks(beside)
    if "speed_m_s" in tracks:
        t_s, speed_m_s = tracks["speed_m_s"]
        # A foot pod that is shaken in the hand: no runner, and no reader takes it.
        real = speed_m_s <= FASTEST_M_S
        write_speed(folder / "speed.csv", t_s[real], speed_m_s[real])
    if "heart_rate_bpm" in tracks:
        write_heart_rate(folder / "heart_rate.csv", *tracks["heart_rate_bpm"])


def _tracks(beside: Iterable[Beside]) -> Mapping[str, tuple[FloatArray, FloatArray]]:
    parts: dict[str, list[tuple[FloatArray, FloatArray]]] = {}
    for said in beside:
        for name, values in said.signals.items():
            if values.ndim == 1:
                parts.setdefault(name, []).append((said.t_s, values))
    tracks = {}
    for name, pieces in parts.items():
        t_s = np.concatenate([t for t, _ in pieces])
        values = np.concatenate([v for _, v in pieces])
        # Two in one instant: the later one is what counts.
        last = np.flatnonzero(np.append(np.diff(t_s) > 0, True))
        tracks[name] = (t_s[last], values[last])
    return tracks
