"""A simulated season into a store: every session runs, is analysed and kept like a real one."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hipimu.errors import HipimuError, OutputError
from hipimu.pipeline.keep import keep_recording
from hipimu.pipeline.workers import MOST_DEATHS, in_processes
from hipimu.sources.simulate import simulate
from hipimu.sources.simulate.season import (
    SESSIONS,
    SQUAD,
    Character,
    SeasonSession,
    days_before,
    recording_name,
    season_session,
)
from hipimu.store import Store, open_store

_REMEDY: Final = "The same command tries again."


@dataclass(frozen=True, slots=True)
class SeasonOrder:
    """One session to simulate and keep."""

    session: SeasonSession
    store: str = field(repr=False)
    """Its file, or its address, which may hold a password."""
    folder: Path
    """For the recording, as long as it is needed."""

    @property
    def name(self) -> str:
        """Of the recording."""
        return self.session.name


@dataclass(frozen=True, slots=True)
class SeasonRow:
    """What became of one session."""

    name: str
    error: str = ""
    """Empty: it is kept."""
    remedy: str = ""


def missing_sessions(
    store: Store, today: date, athletes: int = len(SQUAD), sessions: int = SESSIONS
) -> list[SeasonSession]:
    """Return what of the season a store has not, the latest sessions first.

    Parameters
    ----------
    store : Store
        Empty, or with an earlier part of the season, whose days then go on.
    today : date
        On which the season ends where none is there yet.
    athletes : int
        The first so many.
    sessions : int
        The latest so many of each.

    Raises
    ------
    OutputError
        When the store has athletes or sessions that are not of the season.
    """
    known = _known(store)
    last_day = next(iter(known.values()), today)
    wished = [
        (who, number)
        for number in reversed(range(SESSIONS - sessions, SESSIONS))
        for who in SQUAD[:athletes]
    ]
    return [
        season_session(who, number, last_day)
        for who, number in wished
        if recording_name(who, number) not in known
    ]


def _known(store: Store) -> dict[str, date]:
    """Recordings of the season that are kept, and the last day that follows from each."""
    of_season = {
        (who.name, recording_name(who, number)): days_before(who, number)
        for who in SQUAD
        for number in range(SESSIONS)
    }
    listed = store.listed()
    strangers = {athlete.name for athlete in store.athletes()} - {who.name for who in SQUAD}
    mine = [s for s in listed if s.simulated and (s.athlete, s.recording) in of_season]
    if strangers or len(mine) < len(listed):
        raise OutputError(
            f"The store {store.place} has athletes or sessions of somebody else.",
            "Give the season a store of its own, by --store or --out.",
        )
    return {
        own.recording: own.started_at.date() + of_season[own.athlete, own.recording]
        for own in mine
        if own.started_at is not None
    }


def make_season(
    store: Store, address: str, wanted: Sequence[SeasonSession], jobs: int
) -> Generator[SeasonRow, None, None]:
    """Simulate, analyse and keep sessions in worker processes.

    Parameters
    ----------
    store : Store
    address : str
        Of that store, for the workers.
    wanted : sequence of SeasonSession
        As from `missing_sessions`.
    jobs : int
        Worker processes.

    Yields
    ------
    SeasonRow
        One a session, as they are done. Closing the generator ends the work; what is kept stays.
    """
    _add_athletes(store, wanted)
    with TemporaryDirectory(prefix="hipimu-season-") as folder:
        orders = [SeasonOrder(session, address, Path(folder)) for session in wanted]
        yield from in_processes(make_session, orders, jobs, _given_up)


def _add_athletes(store: Store, wanted: Iterable[SeasonSession]) -> None:
    there = {athlete.name for athlete in store.athletes()}
    for who in _squad_of(wanted):
        if who.name not in there:
            store.add_athlete(who.name)


def _squad_of(wanted: Iterable[SeasonSession]) -> list[Character]:
    names = {session.athlete for session in wanted}
    return [who for who in SQUAD if who.name in names]


def make_session(order: SeasonOrder) -> SeasonRow:
    """Simulate, analyse and keep one session; imported by name in every worker.

    Parameters
    ----------
    order : SeasonOrder

    Returns
    -------
    SeasonRow
        What went wrong is said in it; nothing is raised.
    """
    session = order.session
    try:
        with TemporaryDirectory(dir=order.folder) as folder, open_store(order.store) as store:
            made = simulate(session.plan, Path(folder) / session.name, file_format="parquet")
            keep_recording(store, made.recording, session.athlete, context=session.context)
    except HipimuError as error:
        return SeasonRow(order.name, error.what, error.remedy)
    except OSError as error:
        return SeasonRow(order.name, f"{order.name}: {error.strerror or error}.", _REMEDY)
    return SeasonRow(order.name)


def _given_up(order: SeasonOrder) -> SeasonRow:
    what = f"{order.name}: the process that made it died, {MOST_DEATHS} times."
    return SeasonRow(order.name, what, "It may need more memory than there is: fewer --jobs.")
